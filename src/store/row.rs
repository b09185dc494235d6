//! A row of `jobs` as a [`Job`], and the scalar forms that both databases share.

use super::error::StoreError;
use super::values::Row;
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::failure::JobError;
use crate::domain::ids::{Epoch, JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::JobState;
use crate::domain::llm::Spent;
use chrono::{DateTime, FixedOffset};
use serde_json::json;
use std::fmt::Display;

/// How the speaker's wall clock is kept: its order is the diary's.
pub const SPOKEN: &str = "%Y-%m-%dT%H:%M:%S";

pub const JOB_COLUMNS: &str = "id, tenant, state, epoch, version, options, file_name, audio, recorded_at, \
    language, model, fraction, cpu_ms, last_seq, created_at, line_at, started_at, finished_at, \
    usd_micros, input_tokens, output_tokens, unpriced_calls, title, trashed_at";

/// The columns of a job where other tables are read as well.
pub fn job_columns() -> String {
    let columns = JOB_COLUMNS.split(", ").map(|column| format!("jobs.{}", column.trim()));
    columns.collect::<Vec<_>>().join(", ")
}

pub fn to_job(row: &Row) -> Result<Job, StoreError> {
    let text = |column: &str| row.get::<String>(column).map_err(broken);
    let maybe = |column: &str| row.get::<Option<String>>(column).map_err(broken);
    let json = StoreError::decode;
    Ok(Job {
        id: text("id")?.parse::<JobId>().map_err(broken)?,
        tenant: TenantId::from(text("tenant")?),
        state: serde_json::from_str(&text("state")?).map_err(json("state"))?,
        epoch: Epoch(row.get("epoch").map_err(broken)?),
        version: row.get("version").map_err(broken)?,
        options: serde_json::from_str(&text("options")?).map_err(json("options"))?,
        file_name: text("file_name")?,
        audio: serde_json::from_str(&text("audio")?).map_err(json("audio facts"))?,
        recorded_at: maybe("recorded_at")?
            .map(|at| DateTime::parse_from_rfc3339(&at))
            .transpose()
            .map_err(broken)?,
        language: maybe("language")?,
        model: serde_json::from_str(&text("model")?).map_err(json("model"))?,
        fraction: row.get("fraction").map_err(broken)?,
        cpu_ms: row.get("cpu_ms").map_err(broken)?,
        last_seq: row.get("last_seq").map_err(broken)?,
        created_at: to_time(row.get("created_at").map_err(broken)?)?,
        line_at: to_time(row.get("line_at").map_err(broken)?)?,
        started_at: maybe_time(row.get("started_at").map_err(broken)?)?,
        finished_at: maybe_time(row.get("finished_at").map_err(broken)?)?,
        spent: to_spent(row)?,
        title: maybe("title")?,
        trashed_at: maybe_time(row.get("trashed_at").map_err(broken)?)?,
    })
}

pub fn to_spent(row: &Row) -> Result<Spent, StoreError> {
    Ok(Spent {
        usd_micros: row.get("usd_micros").map_err(broken)?,
        input_tokens: row.get("input_tokens").map_err(broken)?,
        output_tokens: row.get("output_tokens").map_err(broken)?,
        unpriced_calls: row.get("unpriced_calls").map_err(broken)?,
    })
}

pub fn to_time(epoch_ms: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_timestamp_millis(epoch_ms)
        .ok_or_else(|| StoreError::Column { reason: format!("{epoch_ms} is no time") })
}

fn maybe_time(epoch_ms: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    epoch_ms.map(to_time).transpose()
}

fn broken(reason: impl Display) -> StoreError {
    StoreError::Column { reason: reason.to_string() }
}

/// A value as JSON text. Our own types have no map keys or floats that JSON cannot hold.
pub fn to_json<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::decode(what))
}

pub fn stage(state: &JobState) -> Option<&'static str> {
    state.work().map(|work| work.stage.as_str())
}

pub fn attempt(state: &JobState) -> i64 {
    state.work().map_or(0, |work| i64::from(work.attempt))
}

pub fn spoken_at(recorded_at: Option<DateTime<FixedOffset>>, created_at: Timestamp) -> String {
    let at = recorded_at.unwrap_or_else(|| clock::in_local_zone(created_at));
    at.format(SPOKEN).to_string()
}

pub fn due_at(state: &JobState) -> Option<i64> {
    state.due_at().map(|at| at.timestamp_millis())
}

/// A state as the journal tells it: folding these gives the job's row.
pub fn told(job: &Job) -> serde_json::Value {
    let work = job.state.work();
    json!({
        "status": job.state.status(),
        "stage": work.map(|w| w.stage),
        "attempt": work.map_or(0, |w| w.attempt),
        "epoch": job.epoch,
        "version": job.version,
        "fraction": job.fraction,
        "error": job.state.failure().map(JobError::from),
        "title": job.title,
        "tags": job.options.tags,
        "trashed_at": job.trashed_at,
    })
}
