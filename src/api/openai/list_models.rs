//! `GET /v1/models`: the installed models, and the names of OpenAI's that stand for one.

use crate::actors::engine::{Installed, ModelError};
use crate::api::problem::Problem;
use crate::api::router::Api;
use crate::telemetry;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OpenAiModel)]
pub struct ModelView {
    pub id: String,
    /// Always `model`.
    #[schema(value_type = String)]
    pub object: &'static str,
    /// When it was installed, in seconds of Unix time.
    pub created: u64,
    #[schema(value_type = String)]
    pub owned_by: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = OpenAiModelList)]
pub struct ModelsView {
    /// Always `list`.
    #[schema(value_type = String)]
    pub object: &'static str,
    pub data: Vec<ModelView>,
}

/// The models, for OpenAI's clients.
#[utoipa::path(get, path = "/v1/models", tag = "openai",
    responses((status = 200, body = ModelsView)))]
pub async fn list_models(State(api): State<Api>) -> Result<Json<ModelsView>, Problem> {
    Ok(Json(ModelsView { object: "list", data: all(&api)? }))
}

/// Every name that a call may give. An alias is there when its model is; an installed model goes before it.
pub fn all(api: &Api) -> Result<Vec<ModelView>, Problem> {
    let installed = api.engine.models().map_err(|error| unreadable(&error))?;
    let view = |id: &str, model: &Installed| ModelView {
        id: id.to_owned(),
        object: "model",
        created: api.engine.model_since(model),
        owned_by: "diarist",
    };
    let mut views: Vec<ModelView> =
        installed.iter().map(|model| view(&model.name, model)).collect();
    let config = api.engine.config();
    if let Some(default) = installed.iter().find(|model| model.name == config.whisper.model) {
        let aliases = config.openai.aliases.iter();
        let free = aliases.filter(|alias| !installed.iter().any(|model| model.name == **alias));
        views.extend(free.map(|alias| view(alias, default)));
    }
    Ok(views)
}

fn unreadable(error: &ModelError) -> Problem {
    tracing::error!(error = telemetry::chain(error), "cannot list the models");
    Problem::internal()
}
