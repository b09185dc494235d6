//! `POST /v1/jobs/{id}/trash`: puts a job into the trash, from where it can be taken back.

use super::view::JobView;
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::clock;
use crate::domain::ids::JobId;
use axum::Json;
use axum::extract::State;

/// Put a job into the trash.
///
/// It is in no list, search or count any more, and goes on to its end if it is running. It is removed for good after
/// `storage.trash_keep_ms`; until then `restore` takes it back. One that is there already stays as it is.
#[utoipa::path(post, path = "/v1/jobs/{id}/trash", tag = "jobs",
    params(("id" = JobId, Path, description = "The job to put into the trash")),
    responses((status = 200, body = JobView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job")))]
pub async fn trash_job(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Json<JobView>, Problem> {
    let job = api.engine.trash(&caller.tenant, id).await?;
    Ok(Json(JobView::new(job, clock::now())))
}
