//! The notes: one a job, written in the transaction that ends the job's composition, and listed as a diary.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::events;
use super::jobs;
use super::labels;
use super::passages;
use super::row::{SPOKEN, to_json};
use super::search;
use super::values::{Row, values};
use crate::domain::Timestamp;
use crate::domain::amendment::Amendment;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::{AudioFacts, Job};
use crate::domain::note::Note;
use crate::domain::record::EventKind;
use crate::domain::search::Term;
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::json;

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
    tx.execute(
        "keep a note",
        "insert into notes (job_id, tenant, note, created_at, spoken_at, title, summary, \
         mood) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (job_id) do update set \
         note = excluded.note, created_at = excluded.created_at, spoken_at = \
         excluded.spoken_at, title = excluded.title, summary = excluded.summary, mood = \
         excluded.mood",
        values![
            job.id,
            &job.tenant,
            to_json("note", note)?,
            now,
            note.recorded_at.format(SPOKEN).to_string(),
            &note.title,
            &note.summary,
            &note.mood
        ],
    )
    .await?;
    labels::put(tx, &job, &note.tags).await?;
    passages::put(tx, &job, Some(note)).await?;
    let data = json!({ "title": note.title, "composer": note.composer });
    events::append(tx, &job, job.last_seq, now, EventKind::Note, &data);
    Ok(job)
}

/// Gives a note, where there is one, the title and the tags that the person wants.
pub(super) async fn amend(tx: &mut Tx, job: &Job, amendment: &Amendment) -> Result<(), StoreError> {
    let row = tx
        .fetch_optional("amend a note", "select note from notes where job_id = $1", values![job.id])
        .await?;
    let Some(row) = row else { return Ok(()) };
    let json: &str = row.get("note")?;
    let note: Note = serde_json::from_str(json).map_err(StoreError::decode("note"))?;
    let note = Note {
        title: amendment.title.clone().unwrap_or(note.title),
        tags: amendment.tags.clone().unwrap_or(note.tags),
        ..note
    };
    tx.execute(
        "amend a note",
        "update notes set note = $2, title = $3 where job_id = $1",
        values![job.id, to_json("note", &note)?, &note.title],
    )
    .await?;
    Ok(())
}

pub async fn get(store: &Store, tenant: &TenantId, job: JobId) -> Result<Option<Note>, StoreError> {
    let row = store
        .reader()
        .fetch_optional(
            "read a note",
            "select note from notes where job_id = $1 and tenant = $2",
            values![job, tenant],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let json: String = row.get("note")?;
    serde_json::from_str(&json).map(Some).map_err(StoreError::decode("note"))
}

/// One page of the diary, newest day first.
pub async fn list(
    store: &Store,
    tenant: &TenantId,
    filter: &Filter,
) -> Result<Vec<Kept>, StoreError> {
    let mut sql = store.reader().statement(
        "select notes.job_id, notes.note, jobs.file_name, jobs.audio from notes join jobs \
         on jobs.id = notes.job_id where jobs.trashed_at is null and notes.tenant = ",
    );
    sql.bind(tenant);
    let id = sql.dialect().unindexed("notes.job_id");
    if let Some(from) = filter.from {
        sql.push(" and notes.spoken_at >= ").bind(from.to_string());
    }
    if let Some(end) = filter.to.and_then(|to| to.succ_opt()) {
        sql.push(" and notes.spoken_at < ").bind(end.to_string());
    }
    if let Some(tag) = &filter.tag {
        sql.push(format!(
            " and {id} in (select job_id from job_tags where is_trashed = 0 and tenant = "
        ));
        sql.bind(tenant).push(" and tag = ").bind(tag).push(")");
    }
    if !filter.terms.is_empty() {
        sql.push(format!(" and {id} in ("));
        search::push_jobs_that_say(&mut sql, tenant, &filter.terms);
        sql.push(")");
    }
    if let Some(Place { spoken_at, job }) = filter.before {
        sql.push(" and (notes.spoken_at, notes.job_id) < (");
        sql.bind(spoken_at.format(SPOKEN).to_string()).push(", ");
        sql.bind(job).push(")");
    }
    sql.push(" order by notes.spoken_at desc, notes.job_id desc limit ").bind(filter.limit);
    let rows = sql.fetch_all("list notes").await?;
    rows.iter().map(to_kept).collect()
}

fn to_kept(row: &Row) -> Result<Kept, StoreError> {
    let text = |column: &str| row.get::<String>(column);
    Ok(Kept {
        job: passages::to_job_id(&text("job_id")?)?,
        note: serde_json::from_str(&text("note")?).map_err(StoreError::decode("note"))?,
        file_name: text("file_name")?,
        audio: serde_json::from_str(&text("audio")?).map_err(StoreError::decode("audio facts"))?,
    })
}
