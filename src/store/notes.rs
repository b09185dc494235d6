//! The notes: one a job, written in the transaction that ends the job's composition.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::events;
use super::jobs;
use super::row::to_json;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::note::Note;
use crate::domain::record::EventKind;
use serde_json::json;
use sqlx::Row;

/// Keeps the note of a job and tells it. Fenced by the job's epoch; a second note takes the first one's place.
pub async fn put(tx: &mut Tx, job: &Job, note: &Note, now: Timestamp) -> Result<Job, StoreError> {
    let job = jobs::advance(tx, job, job.fraction, 0, 1).await?;
    sqlx::query(
        "insert into notes (job_id, tenant, note, created_at) values ($1, $2, $3, $4) \
         on conflict (job_id) do update set note = excluded.note, created_at = excluded.created_at",
    )
    .bind(job.id.to_string())
    .bind(job.tenant.as_str())
    .bind(to_json("note", note)?)
    .bind(now.timestamp_millis())
    .execute(tx.conn())
    .await
    .map_err(StoreError::query("keep a note"))?;
    let data = json!({ "title": note.title, "composer": note.composer });
    events::append(tx, &job, job.last_seq, now, EventKind::Note, &data).await?;
    Ok(job)
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
