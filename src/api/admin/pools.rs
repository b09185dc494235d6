//! `GET /v1/admin/pools` and `PUT /v1/admin/pools/{pool}`: how many work at once.

use crate::actors::engine::PoolName;
use crate::api::caller::Caller;
use crate::api::input::{JsonBody, Path};
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct PoolView {
    /// `ingest`: files that are decoded at once; `whisper`: chunks that are transcribed at once.
    pub name: &'static str,
    pub size: usize,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolChange {
    #[schema(minimum = 1, maximum = 256)]
    pub size: usize,
}

/// Show the pools.
#[utoipa::path(get, path = "/v1/admin/pools", tag = "node",
    responses((status = 200, body = Vec<PoolView>)))]
pub async fn show_pools(State(api): State<Api>) -> Json<Vec<PoolView>> {
    Json(PoolName::ALL.map(|pool| view(&api, pool)).into())
}

/// Resize a pool.
///
/// Holds until the node ends. What runs beyond a smaller size runs to its end; for a larger one Whisper's process is
/// replaced as soon as what it is hearing has been heard.
#[utoipa::path(put, path = "/v1/admin/pools/{pool}", tag = "node",
    params(("pool" = String, Path, description = "`ingest` or `whisper`")),
    request_body = PoolChange,
    responses((status = 200, body = PoolView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such pool"),
        (status = 422, body = ProblemView, content_type = "application/problem+json", description = "No such size")))]
pub async fn resize_pool(
    State(api): State<Api>,
    caller: Caller,
    Path(pool): Path<String>,
    JsonBody(change): JsonBody<PoolChange>,
) -> Result<Json<PoolView>, Problem> {
    let known = PoolName::parse(&pool);
    let pool = known.ok_or_else(|| {
        Problem::new(&kinds::UNKNOWN_POOL, format!("there is no pool {pool}"))
            .hint("GET /v1/admin/pools lists them")
    })?;
    api.engine.resize_pool(&caller.tenant, pool, change.size).await?;
    Ok(Json(view(&api, pool)))
}

fn view(api: &Api, pool: PoolName) -> PoolView {
    PoolView { name: pool.as_str(), size: api.engine.pool_size(pool) }
}
