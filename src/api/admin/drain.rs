//! `POST /v1/admin/drain`: the node finishes what is under way, and begins nothing any more.

use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct DrainView {
    pub node: String,
    pub status: &'static str,
}

/// Drain this node.
///
/// New work is refused from now on, and `/health/ready` says so. Chunks and calls under way are finished and kept; then
/// their jobs wait in the queue, without having lost an attempt, for the node's next start. It goes on answering until it
/// is stopped. There is no way back but a restart.
#[utoipa::path(post, path = "/v1/admin/drain", tag = "node",
    responses((status = 202, body = DrainView)))]
pub async fn drain(
    State(api): State<Api>,
    caller: Caller,
) -> Result<(StatusCode, Json<DrainView>), Problem> {
    api.engine.drain(&caller.tenant).await?;
    let node = api.engine.node().to_string();
    Ok((StatusCode::ACCEPTED, Json(DrainView { node, status: "draining" })))
}

/// Drain a node.
///
/// The same for the node of this id, which has to be the one that is asked.
#[utoipa::path(post, path = "/v1/admin/nodes/{id}/drain", tag = "node",
    params(("id" = String, Path, description = "As `GET /v1/admin/actors` shows it")),
    responses((status = 202, body = DrainView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "Another node")))]
pub async fn drain_node(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<DrainView>), Problem> {
    let own = &api.engine.node().0;
    if id != *own {
        let detail = format!("this is node {own}, not {id}");
        return Err(Problem::new(&kinds::UNKNOWN_NODE, detail).hint("ask that node itself"));
    }
    drain(State(api), caller).await
}
