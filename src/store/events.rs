//! The journal of a job: appended in the transaction of what it tells, read back from any number.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::row::to_time;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::record::{EventKind, JobEvent};
use serde_json::Value;
use sqlx::Row;

/// Appends one event under `seq`, which the caller has taken from the job's row in this transaction.
pub(super) async fn append(
    tx: &mut Tx,
    job: &Job,
    seq: i64,
    at: Timestamp,
    kind: EventKind,
    data: &Value,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into job_events (job_id, tenant, seq, at, kind, payload) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(job.id.to_string())
    .bind(job.tenant.as_str())
    .bind(seq)
    .bind(at.timestamp_millis())
    .bind(kind.as_str())
    .bind(data.to_string())
    .execute(tx.conn())
    .await
    .map_err(StoreError::query("append an event"))?;
    Ok(())
}

/// The events of a job after `seq`, in order, at most `limit`.
pub async fn after(
    store: &Store,
    tenant: &TenantId,
    job: JobId,
    seq: i64,
    limit: i64,
) -> Result<Vec<JobEvent>, StoreError> {
    let rows = sqlx::query(
        "select seq, at, kind, payload from job_events \
         where job_id = $1 and tenant = $2 and seq > $3 order by seq limit $4",
    )
    .bind(job.to_string())
    .bind(tenant.as_str())
    .bind(seq)
    .bind(limit)
    .fetch_all(store.reader())
    .await
    .map_err(StoreError::query("read the events of a job"))?;
    let decode = StoreError::query("decode an event");
    rows.iter()
        .map(|row| {
            let kind: String = row.try_get("kind").map_err(&decode)?;
            let payload: String = row.try_get("payload").map_err(&decode)?;
            Ok(JobEvent {
                seq: row.try_get("seq").map_err(&decode)?,
                at: to_time(row.try_get("at").map_err(&decode)?)?,
                kind: EventKind::parse(&kind)
                    .ok_or_else(|| StoreError::Column { reason: format!("event kind {kind}") })?,
                data: serde_json::from_str(&payload).map_err(StoreError::decode("event"))?,
            })
        })
        .collect()
}
