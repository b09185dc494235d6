//! `POST /v1/admin/models/{name}/pull`: gets a model in the background.

use super::view::ModelItem;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

/// Get a model.
///
/// Answers at once; one model is downloaded after the other. `GET /v1/admin/models` tells how far it has come. Asking
/// again while it runs changes nothing, and after a failure goes on where the download broke off.
#[utoipa::path(post, path = "/v1/admin/models/{name}/pull", tag = "node",
    params(("name" = String, Path, description = "A model of the list")),
    responses((status = 202, body = ModelItem),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such model")))]
pub async fn pull_model(
    State(api): State<Api>,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<ModelItem>), Problem> {
    let item = api.engine.pull(&name).await?;
    Ok((StatusCode::ACCEPTED, Json(item.into())))
}
