//! `DELETE /v1/admin/models/{name}/pull`: stops getting a model.

use super::view::ModelItem;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;

/// Stop getting a model.
///
/// What has come so far is kept for the next try. An installed model stays where it is.
#[utoipa::path(delete, path = "/v1/admin/models/{name}/pull", tag = "node",
    params(("name" = String, Path, description = "A model of the list")),
    responses((status = 200, body = ModelItem),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such model")))]
pub async fn cancel_pull(
    State(api): State<Api>,
    Path(name): Path<String>,
) -> Result<Json<ModelItem>, Problem> {
    Ok(Json(api.engine.cancel_pull(&name).await?.into()))
}
