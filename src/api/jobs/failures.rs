//! `GET /v1/jobs/failures`: what has failed, by reason, with what can be done about it.

use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::router::Api;
use crate::domain::failure::JobError;
use crate::domain::ids::JobId;
use crate::store::failures::{self, Failures};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct FailuresView {
    /// The most frequent reason first. `GET /v1/jobs?status=failed&code=…` lists its jobs.
    pub items: Vec<FailedView>,
}

/// The failed jobs of one reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailedView {
    pub count: i64,
    /// Of the newest of them.
    pub error: Option<JobError>,
    pub newest: JobId,
}

/// Show what has failed.
#[utoipa::path(get, path = "/v1/jobs/failures", tag = "jobs",
    responses((status = 200, body = FailuresView)))]
pub async fn show_failures(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<FailuresView>, Problem> {
    let found = failures::by_code(api.engine.store(), &caller.tenant).await?;
    let view = |Failures { count, newest }: Failures| FailedView {
        count,
        error: newest.error(),
        newest: newest.id,
    };
    Ok(Json(FailuresView { items: found.into_iter().map(view).collect() }))
}
