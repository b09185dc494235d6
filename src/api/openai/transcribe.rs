//! `POST /v1/audio/transcriptions`: a recording in, its text out, as OpenAI's clients ask for it.

use super::answer::{TextView, VerboseView, answer};
use super::call::Call;
use super::refusal::{Refusal, RefusalView};
use super::stream::stream;
use crate::api::caller::Caller;
use crate::api::input::Parted;
use crate::api::router::Api;
use crate::domain::options::Task;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The form of OpenAI's transcriptions, and of its translations without what is theirs alone.
#[derive(ToSchema)]
#[schema(as = OpenAiForm)]
#[expect(dead_code, reason = "describes the form; it is read part by part")]
pub struct OpenAiForm {
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
    /// A model of `GET /v1/models`.
    pub model: String,
    /// ISO 639-1 code; found out where it is absent.
    pub language: Option<String>,
    /// Codes of which one is spoken.
    #[schema(rename = "languages[]")]
    pub languages: Option<Vec<String>>,
    pub prompt: Option<String>,
    /// Names and terms that may be spoken.
    #[schema(rename = "keywords[]")]
    pub keywords: Option<Vec<String>>,
    /// `json`, `text`, `srt`, `vtt` or `verbose_json`.
    pub response_format: Option<String>,
    /// From 0 to 1.
    pub temperature: Option<f64>,
    /// `word`, `segment`; with `verbose_json` only.
    #[schema(rename = "timestamp_granularities[]")]
    pub timestamp_granularities: Option<Vec<String>>,
    /// `logprobs`; with `json` only.
    #[schema(rename = "include[]")]
    pub include: Option<Vec<String>>,
    /// `auto`, or an object of type `server_vad`; checked, and without effect: cuts are always at pauses.
    pub chunking_strategy: Option<String>,
    /// Answers with Server-Sent Events.
    pub stream: Option<bool>,
}

/// The engine enforces the size of an upload; axum's own limit is for bodies that are read at once.
pub fn transcriptions_route() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(create_transcription)).layer(DefaultBodyLimit::disable())
}

/// Transcribe, for OpenAI's clients.
///
/// A job like any other, waited for; it is cancelled when its caller goes away before the answer.
#[utoipa::path(post, path = "/v1/audio/transcriptions", tag = "openai",
    request_body(content = OpenAiForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, description = "In the format that was asked for", content(
            (TextView = "application/json"), (VerboseView = "application/json"), (String = "text/plain"),
            (String = "text/event-stream"))),
        (status = 400, body = RefusalView, description = "A form or a file that cannot be used"),
        (status = 404, body = RefusalView, description = "No such model"),
        (status = 413, body = RefusalView, description = "Too large, or too long"),
        (status = 503, body = RefusalView, description = "Busy; `Retry-After` says when to come again")))]
pub async fn create_transcription(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Parted(mut parts): Parted,
) -> Result<Response, Refusal> {
    let mut call = Call::begin(&api, caller, &headers, &mut parts, Task::Transcribe).await?;
    if call.wish.stream {
        return Ok(stream(call));
    }
    let job = call.finished().await?;
    answer(&api, &job, &call.wish).await
}
