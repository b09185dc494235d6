//! The removal of a job: every row at once, and its name kept until its files are gone as well.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::passages;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use sqlx::Row;

/// Removes a job with its events, chunks, note and search entries; says whether there was one.
pub async fn remove(
    tx: &mut Tx,
    tenant: &TenantId,
    job: JobId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let failed = StoreError::query("remove a job");
    let removed = sqlx::query(
        "insert into removed_jobs (job_id, removed_at) \
         select id, $3 from jobs where id = $1 and tenant = $2",
    )
    .bind(job.to_string())
    .bind(tenant.as_str())
    .bind(now.timestamp_millis())
    .execute(tx.conn())
    .await
    .map_err(&failed)?;
    if removed.rows_affected() == 0 {
        return Ok(false);
    }
    passages::clear(tx, job).await?;
    // The rows of the other tables go with it.
    sqlx::query("delete from jobs where id = $1")
        .bind(job.to_string())
        .execute(tx.conn())
        .await
        .map_err(&failed)?;
    Ok(true)
}

/// The removed jobs whose files may still be there.
pub async fn unfinished(store: &Store) -> Result<Vec<JobId>, StoreError> {
    let failed = StoreError::query("look for unfinished removals");
    let rows = sqlx::query("select job_id from removed_jobs order by job_id")
        .fetch_all(store.reader())
        .await
        .map_err(&failed)?;
    rows.iter().map(|row| passages::to_job_id(row.try_get("job_id").map_err(&failed)?)).collect()
}

/// The files are gone: nothing is left of the job.
pub async fn finish(tx: &mut Tx, job: JobId) -> Result<(), StoreError> {
    sqlx::query("delete from removed_jobs where job_id = $1")
        .bind(job.to_string())
        .execute(tx.conn())
        .await
        .map_err(StoreError::query("finish a removal"))?;
    Ok(())
}

/// Whether the job is still there, as this transaction sees it.
pub async fn is_there(tx: &mut Tx, job: JobId) -> Result<bool, StoreError> {
    let found = sqlx::query("select 1 from jobs where id = $1")
        .bind(job.to_string())
        .fetch_optional(tx.conn())
        .await
        .map_err(StoreError::query("look for a job"))?;
    Ok(found.is_some())
}
