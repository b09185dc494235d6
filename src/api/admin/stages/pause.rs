//! `POST /v1/admin/stages/{stage}/pause`: begins nothing new in a stage, on any node, until it is resumed.

use super::view::StagesView;
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::job_state::Stage;
use axum::Json;
use axum::extract::State;

/// Pause a stage.
///
/// Durable when it answers. A transcription that runs finishes the chunks that are under way, another stage ends; then
/// the jobs wait, and no attempt is spent.
#[utoipa::path(post, path = "/v1/admin/stages/{stage}/pause", tag = "node",
    params(("stage" = Stage, Path, description = "The stage to pause")),
    responses((status = 200, body = StagesView),
        (status = 400, body = ProblemView, content_type = "application/problem+json", description = "No such stage")))]
pub async fn pause_stage(
    State(api): State<Api>,
    caller: Caller,
    Path(stage): Path<Stage>,
) -> Result<Json<StagesView>, Problem> {
    Ok(Json(api.engine.set_stage_paused(&caller.tenant, stage, true).await?.into()))
}
