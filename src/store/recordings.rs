//! The table of recordings under way: a row says how many bytes of the file count, and what job they have become.
//!
//! A recording whose job was made, but not yet written into its row, is finished all the same: the job has its key.

use super::dialect::{Store, Tx};
use super::error::StoreError;
use super::row::{to_json, to_time};
use crate::domain::Timestamp;
use crate::domain::failure::JobError;
use crate::domain::ids::{JobId, RecordingId, TenantId};
use crate::domain::recording::Recording;
use chrono::DateTime;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};
use std::fmt::Display;

/// The rows with the job of each, by its row or by its key.
const ROWS: &str = "select id, tenant, media_type, recorded_at, options, kept_bytes, refusal, created_at, \
     updated_at, coalesce(job_id, (select keys.job_id from idempotency_keys keys \
     where keys.tenant = recordings.tenant and keys.key = 'recording ' || recordings.id)) as job from recordings";

pub async fn create(tx: &mut Tx, recording: &Recording) -> Result<(), StoreError> {
    sqlx::query(
        "insert into recordings (id, tenant, media_type, recorded_at, options, kept_bytes, created_at, \
         updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(recording.id.to_string())
    .bind(recording.tenant.as_str())
    .bind(&recording.media_type)
    .bind(recording.recorded_at.to_rfc3339())
    .bind(to_json("options", &recording.options)?)
    .bind(recording.offset.cast_signed())
    .bind(recording.created_at.timestamp_millis())
    .bind(recording.updated_at.timestamp_millis())
    .execute(tx.conn())
    .await
    .map_err(StoreError::query("create a recording"))?;
    Ok(())
}

/// How many recordings of a tenant are open.
pub async fn count_open(tx: &mut Tx, tenant: &TenantId) -> Result<i64, StoreError> {
    let sql = format!("select count(*) as n from ({ROWS} where tenant = $1) where job is null");
    let failed = StoreError::query("count recordings");
    let row = sqlx::query(AssertSqlSafe(sql)).bind(tenant.as_str()).fetch_one(tx.conn()).await;
    row.map_err(&failed)?.try_get("n").map_err(failed)
}

pub async fn get(
    store: &Store,
    tenant: &TenantId,
    id: RecordingId,
) -> Result<Option<Recording>, StoreError> {
    let sql = format!("{ROWS} where id = $1 and tenant = $2");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(id.to_string()).bind(tenant.as_str());
    let row = query.fetch_optional(store.reader()).await;
    row.map_err(StoreError::query("read a recording"))?.as_ref().map(to_recording).transpose()
}

/// The same as whoever writes next sees it: behind every change that is on its way.
pub async fn look(
    tx: &mut Tx,
    tenant: &TenantId,
    id: RecordingId,
) -> Result<Option<Recording>, StoreError> {
    let sql = format!("{ROWS} where id = $1 and tenant = $2");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(id.to_string()).bind(tenant.as_str());
    let row = query.fetch_optional(tx.conn()).await;
    row.map_err(StoreError::query("look at a recording"))?.as_ref().map(to_recording).transpose()
}

/// The open ones of a tenant, newest first.
pub async fn list_open(store: &Store, tenant: &TenantId) -> Result<Vec<Recording>, StoreError> {
    let sql =
        format!("select * from ({ROWS} where tenant = $1) where job is null order by id desc");
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(tenant.as_str()).fetch_all(store.reader());
    rows.await.map_err(StoreError::query("list recordings"))?.iter().map(to_recording).collect()
}

/// All open ones, whoever they belong to.
pub async fn all_open(store: &Store) -> Result<Vec<Recording>, StoreError> {
    let sql = format!("select * from ({ROWS}) where job is null order by id");
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(store.reader()).await;
    rows.map_err(StoreError::query("look for open recordings"))?.iter().map(to_recording).collect()
}

/// More of its bytes count from now on. Says whether they did: not where it has moved on, or is finished.
pub async fn grow(
    tx: &mut Tx,
    recording: &Recording,
    offset: u64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update recordings set kept_bytes = $3, updated_at = $4, refusal = null \
         where id = $1 and kept_bytes = $2 and job_id is null",
    )
    .bind(recording.id.to_string())
    .bind(recording.offset.cast_signed())
    .bind(offset.cast_signed())
    .bind(now.timestamp_millis())
    .execute(tx.conn())
    .await
    .map_err(StoreError::query("let a recording grow"))?;
    Ok(done.rows_affected() == 1)
}

/// Writes down why it cannot become a job as it is.
pub async fn refuse(tx: &mut Tx, id: RecordingId, why: &JobError) -> Result<(), StoreError> {
    sqlx::query("update recordings set refusal = $2 where id = $1 and job_id is null")
        .bind(id.to_string())
        .bind(to_json("refusal", why)?)
        .execute(tx.conn())
        .await
        .map_err(StoreError::query("refuse a recording"))?;
    Ok(())
}

/// Writes down which job it has become.
pub async fn finish(
    tx: &mut Tx,
    id: RecordingId,
    job: JobId,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(
        "update recordings set job_id = $2, updated_at = $3, refusal = null \
         where id = $1 and job_id is null",
    )
    .bind(id.to_string())
    .bind(job.to_string())
    .bind(now.timestamp_millis())
    .execute(tx.conn())
    .await
    .map_err(StoreError::query("finish a recording"))?;
    Ok(())
}

/// Writes down the jobs of recordings that an earlier run has finished without coming to this.
pub async fn settle(tx: &mut Tx) -> Result<u64, StoreError> {
    let sql = format!(
        "update recordings set job_id = found.job from ({ROWS}) as found \
         where found.id = recordings.id and recordings.job_id is null and found.job is not null"
    );
    let done = sqlx::query(AssertSqlSafe(sql)).execute(tx.conn()).await;
    Ok(done.map_err(StoreError::query("settle recordings"))?.rows_affected())
}

pub async fn remove(tx: &mut Tx, id: RecordingId) -> Result<(), StoreError> {
    sqlx::query("delete from recordings where id = $1")
        .bind(id.to_string())
        .execute(tx.conn())
        .await
        .map_err(StoreError::query("remove a recording"))?;
    Ok(())
}

fn to_recording(row: &SqliteRow) -> Result<Recording, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(column).map_err(broken);
    let maybe = |column: &str| row.try_get::<Option<String>, _>(column).map_err(broken);
    let number = |column: &str| row.try_get::<i64, _>(column).map_err(broken);
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
