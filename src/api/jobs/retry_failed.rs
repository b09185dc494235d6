//! `POST /v1/jobs/retry`: gives failed jobs another chance, all of them or those of one reason.

use crate::api::caller::Caller;
use crate::api::input::JsonBody;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetryFailed {
    /// The `code` of their `error`; all failed jobs where absent.
    pub code: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Retried {
    pub retried: u64,
    /// Whether there are more: ask again.
    pub more: bool,
}

/// Retry failed jobs.
///
/// At most a thousand at once. Each goes on from the stage where it ended.
#[utoipa::path(post, path = "/v1/jobs/retry", tag = "jobs", request_body = RetryFailed,
    responses((status = 202, body = Retried),
        (status = 400, body = ProblemView, content_type = "application/problem+json",
            description = "A body that cannot be understood")))]
pub async fn retry_failed(
    State(api): State<Api>,
    caller: Caller,
    JsonBody(asked): JsonBody<RetryFailed>,
) -> Result<(StatusCode, Json<Retried>), Problem> {
    let (retried, more) = api.engine.retry_failed(&caller.tenant, asked.code.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, Json(Retried { retried, more })))
}
