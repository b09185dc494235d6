//! What of a recording could not be heard: written with what was decoded, and told in the same transaction.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::events;
use super::jobs;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::record::EventKind;
use crate::domain::transcript::Gap;
use serde_json::json;
use sqlx::Row;

/// Keeps and tells the gaps of a job that has none yet. Fenced by the job's epoch.
pub async fn keep(tx: &mut Tx, job: &Job, gaps: &[Gap], now: Timestamp) -> Result<Job, StoreError> {
    if gaps.is_empty() {
        return Ok(job.clone());
    }
    let count = gaps.len() as i64;
    let job = jobs::advance(tx, job, job.fraction, 0, count).await?;
    let first = job.last_seq - count + 1;
    for ((idx, seq), gap) in (0i64..).zip(first..).zip(gaps) {
        sqlx::query(
            "insert into gaps (job_id, tenant, idx, start_ms, end_ms, reason) \
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(job.id.to_string())
        .bind(job.tenant.as_str())
        .bind(idx)
        .bind(gap.start_ms.cast_signed())
        .bind(gap.end_ms.cast_signed())
        .bind(&gap.reason)
        .execute(tx.conn())
        .await
        .map_err(StoreError::query("keep a gap"))?;
        events::append(tx, &job, seq, now, EventKind::Gap, &json!(gap)).await?;
    }
    Ok(job)
}

/// All gaps of a job, in the order of time.
pub async fn list(store: &Store, tenant: &TenantId, job: JobId) -> Result<Vec<Gap>, StoreError> {
    let failed = StoreError::query("read the gaps of a job");
    let rows = sqlx::query(
        "select start_ms, end_ms, reason from gaps where job_id = $1 and tenant = $2 order by idx",
    )
    .bind(job.to_string())
    .bind(tenant.as_str())
    .fetch_all(store.reader())
    .await
    .map_err(&failed)?;
    rows.iter()
        .map(|row| {
            let ms = |column: &str| row.try_get::<i64, _>(column).map(i64::cast_unsigned);
            Ok(Gap {
                start_ms: ms("start_ms").map_err(&failed)?,
                end_ms: ms("end_ms").map_err(&failed)?,
                reason: row.try_get("reason").map_err(&failed)?,
            })
        })
        .collect()
}
