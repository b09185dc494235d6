//! A refusal in OpenAI's envelope, `{"error": {"message", "type", "param", "code"}}`, on its paths alone.

use crate::actors::engine::EngineError;
use crate::api::problem::{Problem, kinds};
use crate::store::StoreError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub status: StatusCode,
    pub message: String,
    /// The field of the form that is at fault.
    pub param: Option<String>,
    pub code: Option<&'static str>,
    pub retry_after_s: Option<u32>,
}

/// A refusal as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiError)]
pub struct RefusalView {
    pub error: ErrorView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiErrorBody)]
pub struct ErrorView {
    pub message: String,
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub kind: &'static str,
    pub param: Option<String>,
    #[schema(value_type = Option<String>)]
    pub code: Option<&'static str>,
}

/// Whether OpenAI's clients ask for this path, and so read its errors.
pub fn owns(path: &str) -> bool {
    path == "/v1/models" || path.starts_with("/v1/models/") || path.starts_with("/v1/audio/")
}

/// Puts a problem that a layer or an extractor has answered with into the envelope.
pub fn render(mut answer: Response) -> Response {
    let Some(problem) = answer.extensions_mut().remove::<Problem>() else { return answer };
    let mut rendered = Refusal::from(problem).into_response();
    // What the layers have added since, such as `Allow`, stays.
    for (name, value) in answer.headers() {
        if *name != header::CONTENT_LENGTH {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    rendered
}

impl Refusal {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), param: None, code: None, retry_after_s: None }
    }

    /// A field of the form that cannot be used.
    pub fn of(param: &str, code: &'static str, message: impl Into<String>) -> Self {
        let refusal = Self::new(StatusCode::BAD_REQUEST, message);
        Self { param: Some(param.to_owned()), code: Some(code), ..refusal }
    }

    pub fn unknown_model(name: &str) -> Self {
        let message = format!(
            "The model `{name}` does not exist or you do not have access to it. \
             GET /v1/models lists the models of this server."
        );
        let refusal = Self::of("model", "model_not_found", message);
        Self { status: StatusCode::NOT_FOUND, ..refusal }
    }

    pub fn view(&self) -> RefusalView {
        let kind =
            if self.status.is_server_error() { "server_error" } else { "invalid_request_error" };
        let (message, param, code) = (self.message.clone(), self.param.clone(), self.code);
        RefusalView { error: ErrorView { message, kind, param, code } }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut answer = (self.status, Json(self.view())).into_response();
        if let Some(seconds) = self.retry_after_s {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

/// OpenAI answers 400 to whatever is wrong with a form or a file, and knows neither 415 nor 422 here.
impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let retry_after_s = problem.retry_after_s();
        let Problem { kind, detail, hint, errors, .. } = problem;
        let status = match kind.status {
            StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => {
                StatusCode::BAD_REQUEST
            }
            status => status,
        };
        let is_file = [
            &kinds::NOT_AUDIO,
            &kinds::NO_AUDIO_TRACK,
            &kinds::EMPTY_FILE,
            &kinds::AUDIO_DAMAGED,
            &kinds::DECODER_CRASHED,
            &kinds::DECODER_TIMED_OUT,
            &kinds::UNUSABLE_RECORDING,
            &kinds::UPLOAD_TOO_LARGE,
            &kinds::AUDIO_TOO_LONG,
            &kinds::UNSUPPORTED_CONTAINER,
            &kinds::UNSUPPORTED_CODEC,
        ]
        .contains(&kind);
        let at_fault = errors.first().map(|fault| parameter(&fault.pointer));
        let param = at_fault.or_else(|| is_file.then(|| "file".to_owned()));
        let mut message = detail;
        for part in errors.iter().map(|fault| &fault.detail).chain([&hint]) {
            if !part.is_empty() {
                message = format!("{message}; {part}");
            }
        }
        let (status, param, code) = match kind {
            _ if *kind == kinds::MODEL_MISSING => {
                (StatusCode::NOT_FOUND, Some("model".to_owned()), "model_not_found")
            }
            _ if *kind == kinds::INVALID_OPTIONS => (status, param, "invalid_value"),
            _ if *kind == kinds::UNKNOWN_PATH => (status, None, "unknown_url"),
            _ if *kind == kinds::WRONG_METHOD => (status, None, "method_not_supported"),
            _ => (status, param, kind.code),
        };
        Self { status, message, param, code: Some(code), retry_after_s }
    }
}

/// The field of the form that a pointer into our options means.
fn parameter(pointer: &str) -> String {
    let name = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
    match name {
        "initial_prompt" => "prompt",
        "vocabulary" => "keywords",
        other => other,
    }
    .to_owned()
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        Problem::from(error).into()
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_becomes_what_openai_would_answer() {
        let told = |kind| {
            let refusal = Refusal::from(Problem::new(kind, "why").hint("what to do"));
            assert_eq!(refusal.message, "why; what to do");
            (refusal.status.as_u16(), refusal.param, refusal.code)
        };
        let file = || Some("file".to_owned());
        assert_eq!(told(&kinds::NOT_AUDIO), (400, file(), Some("not_audio")));
        assert_eq!(told(&kinds::UNSUPPORTED_CODEC), (400, file(), Some("unsupported_codec")));
        assert_eq!(told(&kinds::UPLOAD_TOO_LARGE), (413, file(), Some("upload_too_large")));
        assert_eq!(told(&kinds::BUSY), (503, None, Some("busy")));
        assert_eq!(told(&kinds::WRONG_METHOD), (405, None, Some("method_not_supported")));
        let model = Some("model".to_owned());
        assert_eq!(told(&kinds::MODEL_MISSING), (404, model, Some("model_not_found")));
        let options = Problem::new(&kinds::INVALID_OPTIONS, "x").error("/initial_prompt", "long");
        assert_eq!(Refusal::from(options).param.as_deref(), Some("prompt"));
        let busy = Refusal::from(Problem::new(&kinds::BUSY, "x").retry_after(2)).into_response();
        assert_eq!(busy.headers()[header::RETRY_AFTER], "2");
    }

    #[test]
    fn only_the_paths_of_openai_are_owned() {
        for (path, own) in [
            ("/v1/models", true),
            ("/v1/models/tiny.en", true),
            ("/v1/audio/transcriptions", true),
            ("/v1/audio/speech", true),
            ("/v1/modelsx", false),
            ("/v1/jobs", false),
        ] {
            assert_eq!(owns(path), own, "{path}");
        }
    }
}
