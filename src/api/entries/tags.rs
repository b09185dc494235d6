//! `GET /v1/tags`: every tag with the number of its entries.

use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::router::Api;
use crate::store::labels;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct TagCounts {
    pub items: Vec<TagCount>,
}

#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TagCount {
    pub tag: String,
    /// Entries that have it.
    pub count: i64,
}

/// Count the tags.
///
/// The most used first. What lies in the trash does not count.
#[utoipa::path(get, path = "/v1/tags", tag = "entries", responses((status = 200, body = TagCounts)))]
pub async fn list_tags(State(api): State<Api>, caller: Caller) -> Result<Json<TagCounts>, Problem> {
    let counted = labels::count(api.engine.store(), &caller.tenant).await?;
    let items = counted.into_iter().map(|(tag, count)| TagCount { tag, count }).collect();
    Ok(Json(TagCounts { items }))
}
