//! A server that plays the language-model APIs of OpenAI, Anthropic, Mistral and local servers, faults included.
//!
//! README.md lists its addresses, its script and its faults. It keeps no secrets and reaches nothing.
//! Start at [`Fake::start`], then at `door.rs`, which is the way of one call.

mod answer;
mod anthropic;
mod body;
mod calls;
mod chat;
mod connection;
mod door;
mod local;
mod material;
mod mistral;
mod openai;
mod script;
mod strict;
mod wire;

use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use calls::Calls;
use chrono::{DateTime, Utc};
use connection::{Cuttable, Scissors};
use script::{Order, Script};
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wire::{Provider, Trouble};

const LARGEST_BODY: usize = 64 << 20;

/// A running fake; it ends when this is dropped.
pub struct Fake {
    pub url: String,
    serving: JoinHandle<io::Result<()>>,
}

impl Fake {
    /// Serves on this address; port 0 takes a free one.
    pub async fn start(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let service = router().into_make_service_with_connect_info::<Scissors>();
        let serving = tokio::spawn(async move { axum::serve(Cuttable(listener), service).await });
        Ok(Self { url, serving })
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What the handlers share.
#[derive(Clone, Default)]
struct Stage {
    script: Arc<Mutex<Script>>,
    calls: Calls,
}

impl Stage {
    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn router() -> Router {
    Router::new()
        .route("/openai/v1/chat/completions", post(door::openai))
        .route("/anthropic/v1/messages", post(door::anthropic))
        .route("/mistral/v1/chat/completions", post(door::mistral))
        .route("/local/v1/chat/completions", post(door::local))
        .route("/{provider}/v1/models", get(models))
        .route("/local/health", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/_script", post(add_steps))
        .route("/_calls", get(|State(stage): State<Stage>| async move { Json(stage.calls.view()) }))
        .route("/_reset", post(reset))
        .fallback(unknown_path)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Stage::default())
}

async fn add_steps(State(stage): State<Stage>, body: String) -> Response {
    match serde_json::from_str::<Order>(&body) {
        Ok(order) => Json(json!({ "queued": stage.script().add(order) })).into_response(),
        Err(error) => {
            let words = format!("no script: {error}; tests/fakes/README.md lists the faults");
            (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "error": words }))).into_response()
        }
    }
}

async fn reset(State(stage): State<Stage>) -> Json<Value> {
    stage.script().clear();
    stage.calls.clear();
    Json(json!({ "status": "reset" }))
}

async fn models(Path(provider): Path<Provider>, headers: HeaderMap) -> Response {
    let wire = door::wire(provider);
    if let Err(refusal) = wire.admit(&headers) {
        return body::refused(wire, refusal);
    }
    let created = now();
    let model = |id: &str| match provider {
        Provider::Anthropic => {
            json!({ "type": "model", "id": id, "display_name": id, "created_at": created.to_rfc3339() })
        }
        _ => {
            json!({ "id": id, "object": "model", "created": created.timestamp(), "owned_by": "fake" })
        }
    };
    Json(match provider {
        Provider::Openai => json!({ "object": "list", "data": [model("gpt-5.4-mini")] }),
        Provider::Mistral => json!({ "object": "list", "data": [model("mistral-small-latest")] }),
        Provider::Local => json!({ "object": "list", "data": [model("local-model")] }),
        Provider::Anthropic => {
            let id = "claude-haiku-4-5";
            json!({ "data": [model(id)], "has_more": false, "first_id": id, "last_id": id })
        }
    })
    .into_response()
}

/// A wrong path is answered as the provider whose prefix it has would.
async fn unknown_path(uri: Uri) -> Response {
    let prefix = uri.path().split('/').nth(1).unwrap_or_default();
    match serde_json::from_value::<Provider>(Value::from(prefix)) {
        Ok(provider) => {
            let wire = door::wire(provider);
            body::refused(wire, wire.refuse(Trouble::UnknownPath, ""))
        }
        Err(_) => {
            (StatusCode::NOT_FOUND, "nothing here; see tests/fakes/README.md").into_response()
        }
    }
}

fn now() -> DateTime<Utc> {
    Utc::now()
}
