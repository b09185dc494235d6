//! What the commands read of the API's answers; fields that they do not need are passed over.

use crate::domain::failure::JobError;
use crate::domain::ids::JobId;
use crate::domain::job_state::Stage;
use chrono::{DateTime, FixedOffset, Utc};
use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
pub struct JobView {
    pub id: JobId,
    pub file_name: String,
    pub status: String,
    pub stage: Option<String>,
    pub progress: Progress,
    pub attempt: u32,
    /// The number of its newest event.
    pub last_event_id: i64,
    pub audio: Audio,
    pub language: Option<String>,
    pub model: String,
    pub error: Option<JobError>,
    pub tags: Vec<String>,
    pub recorded_at: Option<DateTime<FixedOffset>>,
    pub created_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Not to be worked on before then.
    pub run_at: Option<DateTime<FixedOffset>>,
    /// Its stage is paused, and it waits there.
    #[serde(default)]
    pub stage_paused: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Progress {
    pub fraction: f64,
    pub eta_ms: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Audio {
    pub duration_ms: Option<u64>,
    pub format: String,
    pub codec: String,
    pub sha256: String,
}

/// One event of a job as it came over the wire.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: i64,
    pub kind: String,
    pub data: serde_json::Value,
}

impl JobView {
    pub fn is_over(&self) -> bool {
        matches!(self.status.as_str(), "done" | "failed" | "cancelled")
    }

    /// The moment that it waits for, where it was handed in for later.
    pub fn scheduled(&self, now: DateTime<Utc>) -> Option<DateTime<FixedOffset>> {
        self.run_at.filter(|at| self.status == "queued" && at.to_utc() > now)
    }
}

#[derive(Debug, Clone, Deserialize)]
pub struct List<T> {
    pub items: Vec<T>,
}

/// The failed jobs of one reason.
#[derive(Debug, Clone, Deserialize)]
pub struct FailedView {
    pub count: i64,
    pub error: Option<JobError>,
    pub newest: JobId,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Retried {
    pub retried: u64,
    pub more: bool,
}

#[derive(Debug, Clone, Deserialize)]
pub struct StageView {
    pub stage: Stage,
    pub paused_at: Option<DateTime<Utc>>,
    pub waiting: i64,
    pub running: i64,
}
