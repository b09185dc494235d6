//! `GET /openapi.json`: the description of this API, made from the endpoints themselves.

use super::admin;
use super::openai::{self, RefusalView};
use super::problem::{PROBLEM_JSON, ProblemView};
use super::router::endpoints;
use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{self, Content, Ref, RefOr, ResponseBuilder};

const TOKEN: &str =
    "What `diarist serve --tls …` asks for, everywhere but at /health; without TLS there is none.";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Diarist"),
    // Its route has the slashes of the path in it, and is declared beside it.
    paths(admin::restart_actor),
    components(schemas(ProblemView, RefusalView)),
    tags(
        (name = "jobs", description = "A memo on its way to a transcript and a note."),
        (name = "recordings", description = "A memo that arrives while it is being spoken, and survives whatever breaks."),
        (name = "notes", description = "The diary: notes by day, by tag, and by what they say."),
        (name = "entries", description = "The diary with everything in it: every job by day, by tag, and by what it says."),
        (name = "openai", description = "The same for OpenAI's clients, in their shapes and with their errors."),
        (name = "node", description = "The running server: health, figures, actors, this document."),
    )
)]
pub(super) struct Document;

/// The whole document.
pub fn openapi() -> openapi::OpenApi {
    let mut document = endpoints().into_openapi();
    for (path, item) in &mut document.paths.paths {
        let operations =
            [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation.responses.responses.insert("default".to_owned(), RefOr::T(any_problem(path)));
        }
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(TOKEN));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    let token = SecurityRequirement::new("token", [""; 0]);
    document.security = Some(vec![SecurityRequirement::default(), token]);
    document
}

/// The layers around the endpoints can refuse any request.
fn any_problem(path: &str) -> openapi::Response {
    let (description, media_type, schema) = match openai::owns(path) {
        true => ("A refusal, as OpenAI has it", "application/json", "OpenAiError"),
        false => ("A problem, as RFC 9457 has it", PROBLEM_JSON, "Problem"),
    };
    let content = Content::new(Some(Ref::from_schema_name(schema)));
    ResponseBuilder::new().description(description).content(media_type, content).build()
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", tag = "node",
    responses((status = 200, body = Object, description = "OpenAPI 3.1")))]
pub async fn show_openapi() -> Json<openapi::OpenApi> {
    Json(openapi())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::Value;
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/openapi.json");

    /// To write the page anew, remove `docs/openapi.json` and run this test: it makes the missing file.
    #[test]
    fn the_page_in_docs_describes_this_api() {
        let made = openapi().to_pretty_json().unwrap() + "\n";
        if !Path::new(PAGE).exists() {
            fs::write(PAGE, &made).unwrap();
        }
        let kept = fs::read_to_string(PAGE).unwrap();
        assert!(
            kept == made,
            "docs/openapi.json is out of date: remove it and run this test again"
        );
    }

    #[test]
    fn every_operation_has_a_name_a_summary_and_a_tag_and_every_reference_leads_somewhere() {
        let document = serde_json::to_value(openapi()).unwrap();
        let mut names = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap();
                assert!(names.insert(name.to_owned()), "{name} is there twice");
                assert!(operation["summary"].is_string(), "{method} {path} has no summary");
                assert!(operation["tags"][0].is_string(), "{method} {path} has no tag");
            }
        }
        assert_eq!(names.len(), 55);
        let mut open = vec![&document];
        while let Some(value) = open.pop() {
            if let Some(target) = value.get("$ref").and_then(Value::as_str) {
                let found = document.pointer(target.trim_start_matches('#'));
                assert!(found.is_some(), "{target} leads nowhere");
            }
            match value {
                Value::Array(items) => open.extend(items),
                Value::Object(fields) => open.extend(fields.values()),
                _ => {}
            }
        }
    }
}
