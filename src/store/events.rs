//! The journal of a job: appended in the transaction of what it tells, read back from any number.

use super::database::{Store, Tx};
use super::dialect::Kind;
use super::error::StoreError;
use super::passages;
use super::row::to_time;
use super::values::{Row, values};
use super::wakes;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::record::{EventKind, FeedEvent, JobEvent};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

/// An event that is written when its transaction ends.
pub(super) struct Untold {
    pub job: JobId,
    tenant: TenantId,
    seq: i64,
    at: Timestamp,
    kind: EventKind,
    payload: String,
}

/// Appends one event under `seq`, which the caller has taken from the job's row in this transaction.
pub(super) fn append(
    tx: &mut Tx,
    job: &Job,
    seq: i64,
    at: Timestamp,
    kind: EventKind,
    data: &Value,
) {
    let (tenant, payload) = (job.tenant.clone(), data.to_string());
    tx.untold.push(Untold { job: job.id, tenant, seq, at, kind, payload });
}

/// The last step of a transaction. Who takes positions holds the tenant's feed until the commit: what is committed
/// later has the greater position, and none is left out.
pub(super) async fn write(tx: &mut Tx) -> Result<(), StoreError> {
    if tx.untold.is_empty() {
        return Ok(());
    }
    wakes::send(tx).await?;
    let mut feeds = BTreeMap::<String, Vec<Untold>>::new();
    for untold in std::mem::take(&mut tx.untold) {
        feeds.entry(untold.tenant.as_str().to_owned()).or_default().push(untold);
    }
    let columns = [
        ("job_id", Kind::Text),
        ("seq", Kind::Int),
        ("at", Kind::Int),
        ("kind", Kind::Text),
        ("payload", Kind::Text),
        ("position", Kind::Int),
    ];
    let insert = format!(
        "insert into job_events (job_id, tenant, seq, at, kind, payload, position) select \
         job_id, $1, seq, at, kind, payload, position from {} as told",
        tx.dialect().rows("$2", &columns)
    );
    // Always in the order of the tenants' names: two transactions never wait for each other's feed.
    for (tenant, told) in feeds {
        let first = take_positions(tx, &tenant, told.len()).await?;
        let row = |(position, it): (i64, &Untold)| {
            let Untold { job, seq, at, kind, payload, .. } = it;
            json!([job, seq, at.timestamp_millis(), kind.as_str(), payload, position])
        };
        let rows = Value::from_iter((first..).zip(&told).map(row));
        let insert = AssertSqlSafe(insert.clone());
        tx.execute("append events", insert, values![tenant, rows.to_string()]).await?;
    }
    Ok(())
}

/// Says which position is the first of those that were taken.
async fn take_positions(tx: &mut Tx, tenant: &str, count: usize) -> Result<i64, StoreError> {
    let count = count as i64;
    let row = tx
        .fetch_one(
            "take the positions of events",
            "insert into feeds (tenant, last) values ($1, $2) on conflict (tenant) do update \
             set last = feeds.last + excluded.last returning last",
            values![tenant, count],
        )
        .await?;
    Ok(row.get::<i64>("last")? - count + 1)
}

/// The events of a job after `seq`, in order, at most `limit`.
pub async fn after(
    store: &Store,
    tenant: &TenantId,
    job: JobId,
    seq: i64,
    limit: i64,
) -> Result<Vec<JobEvent>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "read the events of a job",
            "select seq, at, kind, payload from job_events where job_id = $1 and tenant = $2 \
             and seq > $3 order by seq limit $4",
            values![job, tenant, seq, limit],
        )
        .await?;
    rows.iter().map(to_event).collect()
}

/// The position of the newest event of all jobs of a tenant; 0 before the first.
pub async fn newest(store: &Store, tenant: &TenantId) -> Result<i64, StoreError> {
    let row = store
        .reader()
        .fetch_optional(
            "look for the newest event",
            "select last from feeds where tenant = $1",
            values![tenant],
        )
        .await?;
    row.map_or(Ok(0), |row| row.get("last"))
}

/// The events of all jobs of a tenant after `position`, in order, at most `limit`.
pub async fn feed(
    store: &Store,
    tenant: &TenantId,
    position: i64,
    limit: i64,
) -> Result<Vec<FeedEvent>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "read the events of all jobs",
            "select position, job_id, seq, at, kind, payload from job_events where tenant = \
             $1 and position > $2 order by position limit $3",
            values![tenant, position, limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let job = passages::to_job_id(row.get("job_id")?)?;
            let position = row.get("position")?;
            Ok(FeedEvent { position, job, event: to_event(row)? })
        })
        .collect()
}

fn to_event(row: &Row) -> Result<JobEvent, StoreError> {
    let kind: String = row.get("kind")?;
    let payload: String = row.get("payload")?;
    Ok(JobEvent {
        seq: row.get("seq")?,
        at: to_time(row.get("at")?)?,
        kind: EventKind::parse(&kind)
            .ok_or_else(|| StoreError::Column { reason: format!("event kind {kind}") })?,
        data: serde_json::from_str(&payload).map_err(StoreError::decode("event"))?,
    })
}
