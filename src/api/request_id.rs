//! Gives every request an id, and puts it on the answer: in its header, and in the text of a problem.

use super::{openai, problem};
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use uuid::Uuid;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const CHARS_MAX: usize = 128;

/// The outermost layer. What a client calls its request is kept, where it is a name and not a text.
pub async fn identify(request: Request, next: Next) -> Response {
    let given = request.headers().get(X_REQUEST_ID).filter(|id| is_well_formed(id)).cloned();
    let own = Uuid::now_v7().to_string();
    let id = given.as_ref().and_then(|id| id.to_str().ok()).unwrap_or(&own).to_owned();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let for_openai = openai::owns(&path);
    let span = tracing::info_span!("request", request_id = id, %method, path);
    let answered = next.run(request).instrument(span).await;
    let mut answer =
        if for_openai { openai::render(answered) } else { problem::render(answered, &id) };
    let headers = answer.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(X_REQUEST_ID, id);
    }
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    // What people say to their diary stays out of caches.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

fn is_well_formed(id: &HeaderValue) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    (1..=CHARS_MAX).contains(&id.len()) && id.as_bytes().iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_id_is_a_short_name_or_nothing() {
        for (id, good) in [
            ("abc-1_2.3:4", true),
            ("", false),
            ("two words", false),
            ("<script>", false),
            (&"a".repeat(CHARS_MAX), true),
            (&"a".repeat(CHARS_MAX + 1), false),
        ] {
            let value = HeaderValue::from_str(id).ok();
            assert_eq!(value.is_some_and(|id| is_well_formed(&id)), good, "{id}");
        }
    }
}
