//! `DELETE /v1/jobs/{id}`: takes a job away with its recording and all that was made of it.

use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::ids::JobId;
use axum::extract::State;
use axum::http::StatusCode;

/// Remove a job.
///
/// With its recording, transcript, note and events; nothing of it can be found any more. A running job is stopped first.
#[utoipa::path(delete, path = "/v1/jobs/{id}", tag = "jobs",
    params(("id" = JobId, Path, description = "The job to remove")),
    responses((status = 204, description = "It is gone"),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job")))]
pub async fn remove_job(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<StatusCode, Problem> {
    api.engine.remove(&caller.tenant, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
