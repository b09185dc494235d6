//! `DELETE /v1/recordings/{id}`: an open recording is thrown away.

use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::ids::RecordingId;
use axum::extract::State;
use axum::http::StatusCode;

/// Discard a recording.
///
/// With all its bytes. A finished one is a job, and is removed as one.
#[utoipa::path(delete, path = "/v1/recordings/{id}", tag = "recordings",
    params(("id" = RecordingId, Path, description = "The recording to discard")),
    responses((status = 204, description = "It is gone"),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such recording"),
        (status = 409, body = ProblemView, content_type = "application/problem+json", description = "It is finished")))]
pub async fn discard_recording(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<RecordingId>,
) -> Result<StatusCode, Problem> {
    api.engine.discard_recording(&caller.tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
