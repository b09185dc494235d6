//! `GET /v1/models/{id}`: one model by its name.

use super::list_models::{ModelView, all};
use super::refusal::{Refusal, RefusalView};
use crate::api::input::Path;
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;

/// One model, for OpenAI's clients.
#[utoipa::path(get, path = "/v1/models/{id}", tag = "openai",
    params(("id" = String, Path, description = "A name of the list")),
    responses((status = 200, body = ModelView),
        (status = 404, body = RefusalView, description = "No such model")))]
pub async fn show_model(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<ModelView>, Refusal> {
    let found = all(&api)?.into_iter().find(|model| model.id == id);
    found.map(Json).ok_or_else(|| Refusal::unknown_model(&id))
}
