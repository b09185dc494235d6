//! `GET /metrics`: all figures in the text format of Prometheus, those of jobs and actors as of now.

use super::jobs::JobStatus;
use super::problem::Problem;
use super::router::Api;
use crate::actors::supervise::KindView;
use crate::store::jobs;
use crate::telemetry::metrics::{ACTOR_RESTARTS, ACTORS_STUCK, JOBS, MAILBOX_DEPTH};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All figures.
///
/// For Prometheus and whatever reads its text format.
#[utoipa::path(get, path = "/metrics", tag = "node",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn scrape_metrics(State(api): State<Api>) -> Result<Response, Problem> {
    let counts = jobs::count_by_status(api.engine.store()).await?;
    let kinds = api.engine.actor_kinds();
    api.metrics.record(|| show(&counts, &kinds));
    Ok(([(header::CONTENT_TYPE, TEXT)], api.metrics.render()).into_response())
}

fn show(counts: &[(String, i64)], kinds: &[KindView]) {
    for status in JobStatus::ALL.map(JobStatus::as_str) {
        let count = counts.iter().find(|(name, _)| name == status).map_or(0, |(_, count)| *count);
        metrics::gauge!(JOBS.name, "status" => status).set(count as f64);
    }
    for KindView { kind, restarts, waiting, stuck, .. } in kinds {
        metrics::gauge!(ACTOR_RESTARTS.name, "kind" => kind.clone()).set(f64::from(*restarts));
        metrics::gauge!(MAILBOX_DEPTH.name, "kind" => kind.clone()).set(*waiting as f64);
        metrics::gauge!(ACTORS_STUCK.name, "kind" => kind.clone()).set(*stuck as f64);
    }
}
