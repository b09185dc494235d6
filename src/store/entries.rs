//! The diary with everything in it: every job as an entry, listed and counted, with a note or without.

use super::database::Store;
use super::error::StoreError;
use super::notes::Place;
use super::row::{SPOKEN, job_columns, to_job};
use super::search;
use super::statement::Statement;
use super::values::Row;
use crate::domain::ids::TenantId;
use crate::domain::job::Job;
use crate::domain::search::Term;
use chrono::{NaiveDate, NaiveDateTime};

/// What a listing asks for; all of it optional.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The first day that is asked for.
    pub from: Option<NaiveDate>,
    /// The last one.
    pub to: Option<NaiveDate>,
    pub tag: Option<String>,
    pub status: Option<&'static str>,
    /// What title, note and transcript have to say together.
    pub terms: Vec<Term>,
    /// Those in the trash, rather than all others.
    pub is_trashed: bool,
    /// The last entry of the page before; newest day first.
    pub before: Option<Place>,
    pub limit: i64,
}

/// A job with what a list shows of its note.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub job: Job,
    pub spoken_at: NaiveDateTime,
    pub note: Option<Brief>,
    /// Those of the note, or those that the job was sent with.
    pub tags: Vec<String>,
    /// Whether a person has corrected the transcript.
    pub is_edited: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brief {
    pub title: String,
    pub summary: String,
    pub mood: Option<String>,
}

impl Entry {
    pub fn place(&self) -> Place {
        Place { spoken_at: self.spoken_at, job: self.job.id }
    }
}

/// One page, newest day first.
pub async fn list(
    store: &Store,
    tenant: &TenantId,
    filter: &Filter,
) -> Result<Vec<Entry>, StoreError> {
    // The page is cut out of the index first; only what is on it is read.
    let mut sql = store.reader().statement(format!(
        "select {}, jobs.spoken_at, notes.job_id as noted, notes.title as note_title, \
         notes.summary, notes.mood, (select {tags} from (select tag from job_tags where \
         job_tags.job_id = jobs.id order by idx) as kept) as tags, (select count(*) from \
         transcript_versions where transcript_versions.job_id = jobs.id) as versions from \
         jobs left join notes on notes.job_id = jobs.id",
        job_columns(),
        tags = store.reader().dialect().text_array("tag")
    ));
    push_conditions(&mut sql, tenant, filter);
    if let Some(Place { spoken_at, job }) = filter.before {
        sql.push(" and (jobs.spoken_at, jobs.id) < (");
        sql.bind(spoken_at.format(SPOKEN).to_string()).push(", ");
        sql.bind(job).push(")");
    }
    sql.push(" order by jobs.spoken_at desc, jobs.id desc limit ").bind(filter.limit);
    let rows = sql.fetch_all("list entries").await?;
    rows.iter().map(to_entry).collect()
}

/// How many entries fit, on whatever page.
pub async fn count(store: &Store, tenant: &TenantId, filter: &Filter) -> Result<i64, StoreError> {
    let mut sql = store.reader().statement("select count(*) as n from jobs");
    push_conditions(&mut sql, tenant, filter);
    let row = sql.fetch_one("count entries").await?;
    row.get("n")
}

/// The days that have entries, newest first, with their number. The trash does not count.
pub async fn count_days(
    store: &Store,
    tenant: &TenantId,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Result<Vec<(NaiveDate, i64)>, StoreError> {
    // Written as the index has it, which then is all that is read.
    let mut sql = store.reader().statement(
        "select substr(spoken_at, 1, 10) as day, count(*) as n from jobs where trashed_at \
         is null and tenant = ",
    );
    sql.bind(tenant);
    if let Some(from) = from {
        sql.push(" and substr(spoken_at, 1, 10) >= ").bind(from.to_string());
    }
    if let Some(to) = to {
        sql.push(" and substr(spoken_at, 1, 10) <= ").bind(to.to_string());
    }
    sql.push(" group by day order by day desc");
    let rows = sql.fetch_all("count the entries of days").await?;
    rows.iter()
        .map(|row| {
            let day: &str = row.get("day")?;
            let day = day.parse().map_err(|_| wrong_time(day))?;
            Ok((day, row.get("n")?))
        })
        .collect()
}

/// The indexes hold all that is asked here, so that no row is read that does not fit. The planner shall not
/// begin with what was found, which would have to be sorted.
fn push_conditions(sql: &mut Statement<'_>, tenant: &TenantId, filter: &Filter) {
    let id = sql.dialect().unindexed("jobs.id");
    let not = if filter.is_trashed { "not " } else { "" };
    sql.push(format!(" where jobs.trashed_at is {not}null and jobs.tenant = "));
    sql.bind(tenant);
    if let Some(from) = filter.from {
        sql.push(" and jobs.spoken_at >= ").bind(from.to_string());
    }
    if let Some(end) = filter.to.and_then(|to| to.succ_opt()) {
        sql.push(" and jobs.spoken_at < ").bind(end.to_string());
    }
    if let Some(status) = filter.status {
        sql.push(" and jobs.status = ").bind(status);
    }
    if let Some(tag) = &filter.tag {
        sql.push(format!(" and {id} in (select job_id from job_tags where is_trashed = "));
        sql.bind(filter.is_trashed).push(" and tenant = ").bind(tenant);
        sql.push(" and tag = ").bind(tag).push(")");
    }
    if !filter.terms.is_empty() {
        sql.push(format!(" and {id} in ("));
        search::push_jobs_that_say(sql, tenant, &filter.terms);
        sql.push(")");
    }
}

fn to_entry(row: &Row) -> Result<Entry, StoreError> {
    let text = |column: &str| row.get::<Option<String>>(column);
    let spoken_at: &str = row.get("spoken_at")?;
    let note = match text("noted")? {
        None => None,
        Some(_) => Some(Brief {
            title: text("note_title")?.unwrap_or_default(),
            summary: text("summary")?.unwrap_or_default(),
            mood: text("mood")?,
        }),
    };
    let tags: &str = row.get("tags")?;
    Ok(Entry {
        job: to_job(row)?,
        spoken_at: NaiveDateTime::parse_from_str(spoken_at, SPOKEN)
            .map_err(|_| wrong_time(spoken_at))?,
        note,
        tags: serde_json::from_str(tags).map_err(StoreError::decode("tags"))?,
        is_edited: row.get::<i64>("versions")? != 0,
    })
}

fn wrong_time(text: &str) -> StoreError {
    StoreError::Column { reason: format!("{text} is no time of a wall clock") }
}
