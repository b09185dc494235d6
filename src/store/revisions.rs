//! The corrected versions of transcripts, each with what it changed in the one before.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::row::{to_json, to_time};
use crate::domain::edits::Revision;
use crate::domain::job::Job;
use sqlx::sqlite::SqliteRow;
use sqlx::{Executor, Row, Sqlite};

/// All versions of a job's transcript after Whisper's own, oldest first.
pub async fn list(store: &Store, job: &Job) -> Result<Vec<Revision>, StoreError> {
    read(store.reader(), job).await
}

/// The same, as this transaction sees them.
pub async fn list_in(tx: &mut Tx, job: &Job) -> Result<Vec<Revision>, StoreError> {
    read(tx.conn(), job).await
}

/// Writes a version down. There is no second one of its number.
pub async fn add(tx: &mut Tx, job: &Job, revision: &Revision) -> Result<(), StoreError> {
    sqlx::query(
        "insert into transcript_versions (job_id, tenant, version, created_at, edits) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(job.id.to_string())
    .bind(job.tenant.as_str())
    .bind(revision.version)
    .bind(revision.created_at.timestamp_millis())
    .bind(to_json("edits", &revision.edits)?)
    .execute(tx.conn())
    .await
    .map_err(StoreError::query("keep a version of a transcript"))?;
    Ok(())
}

async fn read<'e>(
    from: impl Executor<'e, Database = Sqlite>,
    job: &Job,
) -> Result<Vec<Revision>, StoreError> {
    let rows = sqlx::query(
        "select version, created_at, edits from transcript_versions \
         where job_id = $1 and tenant = $2 order by version",
    )
    .bind(job.id.to_string())
    .bind(job.tenant.as_str())
    .fetch_all(from)
    .await
    .map_err(StoreError::query("read the versions of a transcript"))?;
    rows.iter().map(to_revision).collect()
}

fn to_revision(row: &SqliteRow) -> Result<Revision, StoreError> {
    let failed = StoreError::query("read a version of a transcript");
    let edits: String = row.try_get("edits").map_err(&failed)?;
    Ok(Revision {
        version: row.try_get("version").map_err(&failed)?,
        created_at: to_time(row.try_get("created_at").map_err(&failed)?)?,
        edits: serde_json::from_str(&edits).map_err(StoreError::decode("edits"))?,
    })
}
