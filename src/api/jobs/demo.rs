//! `POST /v1/demo`: the memo that comes with the program as a job, for whoever has no recording at hand.

use super::create::accepted;
use super::view::JobView;
use crate::api::caller::Caller;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use axum::extract::State;
use axum::response::Response;

/// Try it with the sample.
///
/// A minute of English that is compiled into the program; heard by the default model, or else by any that is installed.
#[utoipa::path(post, path = "/v1/demo", tag = "jobs",
    responses((status = 200, body = JobView, description = "It is this job already"),
        (status = 202, body = JobView, description = "A new job", headers(("Location" = String))),
        (status = 422, body = ProblemView, content_type = "application/problem+json", description = "No model is installed"),
        (status = 503, body = ProblemView, content_type = "application/problem+json", description = "Too busy"),
        (status = 507, body = ProblemView, content_type = "application/problem+json", description = "The disk is full")))]
pub async fn run_demo(State(api): State<Api>, caller: Caller) -> Result<Response, Problem> {
    Ok(accepted(api.engine.demo(&caller.tenant).await?))
}
