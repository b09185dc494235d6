//! `POST /v1/jobs/{id}/cancel`: stops a job in any state.

use super::view::JobView;
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::clock;
use crate::domain::ids::JobId;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

/// Cancel a job.
///
/// Answers as soon as the cancellation is durable; work in progress stops within a second.
#[utoipa::path(post, path = "/v1/jobs/{id}/cancel", tag = "jobs",
    params(("id" = JobId, Path, description = "The job to stop")),
    responses((status = 202, body = JobView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job"),
        (status = 409, body = ProblemView, content_type = "application/problem+json", description = "It is over")))]
pub async fn cancel_job(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<(StatusCode, Json<JobView>), Problem> {
    let job = api.engine.cancel(&caller.tenant, id).await?;
    Ok((StatusCode::ACCEPTED, Json(JobView::new(job, clock::now()))))
}
