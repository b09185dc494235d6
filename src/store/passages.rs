//! The sentences of notes and transcripts with their times, written so that their words can be found.

use super::database::Tx;
use super::dialect::{Dialect, Kind};
use super::error::StoreError;
use super::transcripts;
use super::values::values;
use super::words;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::domain::note::Note;
use crate::domain::transcript::Segment;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::ops::Range;

/// Where a passage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Title,
    Note,
    Transcript,
}

/// A passage on its way in.
struct Said<'a> {
    source: Source,
    span_ms: Option<Range<u64>>,
    text: &'a str,
}

/// Lets everything be found that a job's name, note and transcript say, in place of what could be found before.
pub async fn put(tx: &mut Tx, job: &Job, note: Option<&Note>) -> Result<(), StoreError> {
    clear(tx, job.id).await?;
    let segments = transcripts::newest_in(tx, job).await?;
    let title = note.map_or(job.name(), |note| &note.title);
    let mut said = vec![Said { source: Source::Title, span_ms: None, text: title }];
    let sentences = note.iter().flat_map(|note| &note.sections).flat_map(|it| &it.sentences);
    said.extend(sentences.map(|it| Said {
        source: Source::Note,
        span_ms: Some(it.start_ms..it.end_ms),
        text: &it.text,
    }));
    said.extend(of_transcript(&segments));
    add(tx, job, &said).await?;
    gather(tx, job.id).await
}

/// What lets new jobs be found by their names, with the rows in `rows`.
pub(super) fn names_sql(dialect: Dialect, rows: &str) -> Vec<String> {
    let columns = [
        ("job_id", Kind::Text),
        ("tenant", Kind::Text),
        ("text", Kind::Text),
        ("words", Kind::Text),
    ];
    let (column, word) = words_column(dialect);
    let from = dialect.rows(rows, &columns);
    let passages = format!(
        "insert into passages (job_id, tenant, source, text{column}) \
         select job_id, tenant, 'title', text{word} from {from} as named"
    );
    match dialect {
        Dialect::Pg => vec![passages],
        Dialect::Lite => vec![
            passages,
            format!("insert into job_texts (job_id) select job_id from {from} as named"),
            format!(
                "insert into job_words (rowid, text) select job_texts.id, named.text from {from} as named \
                 join job_texts on job_texts.job_id = named.job_id"
            ),
        ],
    }
}

/// A row of [`names_sql`].
pub(super) fn name_row(dialect: Dialect, job: &Job) -> Value {
    let name = kept_text(job.name());
    let words = (dialect == Dialect::Pg).then(|| words::to_vector(&name));
    json!([job.id, job.tenant, name, words])
}

/// PostgreSQL keeps the words of a passage beside its text.
fn words_column(dialect: Dialect) -> (&'static str, &'static str) {
    match dialect {
        Dialect::Lite => ("", ""),
        Dialect::Pg => (", words", ", words::tsvector"),
    }
}

/// A text as both databases can keep it.
pub(super) fn kept_text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Lets be found what a transcript says now, in place of what it said before.
pub async fn put_transcript(
    tx: &mut Tx,
    job: &Job,
    segments: &[Segment],
) -> Result<(), StoreError> {
    tx.execute(
        "clear the index of a transcript",
        "delete from passages where job_id = $1 and source = 'transcript'",
        values![job.id],
    )
    .await?;
    add(tx, job, &of_transcript(segments).collect::<Vec<_>>()).await?;
    gather(tx, job.id).await
}

fn of_transcript(segments: &[Segment]) -> impl Iterator<Item = Said<'_>> {
    let said = segments.iter().filter(|segment| !segment.text.trim().is_empty());
    said.map(|it| Said {
        source: Source::Transcript,
        span_ms: Some(it.start_ms..it.end_ms),
        text: it.text.trim(),
    })
}

/// Writes passages, however many, in one statement.
async fn add(tx: &mut Tx, job: &Job, said: &[Said<'_>]) -> Result<(), StoreError> {
    let dialect = tx.dialect();
    let row = |it: &Said<'_>| {
        let (start_ms, end_ms) = it.span_ms.clone().map(|span| (span.start, span.end)).unzip();
        let text = kept_text(it.text);
        let words = (dialect == Dialect::Pg).then(|| words::to_vector(&text));
        json!([it.source.as_str(), start_ms, end_ms, text, words])
    };
    let rows = Value::from_iter(said.iter().map(row));
    let columns = [
        ("source", Kind::Text),
        ("start_ms", Kind::Int),
        ("end_ms", Kind::Int),
        ("text", Kind::Text),
        ("words", Kind::Text),
    ];
    let (column, word) = words_column(dialect);
    let sql = format!(
        "insert into passages (job_id, tenant, source, start_ms, end_ms, text{column}) \
         select $1, $2, source, start_ms, end_ms, text{word} from {} as said",
        dialect.rows("$3", &columns)
    );
    let values = values![job.id, &job.tenant, rows.to_string()];
    tx.execute("index what a job says", AssertSqlSafe(sql), values).await?;
    Ok(())
}

/// Lets a job be found by another title. The row stays where it is: passages lie in the order of the diary.
pub(super) async fn retitle(tx: &mut Tx, job: &Job, title: &str) -> Result<(), StoreError> {
    let sql = "update passages set text = $2 where job_id = $1 and source = 'title'";
    tx.execute("index a title", sql, values![job.id, title]).await?;
    if tx.dialect() == Dialect::Pg {
        let sql = "update passages set words = $2::tsvector where job_id = $1 and source = 'title'";
        tx.execute("index a title", sql, values![job.id, words::to_vector(title)]).await?;
    }
    gather(tx, job.id).await
}

/// Puts all passages of a job together to the one text that tells which jobs say something. The last step of whatever
/// changes a passage. What stands between two passages is a word of Unicode's private use, which no term can hold.
async fn gather(tx: &mut Tx, job: JobId) -> Result<(), StoreError> {
    // PostgreSQL finds the passages themselves, however many, by an index that knows the words' places.
    if tx.dialect() == Dialect::Pg {
        return Ok(());
    }
    for sql in [
        "delete from job_texts where job_id = $1",
        "insert into job_texts (job_id) values ($1)",
        "insert into job_words (rowid, text) select job_texts.id, \
         group_concat(passages.text, ' ' || char(57344) || ' ') from job_texts join \
         passages on passages.job_id = job_texts.job_id where job_texts.job_id = $1",
    ] {
        tx.execute("index the words of a job", sql, values![job]).await?;
    }
    Ok(())
}

/// Lets nothing of a job be found any more.
pub(super) async fn clear(tx: &mut Tx, job: JobId) -> Result<(), StoreError> {
    let what = "clear the index of a job";
    tx.execute(what, "delete from passages where job_id = $1", values![job]).await?;
    if tx.dialect() == Dialect::Lite {
        tx.execute(what, "delete from job_texts where job_id = $1", values![job]).await?;
    }
    Ok(())
}

pub(super) fn to_job_id(text: &str) -> Result<JobId, StoreError> {
    text.parse().map_err(|_| StoreError::Column { reason: format!("{text} is no job id") })
}

impl Source {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Note => "note",
            Self::Transcript => "transcript",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Title, Self::Note, Self::Transcript].into_iter().find(|it| it.as_str() == text)
    }
}
