//! `POST /v1/jobs/{id}/restore`: takes a job back out of the trash.

use super::view::JobView;
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::clock;
use crate::domain::ids::JobId;
use axum::Json;
use axum::extract::State;

/// Take a job back out of the trash.
///
/// It is in all lists again, as it was. One that is not in the trash stays as it is.
#[utoipa::path(post, path = "/v1/jobs/{id}/restore", tag = "jobs",
    params(("id" = JobId, Path, description = "The job to take back")),
    responses((status = 200, body = JobView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job")))]
pub async fn restore_job(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Json<JobView>, Problem> {
    let job = api.engine.restore(&caller.tenant, id).await?;
    Ok(Json(JobView::new(job, clock::now())))
}
