//! `POST /v1/admin/actors/{path}/restart`: starts an actor again, and all below it.

use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

#[derive(Debug, Serialize, ToSchema)]
pub struct RestartView {
    pub path: String,
    pub status: &'static str,
}

/// A path has slashes of its own: what stands between `actors/` and `/restart` is taken as it is.
pub fn restart_route() -> OpenApiRouter<Api> {
    OpenApiRouter::new().route("/v1/admin/actors/{*order}", post(restart_actor))
}

/// Restart an actor.
///
/// Its supervisor lets it finish the message in hand, kills it where that takes too long, and starts it again. No
/// work is lost: a job goes on from its last chunk, and whoever waited for an answer asks again. The root cannot be
/// restarted. Slashes in the path may be sent as they are.
#[utoipa::path(post, path = "/v1/admin/actors/{path}/restart", tag = "node",
    params(("path" = String, Path, description = "As `GET /v1/admin/actors` shows it, such as `root/whisper`")),
    responses((status = 202, body = RestartView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such actor"),
        (status = 409, body = ProblemView, content_type = "application/problem+json", description = "It cannot be restarted")))]
pub async fn restart_actor(
    State(api): State<Api>,
    caller: Caller,
    Path(order): Path<String>,
) -> Result<(StatusCode, Json<RestartView>), Problem> {
    let Some(path) = order.strip_suffix("/restart") else {
        let detail = format!("there is nothing at /v1/admin/actors/{order}");
        return Err(Problem::new(&kinds::UNKNOWN_PATH, detail));
    };
    api.engine.restart_actor(&caller.tenant, path).await?;
    let view = RestartView { path: path.to_owned(), status: "restarting" };
    Ok((StatusCode::ACCEPTED, Json(view)))
}
