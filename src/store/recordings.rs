//! The table of recordings under way: a row says how many bytes of the file count, and what job they have become.
//!
//! A recording whose job was made, but not yet written into its row, is finished all the same: the job has its key.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::row::{to_json, to_time};
use super::values::{Row, values};
use crate::domain::Timestamp;
use crate::domain::failure::JobError;
use crate::domain::ids::{JobId, RecordingId, TenantId};
use crate::domain::recording::Recording;
use chrono::DateTime;
use sqlx::AssertSqlSafe;
use std::fmt::Display;

/// The rows with the job of each, by its row or by its key.
const ROWS: &str = "select id, tenant, media_type, recorded_at, options, kept_bytes, refusal, \
    created_at, updated_at, coalesce(job_id, (select keys.job_id from \
    idempotency_keys keys where keys.tenant = recordings.tenant and keys.key = \
    'recording ' || recordings.id)) as job from recordings";

pub async fn create(tx: &mut Tx, recording: &Recording) -> Result<(), StoreError> {
    tx.execute(
        "create a recording",
        "insert into recordings (id, tenant, media_type, recorded_at, options, \
         kept_bytes, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        values![
            recording.id,
            &recording.tenant,
            &recording.media_type,
            recording.recorded_at.to_rfc3339(),
            to_json("options", &recording.options)?,
            recording.offset.cast_signed(),
            recording.created_at,
            recording.updated_at
        ],
    )
    .await?;
    Ok(())
}

/// How many recordings of a tenant are open.
pub async fn count_open(tx: &mut Tx, tenant: &TenantId) -> Result<i64, StoreError> {
    tx.alone(&[format!("recordings {}", tenant.as_str())]).await?;
    let sql =
        format!("select count(*) as n from ({ROWS} where tenant = $1) as found where job is null");
    tx.fetch_one("count recordings", AssertSqlSafe(sql), values![tenant]).await?.get("n")
}

pub async fn get(
    store: &Store,
    tenant: &TenantId,
    id: RecordingId,
) -> Result<Option<Recording>, StoreError> {
    let sql = AssertSqlSafe(format!("{ROWS} where id = $1 and tenant = $2"));
    let row = store.reader().fetch_optional("read a recording", sql, values![id, tenant]).await?;
    row.as_ref().map(to_recording).transpose()
}

/// The same as whoever writes next sees it: behind every change that is on its way.
pub async fn look(
    tx: &mut Tx,
    tenant: &TenantId,
    id: RecordingId,
) -> Result<Option<Recording>, StoreError> {
    let lock = tx.dialect().for_update();
    let sql = AssertSqlSafe(format!("{ROWS} where id = $1 and tenant = $2{lock}"));
    let row = tx.fetch_optional("look at a recording", sql, values![id, tenant]).await?;
    row.as_ref().map(to_recording).transpose()
}

/// The open ones of a tenant, newest first.
pub async fn list_open(store: &Store, tenant: &TenantId) -> Result<Vec<Recording>, StoreError> {
    let sql = AssertSqlSafe(format!(
        "select * from ({ROWS} where tenant = $1) as found where job is null order by id desc"
    ));
    let rows = store.reader().fetch_all("list recordings", sql, values![tenant]).await?;
    rows.iter().map(to_recording).collect()
}

/// All open ones, whoever they belong to.
pub async fn all_open(store: &Store) -> Result<Vec<Recording>, StoreError> {
    let sql =
        AssertSqlSafe(format!("select * from ({ROWS}) as found where job is null order by id"));
    let rows = store.reader().fetch_all("look for open recordings", sql, values![]).await?;
    rows.iter().map(to_recording).collect()
}

/// More of its bytes count from now on. Says whether they did: not where it has moved on, or is finished.
pub async fn grow(
    tx: &mut Tx,
    recording: &Recording,
    offset: u64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = tx
        .execute(
            "let a recording grow",
            "update recordings set kept_bytes = $3, updated_at = $4, refusal = null where id \
             = $1 and kept_bytes = $2 and job_id is null",
            values![recording.id, recording.offset.cast_signed(), offset.cast_signed(), now],
        )
        .await?;
    Ok(done == 1)
}

/// Writes down why it cannot become a job as it is.
pub async fn refuse(tx: &mut Tx, id: RecordingId, why: &JobError) -> Result<(), StoreError> {
    tx.execute(
        "refuse a recording",
        "update recordings set refusal = $2 where id = $1 and job_id is null",
        values![id, to_json("refusal", why)?],
    )
    .await?;
    Ok(())
}

/// Writes down which job it has become.
pub async fn finish(
    tx: &mut Tx,
    id: RecordingId,
    job: JobId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "finish a recording",
        "update recordings set job_id = $2, updated_at = $3, refusal = null where id = $1 \
         and job_id is null",
        values![id, job, now],
    )
    .await?;
    Ok(())
}

/// Writes down the jobs of recordings that an earlier run has finished without coming to this.
pub async fn settle(tx: &mut Tx) -> Result<u64, StoreError> {
    let sql = format!(
        "update recordings set job_id = found.job from ({ROWS}) as found where found.id = \
         recordings.id and recordings.job_id is null and found.job is not null"
    );
    tx.execute("settle recordings", AssertSqlSafe(sql), values![]).await
}

pub async fn remove(tx: &mut Tx, id: RecordingId) -> Result<(), StoreError> {
    tx.execute("remove a recording", "delete from recordings where id = $1", values![id]).await?;
    Ok(())
}

fn to_recording(row: &Row) -> Result<Recording, StoreError> {
    let text = |column: &str| row.get::<String>(column).map_err(broken);
    let maybe = |column: &str| row.get::<Option<String>>(column).map_err(broken);
    let number = |column: &str| row.get::<i64>(column).map_err(broken);
    let json = StoreError::decode;
    let refusal = maybe("refusal")?.map(|why| serde_json::from_str(&why)).transpose();
    Ok(Recording {
        id: text("id")?.parse().map_err(broken)?,
        tenant: TenantId::from(text("tenant")?),
        media_type: text("media_type")?,
        recorded_at: DateTime::parse_from_rfc3339(&text("recorded_at")?).map_err(broken)?,
        options: serde_json::from_str(&text("options")?).map_err(json("options"))?,
        offset: number("kept_bytes")?.cast_unsigned(),
        refusal: refusal.map_err(json("refusal"))?,
        job: maybe("job")?.map(|id| id.parse()).transpose().map_err(broken)?,
        created_at: to_time(number("created_at")?)?,
        updated_at: to_time(number("updated_at")?)?,
    })
}

fn broken(reason: impl Display) -> StoreError {
    StoreError::Column { reason: reason.to_string() }
}
