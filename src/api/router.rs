//! The list of all endpoints, and the layers that every request passes on its way to one.

use super::problem::{Problem, kinds};
use super::reach::Reach;
use super::{
    access, admin, docs, entries, guard, health, jobs, measure, metrics, notes, openai, openapi,
    recordings, request_id, web,
};
use crate::actors::engine::Engine;
use crate::telemetry::metrics::Metrics;
use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the endpoints work with. Clones are the same API.
#[derive(Clone)]
pub struct Api {
    pub(super) engine: Engine,
    pub(super) metrics: Arc<Metrics>,
    /// Ends the server, and with it every stream that would stay open.
    pub(super) stop: CancellationToken,
    /// How the server is reached: what `Host`, `Origin` and tokens are compared with.
    pub(super) reach: Arc<Reach>,
    pub(super) calls: openai::Calls,
}

impl Api {
    pub fn new(
        engine: Engine,
        metrics: Arc<Metrics>,
        stop: CancellationToken,
        reach: Reach,
    ) -> Self {
        Self { engine, metrics, stop, reach: Arc::new(reach), calls: openai::Calls::default() }
    }
}

/// Every endpoint behind every layer.
pub fn router(api: Api) -> Router {
    let router = endpoints().split_for_parts().0;
    router
        .merge(web::pages())
        .method_not_allowed_fallback(refuse_method)
        .fallback(refuse_path)
        .layer(CatchPanicLayer::custom(own_up))
        .layer(from_fn_with_state(api.reach.clone(), access::check_token))
        .layer(from_fn_with_state(api.reach.clone(), guard::check_sender))
        .layer(from_fn_with_state(api.metrics.clone(), measure::measure))
        .layer(from_fn(request_id::identify))
        .with_state(api)
}

/// The endpoints with their description, which needs no running engine.
pub(super) fn endpoints() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(openapi::Document::openapi())
        .merge(jobs::create_route())
        .routes(routes!(jobs::list_jobs))
        .routes(routes!(jobs::show_job))
        .routes(routes!(jobs::remove_job))
        .routes(routes!(jobs::cancel_job))
        .routes(routes!(jobs::retry_job))
        .routes(routes!(jobs::retry_failed))
        .routes(routes!(jobs::show_failures))
        .routes(routes!(jobs::follow_events))
        .routes(routes!(jobs::show_transcript))
        .routes(routes!(jobs::correct_transcript))
        .routes(routes!(jobs::list_versions))
        .routes(routes!(jobs::rerun_job))
        .routes(routes!(jobs::run_demo))
        .routes(routes!(jobs::show_note))
        .routes(routes!(jobs::show_audio))
        .routes(routes!(jobs::follow_all_events))
        .routes(routes!(recordings::create_recording))
        .routes(routes!(recordings::list_recordings))
        .routes(routes!(recordings::show_recording))
        .merge(recordings::append_route())
        .routes(routes!(recordings::finish_recording))
        .routes(routes!(recordings::discard_recording))
        .routes(routes!(notes::list_notes))
        .routes(routes!(entries::list_entries))
        .routes(routes!(entries::list_tags))
        .routes(routes!(entries::list_days))
        .routes(routes!(jobs::amend_job))
        .routes(routes!(jobs::trash_job))
        .routes(routes!(jobs::restore_job))
        .merge(openai::transcriptions_route())
        .merge(openai::translations_route())
        .routes(routes!(openai::list_models))
        .routes(routes!(openai::show_model))
        .routes(routes!(admin::show_actors))
        .routes(routes!(admin::follow_actors))
        .merge(admin::restart_route())
        .routes(routes!(admin::show_pools))
        .routes(routes!(admin::resize_pool))
        .routes(routes!(admin::drain))
        .routes(routes!(admin::drain_node))
        .routes(routes!(admin::list_audit))
        .routes(routes!(admin::show_hardware))
        .routes(routes!(admin::show_queue))
        .routes(routes!(admin::stages::show_stages))
        .routes(routes!(admin::stages::pause_stage))
        .routes(routes!(admin::stages::resume_stage))
        .routes(routes!(admin::models::show_models))
        .routes(routes!(admin::models::pull_model, admin::models::cancel_pull))
        .routes(routes!(health::check_live))
        .routes(routes!(health::check_ready))
        .routes(routes!(metrics::scrape_metrics))
        .routes(routes!(openapi::show_openapi))
        .routes(routes!(docs::show_docs))
}

async fn refuse_path(request: Request) -> Response {
    if let Some(page) = web::lost(&request) {
        return page;
    }
    let detail = format!("there is nothing at {}", request.uri().path());
    Problem::new(&kinds::UNKNOWN_PATH, detail).hint("GET /docs lists what there is").into_response()
}

async fn refuse_method(request: Request) -> Problem {
    let detail = format!("{} is not for {}", request.uri().path(), request.method());
    Problem::new(&kinds::WRONG_METHOD, detail).hint("GET /docs lists what there is")
}

/// The panic itself is reported by the panic hook; its text is no business of the sender.
fn own_up(panic: Box<dyn Any + Send>) -> Response {
    let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    tracing::error!(panic = said, "a handler panicked");
    Problem::internal().into_response()
}
