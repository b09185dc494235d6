//! The journal of a job: appended in the transaction of what it tells, read back from any number.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::passages;
use super::row::to_time;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::record::{EventKind, FeedEvent, JobEvent};
use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Appends one event under `seq`, which the caller has taken from the job's row in this transaction.
pub(super) async fn append(
    tx: &mut Tx,
    job: &Job,
    seq: i64,
    at: Timestamp,
    kind: EventKind,
    data: &Value,
) -> Result<(), StoreError> {
    let position = next_position(tx, &job.tenant).await?;
    sqlx::query(
        "insert into job_events (job_id, tenant, seq, at, kind, payload, position) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(job.id.to_string())
    .bind(job.tenant.as_str())
    .bind(seq)
    .bind(at.timestamp_millis())
    .bind(kind.as_str())
    .bind(data.to_string())
    .bind(position)
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
    rows.iter().map(to_event).collect()
}

/// Taken by the only writer in the transaction of its event: what is committed later has the greater position.
async fn next_position(tx: &mut Tx, tenant: &TenantId) -> Result<i64, StoreError> {
    let failed = StoreError::query("take the position of an event");
    let row = sqlx::query(
        "insert into feeds (tenant, last) values ($1, 1) \
         on conflict (tenant) do update set last = last + 1 returning last",
    )
    .bind(tenant.as_str())
    .fetch_one(tx.conn())
    .await
    .map_err(&failed)?;
    row.try_get("last").map_err(failed)
}

/// The position of the newest event of all jobs of a tenant; 0 before the first.
pub async fn newest(store: &Store, tenant: &TenantId) -> Result<i64, StoreError> {
    let failed = StoreError::query("look for the newest event");
    let row = sqlx::query("select last from feeds where tenant = $1")
        .bind(tenant.as_str())
        .fetch_optional(store.reader())
        .await
        .map_err(&failed)?;
    row.map_or(Ok(0), |row| row.try_get("last").map_err(failed))
}

/// The events of all jobs of a tenant after `position`, in order, at most `limit`.
pub async fn feed(
    store: &Store,
    tenant: &TenantId,
    position: i64,
    limit: i64,
) -> Result<Vec<FeedEvent>, StoreError> {
    let rows = sqlx::query(
        "select position, job_id, seq, at, kind, payload from job_events \
         where tenant = $1 and position > $2 order by position limit $3",
    )
    .bind(tenant.as_str())
    .bind(position)
    .bind(limit)
    .fetch_all(store.reader())
    .await
    .map_err(StoreError::query("read the events of all jobs"))?;
    let decode = StoreError::query("decode an event");
    rows.iter()
        .map(|row| {
            let job = passages::to_job_id(row.try_get("job_id").map_err(&decode)?)?;
            let position = row.try_get("position").map_err(&decode)?;
            Ok(FeedEvent { position, job, event: to_event(row)? })
        })
        .collect()
}

fn to_event(row: &SqliteRow) -> Result<JobEvent, StoreError> {
    let decode = StoreError::query("decode an event");
    let kind: String = row.try_get("kind").map_err(&decode)?;
    let payload: String = row.try_get("payload").map_err(&decode)?;
    Ok(JobEvent {
        seq: row.try_get("seq").map_err(&decode)?,
        at: to_time(row.try_get("at").map_err(&decode)?)?,
        kind: EventKind::parse(&kind)
            .ok_or_else(|| StoreError::Column { reason: format!("event kind {kind}") })?,
        data: serde_json::from_str(&payload).map_err(StoreError::decode("event"))?,
    })
}
