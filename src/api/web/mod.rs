//! The page: the files of `web/`, compiled into the binary, under a policy that lets nothing in from elsewhere.
//! It never renders data and knows no job; what the page shows, its scripts ask from the same API as everybody.
//! Start reading at [`pages()`], the addresses that are the page; then at `file`, how one file is answered.

mod file;

use super::problem::{Problem, kinds};
use super::router::Api;
use axum::Router;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use file::Form;

/// The addresses that a person may open or reload: each is the same page, which finds its screen by the address.
const SCREENS: [&str; 8] =
    ["/", "/record", "/find", "/trash", "/setup", "/engine", "/shortcuts", "/entry/{id}"];

/// The page and its files. They are for people, so the OpenAPI document does not list them.
pub fn pages() -> Router<Api> {
    let router = SCREENS.into_iter().fold(Router::new(), |router, screen| {
        router
            .route(screen, get(|headers: HeaderMap| async move { answer(&headers, "index.html") }))
    });
    router
        .route("/assets/{*path}", get(show_asset))
        // At the root, because a service worker sees only what lies below itself.
        .route("/sw.js", get(|headers: HeaderMap| async move { answer(&headers, "sw.js") }))
        .route(
            "/manifest.webmanifest",
            get(|headers: HeaderMap| async move { answer(&headers, "manifest.webmanifest") }),
        )
        .route(
            "/favicon.ico",
            get(|headers: HeaderMap| async move { answer(&headers, "assets/icon.svg") }),
        )
}

/// For a person who came to an address that leads nowhere: the page, which says so. Programs get a problem.
pub fn lost(request: &Request) -> Option<Response> {
    let headers = request.headers();
    let accepts = headers.get(header::ACCEPT).and_then(|accepts| accepts.to_str().ok())?;
    let is_person = request.method() == Method::GET && accepts.contains("text/html");
    let is_api = request.uri().path().starts_with("/v1/");
    (is_person && !is_api)
        .then(|| (StatusCode::NOT_FOUND, answer(headers, "index.html")).into_response())
}

async fn show_asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    answer(&headers, &format!("assets/{path}"))
}

fn answer(headers: &HeaderMap, path: &str) -> Response {
    match file::find(path) {
        Some(found) => found.answer(&Form::wanted(headers)),
        None => {
            let detail = format!("there is no file {path} in the page");
            Problem::new(&kinds::UNKNOWN_PATH, detail).into_response()
        }
    }
}
