//! The trash: a job in it is in no list and no count, until it is taken back or removed for good.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::jobs;
use super::passages;
use super::row::to_time;
use super::values::values;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;

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
    tx.execute(
        "move a job to or from the trash",
        "update jobs set trashed_at = $2 where id = $1",
        values![job.id, trashed_at],
    )
    .await?;
    let trashed_at = trashed_at.map(to_time).transpose()?;
    jobs::tell(tx, &Job { trashed_at, ..job.clone() }, now).await
}

/// The jobs that lie in the trash since `before` or longer.
pub async fn since(store: &Store, before: Timestamp) -> Result<Vec<(TenantId, JobId)>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "look into the trash",
            "select id, tenant from jobs where trashed_at <= $1 order by trashed_at",
            values![before],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let tenant: String = row.get("tenant")?;
            let id = passages::to_job_id(row.get("id")?)?;
            Ok((TenantId::from(tenant), id))
        })
        .collect()
}
