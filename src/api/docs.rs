//! `GET /docs`: one page that lists every endpoint and every problem, without anything from elsewhere.

use super::openapi::openapi;
use super::problem::kinds;
use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use serde_json::Value;
use std::fmt::Write;
use uuid::Uuid;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}\
     code{font-family:ui-monospace,monospace}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top}\
     h3{margin-bottom:0}:target{background:#ffc}@media(prefers-color-scheme:dark)\
     {body{background:#111;color:#ddd}a{color:#8bf}:target{background:#440}}";

/// The documentation for people.
#[utoipa::path(get, path = "/docs", tag = "node",
    responses((status = 200, body = String, content_type = "text/html")))]
pub async fn show_docs() -> Response {
    let nonce = Uuid::new_v4().simple().to_string();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let document = serde_json::to_value(openapi()).unwrap_or_default();
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, "DENY".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (headers, Html(page(&document, &nonce))).into_response()
}

fn page(document: &Value, nonce: &str) -> String {
    let info = &document["info"];
    let (title, version) = (text(&info["title"]), text(&info["version"]));
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} API</title>\
         <style nonce=\"{nonce}\">{STYLE}</style><h1>{title} {version}</h1><p>{}</p>\
         <p>For programs: <a href=\"/openapi.json\">openapi.json</a></p><h2>Endpoints</h2>",
        text(&info["description"])
    );
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            page.push_str(&endpoint(method, path, operation));
        }
    }
    page.push_str("<h2>Problems</h2><table><tr><th>Code<th>Status<th>Meaning");
    for kind in kinds::ALL {
        let (code, status) = (kind.code, kind.status.as_u16());
        let title = escape(kind.title);
        push(
            &mut page,
            format_args!(
                "<tr id=\"problem-{code}\"><td><code>{code}</code><td>{status}<td>{title}"
            ),
        );
    }
    page + "</table></html>"
}

fn endpoint(method: &str, path: &str, operation: &Value) -> String {
    let mut part = format!(
        "<h3 id=\"{}\"><code>{} {}</code></h3><p>{} {}</p>",
        text(&operation["operationId"]),
        method.to_uppercase(),
        escape(path),
        text(&operation["summary"]),
        text(&operation["description"]),
    );
    let parameters = operation["parameters"].as_array();
    let parameters = parameters.into_iter().flatten().filter(|one| one["in"] != "path");
    for one in parameters {
        push(
            &mut part,
            format_args!(
                "<p><code>{}</code> ({}): {}</p>",
                text(&one["name"]),
                text(&one["in"]),
                text(&one["description"])
            ),
        );
    }
    let answers = operation["responses"].as_object().into_iter().flatten();
    let answers = answers.map(|(status, _)| escape(status)).collect::<Vec<_>>().join(", ");
    push(&mut part, format_args!("<p>Answers: {answers}</p>"));
    part
}

fn push(page: &mut String, part: std::fmt::Arguments<'_>) {
    // A string takes whatever is written to it.
    let _ = page.write_fmt(part);
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[tokio::test]
    async fn the_page_lists_everything_and_loads_nothing() {
        let answer = show_docs().await;
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let page = String::from_utf8(body.to_vec()).unwrap();
        for part in ["POST /v1/jobs", "GET /v1/jobs/{id}/events", "id=\"problem-busy\""] {
            assert!(page.contains(part), "{part} is missing");
        }
        assert!(!page.contains("<script") && !page.contains("src="), "{page}");
        let nonce = page.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(policy.contains(nonce) && policy.starts_with("default-src 'none'"), "{policy}");
    }

    #[test]
    fn what_is_described_is_escaped() {
        let operation = serde_json::json!({ "summary": "<b>&\"", "responses": {} });
        let part = endpoint("get", "/x", &operation);
        assert!(part.contains("&lt;b&gt;&amp;&quot;") && !part.contains("<b>"), "{part}");
    }
}
