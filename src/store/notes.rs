//! The notes: one a job, written in the transaction that ends the job's composition, and listed as a diary.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::events;
use super::jobs;
use super::labels;
use super::passages;
use super::row::{SPOKEN, to_json};
use crate::domain::Timestamp;
use crate::domain::amendment::Amendment;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::{AudioFacts, Job};
use crate::domain::note::Note;
use crate::domain::record::EventKind;
use crate::domain::search::Term;
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::json;
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
    /// What note and transcript have to say together.
    pub terms: Vec<Term>,
    /// The last note of the page before; newest day first.
    pub before: Option<Place>,
    pub limit: i64,
}

/// A note's place in the diary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub spoken_at: NaiveDateTime,
    pub job: JobId,
}

/// A note with what a list says of its recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub job: JobId,
    pub note: Note,
    pub file_name: String,
    pub audio: AudioFacts,
}

impl Kept {
    pub fn place(&self) -> Place {
        Place { spoken_at: self.note.recorded_at.naive_local(), job: self.job }
    }
}

/// Keeps the note of a job, lets it be found, and tells it. Fenced by the job's epoch; a second note takes the first
/// one's place.
pub async fn put(tx: &mut Tx, job: &Job, note: &Note, now: Timestamp) -> Result<Job, StoreError> {
    let job = jobs::advance(tx, job, job.fraction, 0, 1).await?;
    sqlx::query(
        "insert into notes (job_id, tenant, note, created_at, spoken_at, title, summary, mood) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) \
         on conflict (job_id) do update set note = excluded.note, created_at = excluded.created_at, \
         spoken_at = excluded.spoken_at, title = excluded.title, summary = excluded.summary, \
         mood = excluded.mood",
    )
    .bind(job.id.to_string())
    .bind(job.tenant.as_str())
    .bind(to_json("note", note)?)
    .bind(now.timestamp_millis())
    .bind(note.recorded_at.format(SPOKEN).to_string())
    .bind(&note.title)
    .bind(&note.summary)
    .bind(&note.mood)
    .execute(tx.conn())
    .await
    .map_err(StoreError::query("keep a note"))?;
    labels::put(tx, &job, &note.tags).await?;
    passages::put(tx, &job, Some(note)).await?;
    let data = json!({ "title": note.title, "composer": note.composer });
    events::append(tx, &job, job.last_seq, now, EventKind::Note, &data).await?;
    Ok(job)
}

/// Gives a note, where there is one, the title and the tags that the person wants.
pub(super) async fn amend(tx: &mut Tx, job: &Job, amendment: &Amendment) -> Result<(), StoreError> {
    let failed = StoreError::query("amend a note");
    let row = sqlx::query("select note from notes where job_id = $1")
        .bind(job.id.to_string())
        .fetch_optional(tx.conn())
        .await
        .map_err(&failed)?;
    let Some(row) = row else { return Ok(()) };
    let json: &str = row.try_get("note").map_err(&failed)?;
    let note: Note = serde_json::from_str(json).map_err(StoreError::decode("note"))?;
    let note = Note {
        title: amendment.title.clone().unwrap_or(note.title),
        tags: amendment.tags.clone().unwrap_or(note.tags),
        ..note
    };
    sqlx::query("update notes set note = $2, title = $3 where job_id = $1")
        .bind(job.id.to_string())
        .bind(to_json("note", &note)?)
        .bind(&note.title)
        .execute(tx.conn())
        .await
        .map_err(failed)?;
    Ok(())
}

pub async fn get(store: &Store, tenant: &TenantId, job: JobId) -> Result<Option<Note>, StoreError> {
    let failed = StoreError::query("read a note");
    let row = sqlx::query("select note from notes where job_id = $1 and tenant = $2")
        .bind(job.to_string())
        .bind(tenant.as_str())
        .fetch_optional(store.reader())
        .await
        .map_err(&failed)?;
    let Some(row) = row else { return Ok(None) };
    let json: String = row.try_get("note").map_err(&failed)?;
    serde_json::from_str(&json).map(Some).map_err(StoreError::decode("note"))
}

/// One page of the diary, newest day first.
pub async fn list(
    store: &Store,
    tenant: &TenantId,
    filter: &Filter,
) -> Result<Vec<Kept>, StoreError> {
    let mut sql = QueryBuilder::<Sqlite>::new(
        "select notes.job_id, notes.note, jobs.file_name, jobs.audio from notes \
         join jobs on jobs.id = notes.job_id where jobs.trashed_at is null and notes.tenant = ",
    );
    sql.push_bind(tenant.as_str());
    if let Some(from) = filter.from {
        sql.push(" and notes.spoken_at >= ").push_bind(from.to_string());
    }
    if let Some(end) = filter.to.and_then(|to| to.succ_opt()) {
        sql.push(" and notes.spoken_at < ").push_bind(end.to_string());
    }
    if let Some(tag) = &filter.tag {
        sql.push(
            " and +notes.job_id in (select job_id from job_tags where is_trashed = 0 and tenant = ",
        );
        sql.push_bind(tenant.as_str()).push(" and tag = ").push_bind(tag).push(")");
    }
    if !filter.terms.is_empty() {
        sql.push(" and +notes.job_id in (");
        passages::push_jobs_that_say(&mut sql, &filter.terms);
        sql.push(")");
    }
    if let Some(Place { spoken_at, job }) = filter.before {
        sql.push(" and (notes.spoken_at, notes.job_id) < (");
        sql.push_bind(spoken_at.format(SPOKEN).to_string()).push(", ");
        sql.push_bind(job.to_string()).push(")");
    }
    sql.push(" order by notes.spoken_at desc, notes.job_id desc limit ").push_bind(filter.limit);
    let rows = sql.build().fetch_all(store.reader()).await;
    rows.map_err(StoreError::query("list notes"))?.iter().map(to_kept).collect()
}

fn to_kept(row: &SqliteRow) -> Result<Kept, StoreError> {
    let text =
        |column: &str| row.try_get::<String, _>(column).map_err(StoreError::query("list notes"));
    Ok(Kept {
        job: passages::to_job_id(&text("job_id")?)?,
        note: serde_json::from_str(&text("note")?).map_err(StoreError::decode("note"))?,
        file_name: text("file_name")?,
        audio: serde_json::from_str(&text("audio")?).map_err(StoreError::decode("audio facts"))?,
    })
}
