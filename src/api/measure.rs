//! Counts and times every answered request, by its route and never by its path.

use crate::clock;
use crate::failpoint;
use crate::telemetry::metrics::{HTTP_REQUESTS, HTTP_SECONDS, Metrics};
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;

/// Times until the answer begins: a stream of events goes on for as long as its job.
pub async fn measure(
    State(figures): State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response {
    let begun = clock::tick();
    let method = label(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "none".to_owned());
    let is_change = !request.method().is_safe();
    let answer = next.run(request).await;
    if is_change {
        failpoint::pass("answer.before");
    }
    let took = clock::tick().duration_since(begun);
    let status = answer.status().as_str().to_owned();
    figures.record(|| {
        let labels = [("method", method.to_owned()), ("route", route)];
        metrics::histogram!(HTTP_SECONDS.name, &labels).record(took.as_secs_f64());
        let [method, route] = labels;
        let labels = [method, route, ("status", status)];
        metrics::counter!(HTTP_REQUESTS.name, &labels).increment(1);
    });
    answer
}

/// A client may invent methods; each would be a series of its own.
fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
