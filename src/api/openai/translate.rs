//! `POST /v1/audio/translations`: a recording in, its text in English out, as OpenAI's clients ask for it.

use super::answer::{TextView, VerboseView, answer};
use super::call::Call;
use super::refusal::{Refusal, RefusalView};
use super::transcribe::OpenAiForm;
use crate::api::caller::Caller;
use crate::api::input::Parted;
use crate::api::router::Api;
use crate::domain::options::Task;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The engine enforces the size of an upload; axum's own limit is for bodies that are read at once.
pub fn translations_route() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(create_translation)).layer(DefaultBodyLimit::disable())
}

/// Translate into English, for OpenAI's clients.
///
/// Needs a multilingual model; otherwise like a transcription, and never a stream.
#[utoipa::path(post, path = "/v1/audio/translations", tag = "openai",
    request_body(content = OpenAiForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "In the format that was asked for", content(
            (TextView = "application/json"), (VerboseView = "application/json"), (String = "text/plain"))),
        (status = 400, body = RefusalView, description = "A form or a file that cannot be used, or a model of English only"),
        (status = 404, body = RefusalView, description = "No such model"),
        (status = 413, body = RefusalView, description = "Too large, or too long"),
        (status = 503, body = RefusalView, description = "Busy; `Retry-After` says when to come again")))]
pub async fn create_translation(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Parted(mut parts): Parted,
) -> Result<Response, Refusal> {
    let mut call = Call::begin(&api, caller, &headers, &mut parts, Task::Translate).await?;
    let job = call.finished().await?;
    answer(&api, &job, &call.wish).await
}
