//! The removal of a job: every row at once, and its name kept until its files are gone as well.

use super::database::{Store, Tx};
use super::dialect::Kind;
use super::error::StoreError;
use super::passages;
use super::values::values;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::HashSet;

/// Removes a job with its events, chunks, note and search entries; says whether there was one.
pub async fn remove(
    tx: &mut Tx,
    tenant: &TenantId,
    job: JobId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let removed = tx
        .execute(
            "remove a job",
            "insert into removed_jobs (job_id, removed_at) select id, $3 from jobs where id = \
             $1 and tenant = $2",
            values![job, tenant, now],
        )
        .await?;
    if removed == 0 {
        return Ok(false);
    }
    passages::clear(tx, job).await?;
    // The rows of the other tables go with it, and what this transaction still had to tell of it.
    tx.untold.retain(|untold| untold.job != job);
    tx.execute("remove a job", "delete from jobs where id = $1", values![job]).await?;
    Ok(true)
}

/// Which of these are jobs, of whatever tenant.
pub async fn known(store: &Store, asked: &[JobId]) -> Result<HashSet<JobId>, StoreError> {
    let rows = store.reader().dialect().rows("$1", &[("id", Kind::Text)]);
    let sql = format!("select jobs.id from {rows} as asked join jobs on jobs.id = asked.id");
    let asked = Value::from_iter(asked.iter().map(|id| json!([id]))).to_string();
    let rows =
        store.reader().fetch_all("look for jobs", AssertSqlSafe(sql), values![asked]).await?;
    rows.iter().map(|row| passages::to_job_id(row.get("id")?)).collect()
}

/// The removed jobs whose files may still be there.
pub async fn unfinished(store: &Store) -> Result<Vec<JobId>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "look for unfinished removals",
            "select job_id from removed_jobs order by job_id",
            values![],
        )
        .await?;
    rows.iter().map(|row| passages::to_job_id(row.get("job_id")?)).collect()
}

/// The files are gone: nothing is left of the job.
pub async fn finish(tx: &mut Tx, job: JobId) -> Result<(), StoreError> {
    tx.execute("finish a removal", "delete from removed_jobs where job_id = $1", values![job])
        .await?;
    Ok(())
}

/// Whether the job is still there, as this transaction sees it.
pub async fn is_there(tx: &mut Tx, job: JobId) -> Result<bool, StoreError> {
    let found = tx
        .fetch_optional("look for a job", "select 1 from jobs where id = $1", values![job])
        .await?;
    Ok(found.is_some())
}
