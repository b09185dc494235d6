//! Which jobs say something, and where: by the full-text index of either database.
//!
//! SQLite's FTS5 tells words apart itself, and marks them. PostgreSQL is given words that are told apart here in the same
//! way, and what it finds is marked here.

use super::database::Store;
use super::dialect::Dialect;
use super::error::StoreError;
use super::passages::{Source, to_job_id};
use super::statement::Statement;
use super::values::Row;
use super::words;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::search::Term;
use std::ops::Range;

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

/// What stands before and behind a found word on its way out of SQLite; no text holds them.
const MARK: char = '\u{2}';
const UNMARK: char = '\u{3}';

/// A query for the ids of the jobs of a tenant that say each of these somewhere.
pub(super) fn push_jobs_that_say(sql: &mut Statement<'_>, tenant: &TenantId, terms: &[Term]) {
    match sql.dialect() {
        Dialect::Lite => {
            sql.push(
                "select job_texts.job_id from job_words \
                 join job_texts on job_texts.id = job_words.rowid where job_words match ",
            );
            sql.bind(terms.iter().map(to_match).collect::<Vec<_>>().join(" AND "));
        }
        Dialect::Pg => {
            for (nth, term) in terms.iter().enumerate() {
                sql.push(if nth == 0 { "" } else { " intersect " });
                sql.push("select job_id from passages where tenant = ").bind(tenant);
                sql.push(" and words @@ ").bind(words::to_query(term)).push("::tsquery");
            }
        }
    }
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
    match store.reader().dialect() {
        Dialect::Lite => matches_lite(store, tenant, jobs, terms).await,
        Dialect::Pg => matches_pg(store, tenant, jobs, terms).await,
    }
}

async fn matches_lite(
    store: &Store,
    tenant: &TenantId,
    jobs: &[JobId],
    terms: &[Term],
) -> Result<Vec<Match>, StoreError> {
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
    let found = |row: &Row| {
        let (text, marks) = unmark(row.get("marked")?);
        to_match_row(row, text, marks)
    };
    rows.iter().map(found).collect()
}

async fn matches_pg(
    store: &Store,
    tenant: &TenantId,
    jobs: &[JobId],
    terms: &[Term],
) -> Result<Vec<Match>, StoreError> {
    let any = terms.iter().map(words::to_query).collect::<Vec<_>>().join(" | ");
    let mut sql = store
        .reader()
        .statement("select text, job_id, source, start_ms, end_ms from passages where words @@ ");
    sql.bind(any).push("::tsquery and tenant = ").bind(tenant).push(" and job_id in (");
    sql.bind_list(jobs.iter().copied()).push(") order by job_id, start_ms nulls first, id");
    let rows = sql.fetch_all("search the notes").await?;
    let found = |row: &Row| {
        let text: String = row.get("text")?;
        let marks = words::marks(&text, terms);
        to_match_row(row, text, marks)
    };
    rows.iter().map(found).collect()
}

/// A term holds letters, digits, apostrophes and spaces only, so that nothing of it can be an operator.
fn to_match(term: &Term) -> String {
    let Term { text, is_prefix } = term;
    format!("\"{text}\"{}", if *is_prefix { " *" } else { "" })
}

fn to_match_row(row: &Row, text: String, marks: Vec<Range<usize>>) -> Result<Match, StoreError> {
    let time = |column: &str| row.get::<Option<i64>>(column);
    let span_ms = time("start_ms")?.zip(time("end_ms")?);
    let source: String = row.get("source")?;
    Ok(Match {
        job: to_job_id(row.get("job_id")?)?,
        source: Source::parse(&source)
            .ok_or_else(|| StoreError::Column { reason: format!("passage of a {source}") })?,
        span_ms: span_ms.map(|(start, end)| start.cast_unsigned()..end.cast_unsigned()),
        text,
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
