//! `GET /v1/admin/models`: the models that can be had here, and the one that suits this machine.

use super::view::ModelShelf;
use crate::api::problem::Problem;
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;

/// List the models that can be had.
///
/// Installed or not, with what each would ask of this machine, and how far one has come that is being downloaded.
#[utoipa::path(get, path = "/v1/admin/models", tag = "node",
    responses((status = 200, body = ModelShelf)))]
pub async fn show_models(State(api): State<Api>) -> Result<Json<ModelShelf>, Problem> {
    let shelf = api.engine.shelf().await?;
    Ok(Json(ModelShelf::new(&api.engine.config().whisper.model, shelf)))
}
