//! A refusal as an RFC 9457 problem document: a stable code for programs, plain words for people.

pub mod kinds;
mod mapping;

pub use mapping::too_large;

use crate::domain::options::Fault;
use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kinds::Kind;
use serde::Serialize;
use utoipa::ToSchema;

/// Media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal, for `?` in every handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: &'static Kind,
    pub detail: String,
    pub hint: String,
    pub errors: Vec<Fault>,
    retry_after_s: Option<u32>,
}

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView {
    /// Where this kind of problem is explained; a reference to this server's documentation.
    #[serde(rename = "type")]
    pub about: String,
    /// The kind of problem in words; the same for all of a kind.
    #[schema(value_type = String)]
    pub title: &'static str,
    pub status: u16,
    /// What is wrong with this very request.
    pub detail: String,
    /// The kind of problem for programs.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// The `X-Request-Id` of the answer, by which the log can be searched.
    pub request_id: String,
    /// Each fault of the input with a JSON pointer to its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<Fault>,
    /// What can be done about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[schema(required = false)]
    pub hint: String,
}

impl Problem {
    pub fn new(kind: &'static Kind, detail: impl Into<String>) -> Self {
        let (detail, hint) = (detail.into(), String::new());
        Self { kind, detail, hint, errors: Vec::new(), retry_after_s: None }
    }

    /// Says nothing of what went wrong inside: that is in the log, under the id of the request.
    pub fn internal() -> Self {
        Self::new(&kinds::INTERNAL, "something went wrong inside the server")
            .hint("the server's log has the cause, under this request_id")
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    pub fn errors(self, errors: Vec<Fault>) -> Self {
        Self { errors, ..self }
    }

    pub fn error(self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors(vec![Fault { pointer: pointer.into(), detail: detail.into() }])
    }

    pub fn retry_after_s(&self) -> Option<u32> {
        self.retry_after_s
    }

    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }
}

impl ProblemView {
    fn new(problem: Problem, request_id: &str) -> Self {
        let Problem { kind, detail, hint, errors, .. } = problem;
        Self {
            about: format!("/docs#problem-{}", kind.code),
            title: kind.title,
            status: kind.status.as_u16(),
            detail,
            code: kind.code,
            request_id: request_id.to_owned(),
            errors,
            hint,
        }
    }
}

/// The document is written by [`render`], where the id of the request is known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut answer = self.kind.status.into_response();
        answer.extensions_mut().insert(self);
        answer
    }
}

/// Writes the document of an answer that is a problem; leaves every other answer as it is.
pub fn render(mut answer: Response, request_id: &str) -> Response {
    let Some(problem) = answer.extensions_mut().remove::<Problem>() else { return answer };
    let retry_after = problem.retry_after_s;
    let body = Json(ProblemView::new(problem, request_id));
    let mut rendered = (answer.status(), body).into_response();
    // What the layers have added since, such as `Allow`, stays.
    for (name, value) in answer.headers() {
        if name != header::CONTENT_LENGTH {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    let headers = rendered.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    rendered
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use axum::body::to_bytes;
    use axum::http::StatusCode;

    #[tokio::test]
    async fn a_problem_is_written_with_the_id_of_its_request() {
        let problem = Problem::new(&kinds::BUSY, "too much at once").retry_after(2);
        let answer = render(problem.into_response(), "req-1");
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(answer.headers()[header::RETRY_AFTER], "2");
        let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
        let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let expected = serde_json::json!({
            "type": "/docs#problem-busy",
            "title": kinds::BUSY.title,
            "status": 503,
            "detail": "too much at once",
            "code": "busy",
            "request_id": "req-1",
        });
        assert_eq!(document, expected);
    }

    #[tokio::test]
    async fn an_answer_that_is_no_problem_stays_as_it_is() {
        let answer = render((StatusCode::NOT_FOUND, "as it was").into_response(), "req-1");
        let body = to_bytes(answer.into_body(), 100).await.unwrap();
        assert_eq!(&body[..], b"as it was");
    }
}
