//! `GET /health/live`: whether the process answers at all.

use super::Health;
use axum::Json;

/// Check for life.
///
/// Answers as long as the process can answer.
#[utoipa::path(get, path = "/health/live", tag = "node",
    responses((status = 200, body = Health)))]
pub async fn check_live() -> Json<Health> {
    Json(Health { status: "live" })
}
