//! Speaks HTTP to a running node, for the commands: the very API that everyone else uses.
//! It never touches the data folder, the database or an actor.
//! Start reading at [`Client`].

mod admin;
mod error;
mod events;
mod notes;
mod page;
mod pinned;
mod upload;
mod view;

pub use admin::{ActorTree, ActorView, AuditEntry, AuditPage};
pub use error::ClientError;
pub use events::Follow;
pub use notes::{NoteItem, NoteMatch};
pub use page::Page;
pub use view::{Event, FailedView, JobView, Retried, StageView};

use crate::config::Secret;
use crate::domain::ids::JobId;
use crate::domain::job_state::Stage;
use crate::domain::note::Note;
use crate::domain::transcript::Transcript;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use std::path::Path;
use std::time::Duration;

/// Long enough for a busy machine; streams of events have no limit of their own.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that is alive says something every 15 s, even on a quiet stream of events.
const SILENCE_MAX: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    /// Without a limit: the other one's runs from the first byte that is sent, and a recording may be spoken meanwhile.
    uploads: reqwest::Client,
    patience: Duration,
    base: String,
    /// Known to the server, an upload that is repeated with it is one job.
    key: Option<String>,
}

/// What a server that other devices reach is told, and what it is known by.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    pub token: Option<Secret>,
    /// SHA-256 of the one certificate that is trusted; without it, those that the system trusts.
    pub certificate: Option<String>,
}

impl Client {
    pub fn new(base: &str) -> Result<Self, ClientError> {
        Self::trusting(base, &Trust::default())
    }

    pub fn trusting(base: &str, trust: &Trust) -> Result<Self, ClientError> {
        Self::with_patience(base, trust, SILENCE_MAX)
    }

    fn with_patience(base: &str, trust: &Trust, patience: Duration) -> Result<Self, ClientError> {
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(ClientError::Address { url: base.to_owned() });
        }
        let broken = |source| ClientError::SetUp { source };
        let http = set_up(trust)?.read_timeout(patience).build().map_err(broken)?;
        let uploads = set_up(trust)?.build().map_err(broken)?;
        let base = base.trim_end_matches('/').to_owned();
        Ok(Self { http, uploads, patience, base, key: None })
    }

    /// The same client for one recording, whose uploads carry this `Idempotency-Key`.
    pub fn keyed(&self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self.clone() }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub async fn job(&self, id: JobId) -> Result<JobView, ClientError> {
        self.get(&format!("/v1/jobs/{id}")).await
    }

    pub async fn jobs(&self, query: &[(&str, String)]) -> Result<Page<JobView>, ClientError> {
        let request = self.request(Method::GET, "/v1/jobs").query(query);
        let answer = self.send(request).await?;
        self.json(answer).await
    }

    pub async fn cancel(&self, id: JobId) -> Result<JobView, ClientError> {
        let answer =
            self.send(self.request(Method::POST, &format!("/v1/jobs/{id}/cancel"))).await?;
        self.json(answer).await
    }

    pub async fn retry(&self, id: JobId) -> Result<JobView, ClientError> {
        let answer = self.send(self.request(Method::POST, &format!("/v1/jobs/{id}/retry"))).await?;
        self.json(answer).await
    }

    /// What has failed, by reason.
    pub async fn failures(&self) -> Result<Vec<FailedView>, ClientError> {
        let list: view::List<FailedView> = self.get("/v1/jobs/failures").await?;
        Ok(list.items)
    }

    /// Gives failed jobs another chance, of one reason or of all.
    pub async fn retry_failed(&self, code: Option<&str>) -> Result<Retried, ClientError> {
        let request = self.request(Method::POST, "/v1/jobs/retry");
        let answer = self.send(request.json(&serde_json::json!({ "code": code }))).await?;
        self.json(answer).await
    }

    pub async fn stages(&self) -> Result<Vec<StageView>, ClientError> {
        let list: view::List<StageView> = self.get("/v1/admin/stages").await?;
        Ok(list.items)
    }

    /// Pauses or resumes a stage.
    pub async fn steer_stage(
        &self,
        stage: Stage,
        verb: &str,
    ) -> Result<Vec<StageView>, ClientError> {
        let path = format!("/v1/admin/stages/{}/{verb}", stage.as_str());
        let answer = self.send(self.request(Method::POST, &path)).await?;
        self.json::<view::List<StageView>>(answer).await.map(|list| list.items)
    }

    /// Takes a job away with all that was made of it.
    pub async fn remove(&self, id: JobId) -> Result<(), ClientError> {
        self.send(self.request(Method::DELETE, &format!("/v1/jobs/{id}"))).await.map(drop)
    }

    pub async fn transcript(&self, id: JobId) -> Result<Transcript, ClientError> {
        self.get(&format!("/v1/jobs/{id}/transcript?format=json")).await
    }

    pub async fn note(&self, id: JobId) -> Result<Note, ClientError> {
        self.get(&format!("/v1/jobs/{id}/note?format=json")).await
    }

    /// Whether there is a node at all.
    pub async fn is_alive(&self) -> Result<(), ClientError> {
        self.send(self.request(Method::GET, "/health/live")).await.map(drop)
    }

    /// Whether it takes work.
    pub async fn is_ready(&self) -> Result<(), ClientError> {
        self.send(self.request(Method::GET, "/health/ready")).await.map(drop)
    }

    /// The events of a job after `after`, until it is over.
    pub fn follow(&self, id: JobId, after: i64) -> Follow {
        Follow::new(self.clone(), id, after)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let answer = self.send(self.request(Method::GET, path)).await?;
        self.json(answer).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    /// Sends, and turns a refusal into an error with the server's own words.
    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        self.accepted(request.send().await).await
    }

    async fn accepted(&self, sent: reqwest::Result<Response>) -> Result<Response, ClientError> {
        let url = self.base.clone();
        let answer = sent.map_err(|source| ClientError::Unreachable { url, source })?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let status = answer.status().as_u16();
        let body = answer.bytes().await.unwrap_or_default();
        Err(ClientError::refused(status, &body))
    }

    async fn json<T: DeserializeOwned>(&self, answer: Response) -> Result<T, ClientError> {
        let body = answer
            .bytes()
            .await
            .map_err(|source| ClientError::Unreachable { url: self.base.clone(), source })?;
        serde_json::from_slice(&body).map_err(|source| ClientError::Decode { source })
    }
}

/// What a header can carry of a file's name, and what can be shown on any terminal.
pub fn printable_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// What every request has in common.
fn set_up(trust: &Trust) -> Result<reqwest::ClientBuilder, ClientError> {
    let mut builder = reqwest::Client::builder().no_proxy().connect_timeout(CONNECT_TIMEOUT);
    if let Some(token) = &trust.token {
        let value = HeaderValue::from_str(&format!("Bearer {}", token.reveal()));
        let mut value = value.map_err(|source| ClientError::Token { source })?;
        value.set_sensitive(true);
        // Over plain HTTP everybody on the way would read it.
        builder = builder.https_only(true);
        builder = builder.default_headers(HeaderMap::from_iter([(AUTHORIZATION, value)]));
    }
    if let Some(certificate) = &trust.certificate {
        let tls = pinned::config(certificate).map_err(|source| ClientError::Tls { source })?;
        builder = builder.tls_backend_preconfigured(tls);
    }
    Ok(builder)
}
