//! The journal of a job: appended in the transaction of what it tells, read back from any number.

use super::database::{Store, Tx};
use super::dialect::{Dialect, Kind};
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
    let mut feeds = BTreeMap::<String, Vec<Untold>>::new();
    for untold in std::mem::take(&mut tx.untold) {
        feeds.entry(untold.tenant.as_str().to_owned()).or_default().push(untold);
    }
    let what = "append events";
    // Always in the order of the tenants' names: two transactions never wait for each other's feed.
    for (tenant, told) in feeds {
        let row = |(nth, it): (usize, &Untold)| {
            let Untold { job, seq, at, kind, payload, .. } = it;
            json!([job, seq, at.timestamp_millis(), kind.as_str(), payload, nth])
        };
        let rows = Value::from_iter((1..).zip(&told).map(row)).to_string();
        let count = told.len() as i64;
        match tx.dialect() {
            Dialect::Lite => {
                let taken = tx.fetch_one(what, TAKE, values![&tenant, count]).await?;
                let insert = AssertSqlSafe(insert_sql(Dialect::Lite, "$4"));
                let last: i64 = taken.get("last")?;
                tx.execute(what, insert, values![tenant, count, rows, last]).await?;
            }
            // All at once, and whoever listens hears of it when it is committed.
            Dialect::Pg => {
                let insert = insert_sql(Dialect::Pg, "(select last from taken)");
                let sql = AssertSqlSafe(format!(
                    "with taken as ({TAKE}), told as ({insert}) select pg_notify($4, message) \
                     from json_array_elements_text($5::json) as messages (message)"
                ));
                let messages = wakes::messages(tx.origin.as_deref(), &told).to_string();
                tx.execute(what, sql, values![tenant, count, rows, wakes::CHANNEL, messages])
                    .await?;
            }
        }
    }
    Ok(())
}

/// Takes `$2` positions; gives back the last of them.
const TAKE: &str = "insert into feeds (tenant, last) values ($1, $2) on conflict (tenant) do update \
    set last = feeds.last + excluded.last returning last";

/// The events of `$3` at the `$2` positions that end with `last`.
fn insert_sql(dialect: Dialect, last: &str) -> String {
    let columns = [
        ("job_id", Kind::Text),
        ("seq", Kind::Int),
        ("at", Kind::Int),
        ("kind", Kind::Text),
        ("payload", Kind::Text),
        ("nth", Kind::Int),
    ];
    format!(
        "insert into job_events (job_id, tenant, seq, at, kind, payload, position) select \
         job_id, $1, seq, at, kind, payload, {last} - $2 + nth from {} as told",
        dialect.rows("$3", &columns)
    )
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
