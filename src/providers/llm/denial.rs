//! What a provider means when it answers with an error, out of status, headers and body.

use super::error::LlmError;
use super::patience;
use crate::clock;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// A reason is for people; what is longer than this is a page.
const REASON_CHARS: usize = 200;

/// What was refused, and by whom, as far as a typed error needs it.
pub struct Denied<'a> {
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub model: &'a str,
    /// Never repeated, whatever the provider repeats.
    pub key: &'a str,
}

impl Denied<'_> {
    pub fn to_error(&self) -> LlmError {
        let wait = || patience::wait(self.headers, clock::now());
        let body: Value = serde_json::from_slice(self.body).unwrap_or_default();
        if let Some(error) = told(&body, self.model, self.key) {
            return match error {
                LlmError::RateLimited { .. } => LlmError::RateLimited { wait: wait() },
                LlmError::Overloaded { .. } => LlmError::Overloaded { wait: wait() },
                other => other,
            };
        }
        let reason = || reason(&message(&body), self.key);
        match self.status {
            401 | 403 => LlmError::Auth { status: self.status },
            402 => LlmError::Quota,
            404 => LlmError::ModelNotFound { model: self.model.to_owned() },
            413 => LlmError::ContextTooLong,
            429 => LlmError::RateLimited { wait: wait() },
            503 | 529 => LlmError::Overloaded { wait: wait() },
            408 | 409 | 500.. => LlmError::Server { status: self.status },
            300..=399 => {
                let reason = "it points elsewhere; check the base_url".to_owned();
                LlmError::BadRequest { status: self.status, reason }
            }
            status => LlmError::BadRequest { status, reason: reason() },
        }
    }
}

/// What the body alone says, in an answer of its own or in the middle of a stream.
pub fn told(body: &Value, model: &str, key: &str) -> Option<LlmError> {
    let error = body.get("error").unwrap_or(body);
    let text = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_str).unwrap_or_default().to_lowercase()
    };
    let details = error.get("details").cloned().unwrap_or_default();
    let kinds = [text(error, "code"), text(error, "type"), text(&details, "error_code")];
    let is = |marks: &[&str]| kinds.iter().any(|kind| marks.iter().any(|mark| kind.contains(mark)));
    let message = message(body).to_lowercase();
    let says = |marks: &[&str]| marks.iter().any(|mark| message.contains(mark));
    if is(&["insufficient_quota", "billing", "spend_limit", "payment_required"])
        || says(&["credit balance is too low", "exceeded your current quota"])
    {
        return Some(LlmError::Quota);
    }
    if is(&["context_length", "exceed_context", "context_window", "string_above_max_length"])
        || says(&["prompt is too long", "maximum context length", "too large for model"])
        || says(&["exceeds the available context size"])
    {
        return Some(LlmError::ContextTooLong);
    }
    if is(&["content_filter", "content_policy", "moderation", "refusal"]) {
        return Some(LlmError::Refused { reason: reason(&message, key) });
    }
    if is(&["model_not_found", "invalid_model", "unknown_model"]) {
        return Some(LlmError::ModelNotFound { model: model.to_owned() });
    }
    if is(&["overloaded"]) {
        return Some(LlmError::Overloaded { wait: None });
    }
    if is(&["rate_limit"]) {
        return Some(LlmError::RateLimited { wait: None });
    }
    None
}

/// The words of an error, wherever this provider puts them.
pub fn message(body: &Value) -> String {
    let places = ["/error/message", "/message", "/error", "/detail/0/msg", "/detail"];
    let found = places.iter().find_map(|place| body.pointer(place).and_then(Value::as_str));
    found.unwrap_or_default().to_owned()
}

