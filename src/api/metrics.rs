//! `GET /metrics`: all figures in the text format of Prometheus, those of jobs and actors as of now.

use super::jobs::JobStatus;
use super::problem::Problem;
use super::router::Api;
use crate::actors::supervise::ActorView;
use crate::store::jobs;
use crate::telemetry::metrics::{ACTOR_RESTARTS, JOBS, MAILBOX_DEPTH};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::sync::PoisonError;

const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Restarts and waiting messages of all actors of one kind.
pub(super) type ByKind = BTreeMap<String, (u32, usize)>;

/// All figures.
///
/// For Prometheus and whatever reads its text format.
#[utoipa::path(get, path = "/metrics", tag = "node",
    responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn scrape_metrics(State(api): State<Api>) -> Result<Response, Problem> {
    let counts = jobs::count_by_status(api.engine.store()).await?;
    let mut kinds = api.kinds.lock().unwrap_or_else(PoisonError::into_inner);
    // A kind whose last actor has gone shows 0, not what it had last.
    kinds.values_mut().for_each(|figures| *figures = (0, 0));
    if let Some(root) = api.engine.actors() {
        add_up(&root, &mut kinds);
    }
    api.metrics.record(|| show(&counts, &kinds));
    Ok(([(header::CONTENT_TYPE, TEXT)], api.metrics.render()).into_response())
}

fn show(counts: &[(String, i64)], kinds: &ByKind) {
    for status in JobStatus::ALL.map(JobStatus::as_str) {
        let count = counts.iter().find(|(name, _)| name == status).map_or(0, |(_, count)| *count);
        metrics::gauge!(JOBS.name, "status" => status).set(count as f64);
    }
    for (kind, (restarts, depth)) in kinds {
        metrics::gauge!(ACTOR_RESTARTS.name, "kind" => kind.clone()).set(f64::from(*restarts));
        metrics::gauge!(MAILBOX_DEPTH.name, "kind" => kind.clone()).set(*depth as f64);
    }
}

fn add_up(actor: &ActorView, kinds: &mut ByKind) {
    let (restarts, depth) = kinds.entry(actor.kind.clone()).or_default();
    *restarts += actor.restarts;
    *depth += actor.mailbox.depth;
    actor.children.iter().for_each(|child| add_up(child, kinds));
}
