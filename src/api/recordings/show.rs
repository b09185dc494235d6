//! `GET /v1/recordings/{id}`: one recording as it stands.

use super::view::RecordingView;
use crate::actors::engine::EngineError;
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::ids::RecordingId;
use crate::store::recordings;
use axum::Json;
use axum::extract::State;

/// Show a recording.
///
/// A finished one is shown for as long as its job is there.
#[utoipa::path(get, path = "/v1/recordings/{id}", tag = "recordings",
    params(("id" = RecordingId, Path, description = "The recording")),
    responses((status = 200, body = RecordingView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such recording")))]
pub async fn show_recording(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<RecordingId>,
) -> Result<Json<RecordingView>, Problem> {
    let found = recordings::get(api.engine.store(), &caller.tenant, id).await?;
    let found = found.ok_or(EngineError::UnknownRecording { recording: id })?;
    Ok(Json(found.into()))
}
