//! What of a recording could not be heard: written with what was decoded, and told in the same transaction.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::events;
use super::jobs;
use super::values::values;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::record::EventKind;
use crate::domain::transcript::Gap;
use serde_json::json;

/// Keeps and tells the gaps of a job that has none yet. Fenced by the job's epoch.
pub async fn keep(tx: &mut Tx, job: &Job, gaps: &[Gap], now: Timestamp) -> Result<Job, StoreError> {
    if gaps.is_empty() {
        return Ok(job.clone());
    }
    let count = gaps.len() as i64;
    let job = jobs::advance(tx, job, job.fraction, 0, count).await?;
    let first = job.last_seq - count + 1;
    for ((idx, seq), gap) in (0i64..).zip(first..).zip(gaps) {
        tx.execute(
            "keep a gap",
            "insert into gaps (job_id, tenant, idx, start_ms, end_ms, reason) values ($1, $2, \
             $3, $4, $5, $6)",
            values![
                job.id,
                &job.tenant,
                idx,
                gap.start_ms.cast_signed(),
                gap.end_ms.cast_signed(),
                &gap.reason
            ],
        )
        .await?;
        events::append(tx, &job, seq, now, EventKind::Gap, &json!(gap));
    }
    Ok(job)
}

/// All gaps of a job, in the order of time.
pub async fn list(store: &Store, tenant: &TenantId, job: JobId) -> Result<Vec<Gap>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "read the gaps of a job",
            "select start_ms, end_ms, reason from gaps where job_id = $1 and tenant = $2 \
             order by idx",
            values![job, tenant],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let ms = |column: &str| row.get::<i64>(column).map(i64::cast_unsigned);
            Ok(Gap { start_ms: ms("start_ms")?, end_ms: ms("end_ms")?, reason: row.get("reason")? })
        })
        .collect()
}
