//! `PATCH /v1/jobs/{id}`: changes a job's title and tags, and those of its note with them.

use super::view::JobView;
use crate::api::caller::Caller;
use crate::api::input::{JsonBody, Path};
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::clock;
use crate::domain::amendment::Amendment;
use crate::domain::ids::JobId;
use axum::Json;
use axum::extract::State;

/// Change title and tags.
///
/// The note says the same at once, in every format, and both can be searched. What is left out stays as it is. The same
/// upload again is still the same job.
#[utoipa::path(patch, path = "/v1/jobs/{id}", tag = "jobs",
    params(("id" = JobId, Path, description = "The job to change")),
    request_body = Amendment,
    responses((status = 200, body = JobView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job"),
        (status = 422, body = ProblemView, content_type = "application/problem+json",
            description = "A title or tags beyond their limits")))]
pub async fn amend_job(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
    JsonBody(amendment): JsonBody<Amendment>,
) -> Result<Json<JobView>, Problem> {
    let job = api.engine.amend(&caller.tenant, id, amendment).await?;
    Ok(Json(JobView::new(job, clock::now())))
}
