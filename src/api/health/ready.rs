//! `GET /health/ready`: whether the node takes work.

use super::Health;
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;
use std::time::Duration;

/// Whoever asks does not wait for as long as a job would.
const PATIENCE: Duration = Duration::from_secs(1);

/// Check for readiness.
///
/// Not ready is a node whose engine has given up, that is being stopped, or whose database does not answer.
#[utoipa::path(get, path = "/health/ready", tag = "node",
    responses((status = 200, body = Health),
        (status = 503, body = ProblemView, content_type = "application/problem+json", description = "It takes no work")))]
pub async fn check_ready(State(api): State<Api>) -> Result<Json<Health>, Problem> {
    if !api.engine.is_ready() || api.stop.is_cancelled() {
        return Err(Problem::new(&kinds::NOT_READY, "this node takes no work"));
    }
    match tokio::time::timeout(PATIENCE, api.engine.store().answers()).await {
        Ok(Ok(())) => Ok(Json(Health { status: "ready" })),
        _ => Err(Problem::new(&kinds::NOT_READY, "the database does not answer")),
    }
}
