//! The sentences of notes and transcripts with their times, and the index of their words.

use super::database::{Store, Tx};
use super::dialect::Kind;
use super::error::StoreError;
use super::statement::Statement;
use super::transcripts;
use super::values::{Row, values};
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::note::Note;
use crate::domain::search::Term;
use crate::domain::transcript::Segment;
use serde_json::json;
use sqlx::AssertSqlSafe;
use std::ops::Range;

/// Where a passage stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Title,
    Note,
    Transcript,
}

/// A passage that says what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    pub job: JobId,
    pub source: Source,
    /// Of the recording; a title has none.
    pub span_ms: Option<Range<u64>>,
    pub text: String,
    /// The words that were looked for, in characters of the text.
    pub marks: Vec<Range<usize>>,
}

/// What stands before and behind a found word on its way out of the database; no text holds them.
const MARK: char = '\u{2}';
const UNMARK: char = '\u{3}';

/// Lets everything be found that a job's name, note and transcript say, in place of what could be found before.
pub async fn put(tx: &mut Tx, job: &Job, note: Option<&Note>) -> Result<(), StoreError> {
    clear(tx, job.id).await?;
    add(tx, job, Source::Title, None, note.map_or(job.name(), |note| &note.title)).await?;
    for sentence in note.iter().flat_map(|note| &note.sections).flat_map(|it| &it.sentences) {
        let span = sentence.start_ms..sentence.end_ms;
        add(tx, job, Source::Note, Some(span), &sentence.text).await?;
    }
    let segments = transcripts::newest_in(tx, job).await?;
    add_transcript(tx, job, &segments).await?;
    gather(tx, job.id).await
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
    add_transcript(tx, job, segments).await?;
    gather(tx, job.id).await
}

async fn add_transcript(tx: &mut Tx, job: &Job, segments: &[Segment]) -> Result<(), StoreError> {
    let place = |it: &Segment| json!([it.start_ms, it.end_ms, it.text.trim()]);
    let said = segments.iter().filter(|segment| !segment.text.trim().is_empty());
    let said = serde_json::Value::from_iter(said.map(place));
    let columns = [("start_ms", Kind::Int), ("end_ms", Kind::Int), ("text", Kind::Text)];
    let sql = format!(
        "insert into passages (job_id, tenant, source, start_ms, end_ms, text) \
         select $1, $2, 'transcript', start_ms, end_ms, text from {} as said",
        tx.dialect().rows("$3", &columns)
    );
    let values = values![job.id, &job.tenant, said.to_string()];
    tx.execute("index a transcript", AssertSqlSafe(sql), values).await?;
    Ok(())
}

/// Lets a job be found by another title.
pub(super) async fn retitle(tx: &mut Tx, job: &Job, title: &str) -> Result<(), StoreError> {
    tx.execute(
        "index a title",
        "update passages set text = $2 where job_id = $1 and source = 'title'",
        values![job.id, title],
    )
    .await?;
    gather(tx, job.id).await
}

/// Puts all passages of a job together to the one text that tells which jobs say something. The last step of whatever
/// changes a passage. What stands between two passages is a word of Unicode's private use, which no term can hold.
pub(super) async fn gather(tx: &mut Tx, job: JobId) -> Result<(), StoreError> {
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

async fn add(
    tx: &mut Tx,
    job: &Job,
    source: Source,
    span_ms: Option<Range<u64>>,
    text: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "index a passage",
        "insert into passages (job_id, tenant, source, start_ms, end_ms, text) values \
         ($1, $2, $3, $4, $5, $6)",
        values![
            job.id,
            &job.tenant,
            source.as_str(),
            span_ms.as_ref().map(|span| span.start.cast_signed()),
            span_ms.as_ref().map(|span| span.end.cast_signed()),
            text
        ],
    )
    .await?;
    Ok(())
}

/// Lets nothing of a job be found any more.
pub(super) async fn clear(tx: &mut Tx, job: JobId) -> Result<(), StoreError> {
    for sql in ["delete from passages where job_id = $1", "delete from job_texts where job_id = $1"]
    {
        tx.execute("clear the index of a job", sql, values![job]).await?;
    }
    Ok(())
}

