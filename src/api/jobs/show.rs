//! `GET /v1/jobs/{id}`: one job as it stands.

use super::find;
use super::view::JobView;
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::clock;
use crate::domain::ids::JobId;
use axum::Json;
use axum::extract::State;

/// Show a job.
#[utoipa::path(get, path = "/v1/jobs/{id}", tag = "jobs",
    params(("id" = JobId, Path, description = "The job to show")),
    responses((status = 200, body = JobView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job")))]
pub async fn show_job(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Json<JobView>, Problem> {
    let job = find(&api, &caller, id).await?;
    Ok(Json(JobView::new(job, clock::now())))
}
