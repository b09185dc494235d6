//! `POST /v1/jobs/{id}/rerun`: the same recording heard once more, by another model or in another language.

use super::create::accepted;
use super::view::JobView;
use crate::api::caller::Caller;
use crate::api::input::{JsonBody, Path};
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::ids::JobId;
use crate::domain::rerun::Rerun;
use axum::extract::State;
use axum::response::Response;

/// Hear a recording once more.
///
/// A new job with the same recording, date and tags; the old one stays as it is.
#[utoipa::path(post, path = "/v1/jobs/{id}/rerun", tag = "jobs",
    params(("id" = JobId, Path, description = "The job whose recording it is")), request_body = Rerun,
    responses((status = 200, body = JobView, description = "It has been heard like this already: that job"),
        (status = 202, body = JobView, description = "A new job", headers(("Location" = String))),
        (status = 404, body = ProblemView, content_type = "application/problem+json",
            description = "No such job, or its recording is gone"),
        (status = 422, body = ProblemView, content_type = "application/problem+json",
            description = "Options that cannot be used, or a model that is not installed"),
        (status = 503, body = ProblemView, content_type = "application/problem+json", description = "Too busy"),
        (status = 507, body = ProblemView, content_type = "application/problem+json", description = "The disk is full")))]
pub async fn rerun_job(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
    JsonBody(change): JsonBody<Rerun>,
) -> Result<Response, Problem> {
    Ok(accepted(api.engine.rerun(&caller.tenant, id, change).await?))
}