/// A query for the ids of the jobs that say each of these somewhere.
pub(super) fn push_jobs_that_say(sql: &mut Statement<'_>, terms: &[Term]) {
    sql.push(
        "select job_texts.job_id from job_words join job_texts on job_texts.id = \
         job_words.rowid where job_words match ",
    );
    sql.bind(terms.iter().map(to_match).collect::<Vec<_>>().join(" AND "));
}

/// The passages of these jobs that say any of the terms, in the order of the jobs' ids and of time.
pub async fn matches(
    store: &Store,
    tenant: &TenantId,
    jobs: &[JobId],
    terms: &[Term],
) -> Result<Vec<Match>, StoreError> {
    if jobs.is_empty() || terms.is_empty() {
        return Ok(Vec::new());
    }
    let any = terms.iter().map(to_match).collect::<Vec<_>>().join(" OR ");
    // Passages are written in the order of the diary, more or less: what a page shows is a short stretch of the index
    // where there is much to find, and where the stretch is long there is little.
    let mut sql = store
        .reader()
        .statement("with shown as materialized (select id from passages where tenant = ");
    sql.bind(tenant).push(" and job_id in (");
    sql.bind_list(jobs.iter().copied());
    sql.push(")) select highlight(passage_words, 0, ");
    sql.bind(MARK.to_string()).push(", ").bind(UNMARK.to_string());
    sql.push(
        ") as marked, passages.job_id, passages.source, passages.start_ms, passages.end_ms \
         from passage_words cross join passages on passages.id = passage_words.rowid \
         where passage_words.rowid between (select min(id) from shown) and (select max(id) from shown) \
         and +passages.id in (select id from shown) and passage_words match ",
    );
    sql.bind(any).push(" order by passages.job_id, passages.start_ms, passages.id");
    let rows = sql.fetch_all("search the notes").await?;
    rows.iter().map(to_match_row).collect()
}

/// A term holds letters, digits, apostrophes and spaces only, so that nothing of it can be an operator.
fn to_match(term: &Term) -> String {
    let Term { text, is_prefix } = term;
    format!("\"{text}\"{}", if *is_prefix { " *" } else { "" })
}

fn to_match_row(row: &Row) -> Result<Match, StoreError> {
    let text = |column: &str| row.get::<String>(column);
    let time = |column: &str| row.get::<Option<i64>>(column);
    let span_ms = time("start_ms")?.zip(time("end_ms")?);
    let (text_of, marks) = unmark(&text("marked")?);
    let source = text("source")?;
    Ok(Match {
        job: to_job_id(&text("job_id")?)?,
        source: Source::parse(&source)
            .ok_or_else(|| StoreError::Column { reason: format!("passage of a {source}") })?,
        span_ms: span_ms.map(|(start, end)| start.cast_unsigned()..end.cast_unsigned()),
        text: text_of,
        marks,
    })
}

/// Takes the marks out of a text, and says which characters they stood around.
fn unmark(marked: &str) -> (String, Vec<Range<usize>>) {
    let (mut text, mut marks) = (String::with_capacity(marked.len()), Vec::new());
    let (mut at, mut begun) = (0, None);
    for c in marked.chars() {
        match c {
            MARK => begun = Some(at),
            UNMARK => marks.extend(begun.take().map(|begun| begun..at)),
            c => {
                text.push(c);
                at += 1;
            }
        }
    }
    (text, marks)
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

    fn parse(text: &str) -> Option<Self> {
        [Self::Title, Self::Note, Self::Transcript].into_iter().find(|it| it.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_out_as_places_in_characters() {
        let (text, marks) = unmark("né \u{2}à Paris\u{3}, \u{2}oui\u{3}");
        assert_eq!((text.as_str(), marks), ("né à Paris, oui", vec![3..10, 12..15]));
        assert_eq!(unmark("nothing"), ("nothing".to_owned(), vec![]));
    }
}
