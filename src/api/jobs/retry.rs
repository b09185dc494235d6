//! `POST /v1/jobs/{id}/retry`: gives a failed or cancelled job another chance.

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

/// Retry a job.
///
/// It goes on from the stage where it ended; what was transcribed by then is kept.
#[utoipa::path(post, path = "/v1/jobs/{id}/retry", tag = "jobs",
    params(("id" = JobId, Path, description = "The job to try again")),
    responses((status = 202, body = JobView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job"),
        (status = 409, body = ProblemView, content_type = "application/problem+json",
            description = "It has neither failed nor been cancelled")))]
pub async fn retry_job(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<(StatusCode, Json<JobView>), Problem> {
    let job = api.engine.retry(&caller.tenant, id).await?;
    Ok((StatusCode::ACCEPTED, Json(JobView::new(job, clock::now()))))
}
