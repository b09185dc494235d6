//! The diary with everything in it: every job as an entry, listed and counted, with a note or without.

use super::dialect::Store;
use super::error::StoreError;
use super::notes::Place;
use super::passages;
use super::row::{SPOKEN, job_columns, to_job};
use crate::domain::ids::TenantId;
use crate::domain::job::Job;
use crate::domain::search::Term;
use chrono::{NaiveDate, NaiveDateTime};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

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
    let mut sql = QueryBuilder::<Sqlite>::new(format!(
        "select {}, jobs.spoken_at, notes.job_id as noted, notes.title as note_title, notes.summary, \
         notes.mood, (select json_group_array(tag) from (select tag from job_tags \
         where job_tags.job_id = jobs.id order by idx)) as tags, \
         exists (select 1 from transcript_versions where transcript_versions.job_id = jobs.id) as is_edited \
         from jobs left join notes on notes.job_id = jobs.id",
        job_columns()
    ));
    push_conditions(&mut sql, tenant, filter);
    if let Some(Place { spoken_at, job }) = filter.before {
        sql.push(" and (jobs.spoken_at, jobs.id) < (");
        sql.push_bind(spoken_at.format(SPOKEN).to_string()).push(", ");
        sql.push_bind(job.to_string()).push(")");
    }
    sql.push(" order by jobs.spoken_at desc, jobs.id desc limit ").push_bind(filter.limit);
    let rows = sql.build().fetch_all(store.reader()).await;
    rows.map_err(StoreError::query("list entries"))?.iter().map(to_entry).collect()
}

/// How many entries fit, on whatever page.
pub async fn count(store: &Store, tenant: &TenantId, filter: &Filter) -> Result<i64, StoreError> {
    let failed = StoreError::query("count entries");
    let mut sql = QueryBuilder::<Sqlite>::new("select count(*) as n from jobs");
    push_conditions(&mut sql, tenant, filter);
    let row = sql.build().fetch_one(store.reader()).await.map_err(&failed)?;
    row.try_get("n").map_err(failed)
}

/// The days that have entries, newest first, with their number. The trash does not count.
pub async fn count_days(
    store: &Store,
    tenant: &TenantId,
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
) -> Result<Vec<(NaiveDate, i64)>, StoreError> {
    let failed = StoreError::query("count the entries of days");
    // Written as the index has it, which then is all that is read.
    let mut sql = QueryBuilder::<Sqlite>::new(
        "select substr(spoken_at, 1, 10) as day, count(*) as n from jobs \
         where trashed_at is null and tenant = ",
    );
    sql.push_bind(tenant.as_str());
    if let Some(from) = from {
        sql.push(" and substr(spoken_at, 1, 10) >= ").push_bind(from.to_string());
    }
    if let Some(to) = to {
        sql.push(" and substr(spoken_at, 1, 10) <= ").push_bind(to.to_string());
    }
    sql.push(" group by day order by day desc");
    let rows = sql.build().fetch_all(store.reader()).await.map_err(&failed)?;
    rows.iter()
        .map(|row| {
            let day: &str = row.try_get("day").map_err(&failed)?;
            let day = day.parse().map_err(|_| wrong_time(day))?;
            Ok((day, row.try_get("n").map_err(&failed)?))
        })
        .collect()
}

/// The indexes hold all that is asked here, so that no row is read that does not fit. A `+` keeps SQLite from
/// beginning with what was found, which would have to be sorted.
fn push_conditions(sql: &mut QueryBuilder<Sqlite>, tenant: &TenantId, filter: &Filter) {
    let not = if filter.is_trashed { "not " } else { "" };
    sql.push(format!(" where jobs.trashed_at is {not}null and jobs.tenant = "));
    sql.push_bind(tenant.as_str().to_owned());
    if let Some(from) = filter.from {
        sql.push(" and jobs.spoken_at >= ").push_bind(from.to_string());
    }
    if let Some(end) = filter.to.and_then(|to| to.succ_opt()) {
        sql.push(" and jobs.spoken_at < ").push_bind(end.to_string());
    }
    if let Some(status) = filter.status {
        sql.push(" and jobs.status = ").push_bind(status);
    }
    if let Some(tag) = &filter.tag {
        sql.push(" and +jobs.id in (select job_id from job_tags where is_trashed = ");
        sql.push_bind(filter.is_trashed)
            .push(" and tenant = ")
            .push_bind(tenant.as_str().to_owned());
        sql.push(" and tag = ").push_bind(tag.clone()).push(")");
    }
    if !filter.terms.is_empty() {
        sql.push(" and +jobs.id in (");
        passages::push_jobs_that_say(sql, &filter.terms);
        sql.push(")");
    }
}

fn to_entry(row: &SqliteRow) -> Result<Entry, StoreError> {
    let failed = StoreError::query("list entries");
    let text = |column: &str| row.try_get::<Option<String>, _>(column).map_err(&failed);
    let spoken_at: &str = row.try_get("spoken_at").map_err(&failed)?;
    let note = match text("noted")? {
        None => None,
        Some(_) => Some(Brief {
            title: text("note_title")?.unwrap_or_default(),
            summary: text("summary")?.unwrap_or_default(),
            mood: text("mood")?,
        }),
    };
    let tags: &str = row.try_get("tags").map_err(&failed)?;
    Ok(Entry {
        job: to_job(row)?,
        spoken_at: NaiveDateTime::parse_from_str(spoken_at, SPOKEN)
            .map_err(|_| wrong_time(spoken_at))?,
        note,
        tags: serde_json::from_str(tags).map_err(StoreError::decode("tags"))?,
        is_edited: row.try_get::<i64, _>("is_edited").map_err(&failed)? != 0,
    })
}

fn wrong_time(text: &str) -> StoreError {
    StoreError::Column { reason: format!("{text} is no time of a wall clock") }
}
