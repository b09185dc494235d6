//! `POST /v1/admin/stages/{stage}/resume`: lets a paused stage go on.

use super::view::StagesView;
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::job_state::Stage;
use axum::Json;
use axum::extract::State;

/// Resume a stage.
///
/// One that is not paused stays as it is.
#[utoipa::path(post, path = "/v1/admin/stages/{stage}/resume", tag = "node",
    params(("stage" = Stage, Path, description = "The stage to resume")),
    responses((status = 200, body = StagesView),
        (status = 400, body = ProblemView, content_type = "application/problem+json", description = "No such stage")))]
pub async fn resume_stage(
    State(api): State<Api>,
    caller: Caller,
    Path(stage): Path<Stage>,
) -> Result<Json<StagesView>, Problem> {
    Ok(Json(api.engine.set_stage_paused(&caller.tenant, stage, false).await?.into()))
}
