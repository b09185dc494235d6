//! `POST /v1/recordings/{id}/finish`: a recording becomes a job.

use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::jobs::{self, JobView};
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::ids::RecordingId;
use axum::extract::State;
use axum::response::Response;

/// Finish a recording.
///
/// What was sent so far becomes a job like any upload. Finishing again gives the same job. Where it cannot become one,
/// its bytes are kept until it is discarded: more of it may be sent, and it may be finished again.
#[utoipa::path(post, path = "/v1/recordings/{id}/finish", tag = "recordings",
    params(("id" = RecordingId, Path, description = "The recording to finish")),
    responses(
        (status = 200, body = JobView, description = "It is this job already"),
        (status = 202, body = JobView, description = "A new job", headers(("Location" = String))),
        (status = 400, body = ProblemView, content_type = "application/problem+json", description = "Not audio, empty or damaged"),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such recording"),
        (status = 413, body = ProblemView, content_type = "application/problem+json", description = "Too long"),
        (status = 415, body = ProblemView, content_type = "application/problem+json",
            description = "A container or codec that is not supported"),
        (status = 422, body = ProblemView, content_type = "application/problem+json",
            description = "The model is not installed, or does not know the language"),
        (status = 503, body = ProblemView, content_type = "application/problem+json",
            description = "Busy; `Retry-After` says when to come again"),
        (status = 507, body = ProblemView, content_type = "application/problem+json", description = "The disk is full")))]
pub async fn finish_recording(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<RecordingId>,
) -> Result<Response, Problem> {
    let accepted = api.engine.finish_recording(&caller.tenant, id).await?;
    Ok(jobs::accepted(accepted))
}
