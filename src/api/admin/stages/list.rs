//! `GET /v1/admin/stages`: which stages are paused, and how much waits and runs in each.

use super::view::StagesView;
use crate::api::problem::Problem;
use crate::api::router::Api;
use crate::store::stages;
use axum::Json;
use axum::extract::State;

/// Show the stages.
#[utoipa::path(get, path = "/v1/admin/stages", tag = "node",
    responses((status = 200, body = StagesView)))]
pub async fn show_stages(State(api): State<Api>) -> Result<Json<StagesView>, Problem> {
    Ok(Json(stages::standing(api.engine.store()).await?.into()))
}
