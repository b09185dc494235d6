//! `GET /v1/admin/queue`: how much is waiting, and what works on it.

use crate::api::jobs::JobStatus;
use crate::api::problem::Problem;
use crate::api::router::Api;
use crate::clock;
use crate::store::{jobs, pace};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct QueueView {
    /// How many jobs stand in each status.
    #[schema(value_type = BTreeMap<String, i64>)]
    pub jobs: BTreeMap<&'static str, i64>,
    pub slots: Slots,
    pub models_loaded: Vec<LoadedModel>,
    /// How long the job has waited whose turn it has been longest; `null` where none waits.
    pub oldest_queued_ms: Option<i64>,
}

/// Chunks of sound that are transcribed at once.
#[derive(Debug, Serialize, ToSchema)]
pub struct Slots {
    pub total: usize,
    pub busy: usize,
    /// Chunks that wait for one.
    pub waiting: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LoadedModel {
    pub name: String,
    /// What its process holds now.
    pub memory_bytes: Option<u64>,
}

/// Show the queue.
#[utoipa::path(get, path = "/v1/admin/queue", tag = "node",
    responses((status = 200, body = QueueView)))]
pub async fn show_queue(State(api): State<Api>) -> Result<Json<QueueView>, Problem> {
    let now = clock::now();
    let counted: BTreeMap<String, i64> =
        jobs::count_by_status(api.engine.store()).await?.into_iter().collect();
    let jobs = JobStatus::ALL.into_iter().map(JobStatus::as_str);
    let jobs = jobs.map(|status| (status, counted.get(status).copied().unwrap_or(0))).collect();
    let since = pace::oldest_due(api.engine.store()).await?;
    let pool = api.engine.pool();
    let loaded = pool.loaded.into_iter();
    Ok(Json(QueueView {
        jobs,
        slots: Slots { total: pool.slots, busy: pool.running, waiting: pool.waiting },
        models_loaded: loaded
            .map(|(name, memory_bytes)| LoadedModel { name, memory_bytes })
            .collect(),
        oldest_queued_ms: since.map(|since| (now.timestamp_millis() - since).max(0)),
    }))
}
