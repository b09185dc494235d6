//! The trash: a job in it is in no list and no count, until it is taken back or removed for good.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::jobs;
use super::passages;
use super::row::to_time;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use sqlx::Row;

/// Puts a job into the trash, or with `None` takes it back, and tells it. One that is there already stays as it is.
pub async fn set(
    tx: &mut Tx,
    job: &Job,
    trashed_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Job, StoreError> {
    if job.trashed_at.is_some() == trashed_at.is_some() {
        return Ok(job.clone());
    }
    let trashed_at = trashed_at.map(|at| at.timestamp_millis());
    sqlx::query("update jobs set trashed_at = $2 where id = $1")
        .bind(job.id.to_string())
        .bind(trashed_at)
        .execute(tx.conn())
        .await
        .map_err(StoreError::query("move a job to or from the trash"))?;
    let trashed_at = trashed_at.map(to_time).transpose()?;
    jobs::tell(tx, &Job { trashed_at, ..job.clone() }, now).await
}

/// The jobs that lie in the trash since `before` or longer.
pub async fn since(store: &Store, before: Timestamp) -> Result<Vec<(TenantId, JobId)>, StoreError> {
    let failed = StoreError::query("look into the trash");
    let rows =
        sqlx::query("select id, tenant from jobs where trashed_at <= $1 order by trashed_at")
            .bind(before.timestamp_millis())
            .fetch_all(store.reader())
            .await
            .map_err(&failed)?;
    rows.iter()
        .map(|row| {
            let tenant: String = row.try_get("tenant").map_err(&failed)?;
            let id = passages::to_job_id(row.try_get("id").map_err(&failed)?)?;
            Ok((TenantId::from(tenant), id))
        })
        .collect()
}
