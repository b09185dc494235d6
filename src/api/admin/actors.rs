//! `GET /v1/admin/actors`: the true tree of actors, with what each is doing and how often it has failed.

use crate::actors::supervise::ActorView;
use crate::api::problem::{Problem, kinds};
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct ActorTree {
    /// This start of this node; a restart is another one.
    pub node: String,
    pub uptime_ms: u64,
    pub root: ActorView,
}

/// Show the actors.
///
/// The tree as it is now: state, mailbox, latency, restarts and last failure of each actor.
#[utoipa::path(get, path = "/v1/admin/actors", tag = "node",
    responses((status = 200, body = ActorTree)))]
pub async fn show_actors(State(api): State<Api>) -> Result<Json<ActorTree>, Problem> {
    let root = api.engine.actors();
    let root = root.ok_or_else(|| Problem::new(&kinds::NOT_READY, "the engine has no actors"))?;
    let uptime_ms = u64::try_from(api.engine.uptime().as_millis()).unwrap_or(u64::MAX);
    Ok(Json(ActorTree { node: api.engine.node().to_string(), uptime_ms, root }))
}