/// A provider's words as they may be shown: one short line, without anything that looks like a key.
pub fn reason(text: &str, key: &str) -> String {
    let text = if key.is_empty() { text.to_owned() } else { text.replace(key, "***") };
    let looks_like_key = |word: &str| {
        let word = word.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        word.len() > 5 && (word.starts_with("sk-") || word.starts_with("sk_"))
            || word.len() >= 32
                && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_*.".contains(c))
    };
    let words = text.split_whitespace().map(|word| if looks_like_key(word) { "***" } else { word });
    let line = words.collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(REASON_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None if line.is_empty() => "it does not say why".to_owned(),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::domain::failure::Verdict;
    use std::time::Duration;

    fn code(status: u16, body: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "4".parse().unwrap());
        let (body, model, key) = (body.as_bytes(), "m-1", "sk-hidden");
        let error = Denied { status, headers: &headers, body, model, key }.to_error();
        if let LlmError::RateLimited { wait } | LlmError::Overloaded { wait } = error {
            assert_eq!(wait, Some(Duration::from_secs(4)), "{status}");
        }
        error.to_failure(clock::now()).code
    }

    /// Status and body as they were recorded, and what they mean.
    const SAMPLES: [(u16, &str, &str); 23] = [
        (
            429,
            r#"{"error":{"message":"Rate limit reached","type":"tokens","code":"rate_limit_exceeded"}}"#,
            "llm_rate_limited",
        ),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            "llm_quota",
        ),
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-hid**den","type":"invalid_request_error","code":"invalid_api_key"}}"#,
            "llm_auth",
        ),
        (
            404,
            r#"{"error":{"message":"The model does not exist","code":"model_not_found"}}"#,
            "llm_model_not_found",
        ),
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens","code":"context_length_exceeded"}}"#,
            "llm_context_too_long",
        ),
        (
            400,
            r#"{"error":{"message":"Invalid prompt","code":"content_policy_violation"}}"#,
            "llm_refused",
        ),
        (500, "<html>oops</html>", "llm_server"),
        (
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            "llm_overloaded",
        ),
        (
            429,
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#,
            "llm_rate_limited",
        ),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}"#,
            "llm_quota",
        ),
        (
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens"}}"#,
            "llm_context_too_long",
        ),
        (403, r#"{"type":"error","error":{"type":"permission_error","message":"no"}}"#, "llm_auth"),
        (
            404,
            r#"{"type":"error","error":{"type":"not_found_error","message":"model: x"}}"#,
            "llm_model_not_found",
        ),
        (402, r#"{"type":"error","error":{"type":"billing_error","message":"pay"}}"#, "llm_quota"),
        (401, r#"{"message":"Unauthorized","request_id":"x"}"#, "llm_auth"),
        (
            429,
            r#"{"object":"error","message":"Requests rate limit exceeded","type":"rate_limited","code":"1300"}"#,
            "llm_rate_limited",
        ),
        (
            400,
            r#"{"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"}"#,
            "llm_model_not_found",
        ),
        (
            422,
            r#"{"detail":[{"type":"missing","loc":["body"],"msg":"Field required"}]}"#,
            "llm_bad_request",
        ),
        (404, r#"{"error":"model \"x\" not found, try pulling it first"}"#, "llm_model_not_found"),
        (
            400,
            r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#,
            "llm_context_too_long",
        ),
        (
            503,
            r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            "llm_overloaded",
        ),
        (302, "", "llm_bad_request"),
        (418, "", "llm_bad_request"),
    ];

    #[test]
    fn recorded_refusals_of_all_providers_get_their_meaning() {
        for (status, body, expected) in SAMPLES {
            assert_eq!(code(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn patience_is_asked_for_until_a_moment_and_a_bad_key_is_final() {
        let now = clock::now();
        let wait = Some(Duration::from_secs(9));
        let verdict = LlmError::RateLimited { wait }.to_failure(now).verdict;
        assert_eq!(verdict, Verdict::Park { until: now + chrono::TimeDelta::seconds(9) });
        let endless = LlmError::Overloaded { wait: Some(Duration::MAX) }.to_failure(now).verdict;
        assert!(matches!(endless, Verdict::Park { until } if until > now));
        assert_eq!(LlmError::Auth { status: 401 }.to_failure(now).verdict, Verdict::GiveUp);
        assert_eq!(LlmError::Cut.to_failure(now).verdict, Verdict::Retry);
    }

    #[test]
    fn a_reason_is_one_short_line_without_a_key() {
        let said =
            reason("Incorrect key: hunter2!\nor sk-abcdef**** at\n(sk-proj-12345)", "hunter2");
        assert_eq!(said, "Incorrect key: ***! or *** at ***");
        assert_eq!(reason(&"a b ".repeat(200), "").chars().count(), REASON_CHARS + 1);
        assert_eq!(reason(" ", "k"), "it does not say why");
    }
}
