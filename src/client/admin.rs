//! The node and its actors, as the commands look at them and steer them.

use super::Client;
use super::error::ClientError;
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Deserialize)]
pub struct ActorTree {
    pub node: String,
    pub uptime_ms: u64,
    pub state: String,
    pub root: ActorView,
}

#[derive(Debug, Clone, Deserialize)]
pub struct ActorView {
    pub name: String,
    pub status: String,
    pub health: String,
    pub state: String,
    pub mailbox: Mailbox,
    pub rate_per_s: f64,
    pub latency_us: Latency,
    pub busy_ms: u64,
    pub message: Option<String>,
    pub current: Option<String>,
    pub restarts: u32,
    pub last_failure: Option<LastFailure>,
    pub children: Vec<ActorView>,
    pub left_out: Option<LeftOut>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Mailbox {
    pub depth: usize,
    pub capacity: i64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct Latency {
    pub p99: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub struct LastFailure {
    pub id: String,
    pub reason: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct LeftOut {
    pub count: usize,
    pub states: BTreeMap<String, usize>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct AuditPage {
    pub items: Vec<AuditEntry>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuditEntry {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub tenant: String,
    pub action: String,
    pub target: String,
    pub outcome: String,
}

impl Client {
    /// The tree of actors as the server says it; an [`ActorTree`] is what is shown of it.
    pub async fn actors(&self, query: &[(&str, String)]) -> Result<Value, ClientError> {
        let request = self.request(Method::GET, "/v1/admin/actors").query(query);
        let answer = self.send(request).await?;
        self.json(answer).await
    }

    /// Has an actor started again.
    pub async fn restart_actor(&self, path: &str) -> Result<(), ClientError> {
        let path = format!("/v1/admin/actors/{path}/restart");
        self.send(self.request(Method::POST, &path)).await.map(drop)
    }

    /// Changes how many a pool lets work at once.
    pub async fn resize_pool(&self, pool: &str, size: u16) -> Result<(), ClientError> {
        let request = self.request(Method::PUT, &format!("/v1/admin/pools/{pool}"));
        self.send(request.json(&json!({ "size": size }))).await.map(drop)
    }

    /// Has the node finish what is under way, and begin nothing any more.
    pub async fn drain(&self) -> Result<(), ClientError> {
        self.send(self.request(Method::POST, "/v1/admin/drain")).await.map(drop)
    }

    /// What the node was told to do, newest first.
    pub async fn audit(&self, limit: u32) -> Result<AuditPage, ClientError> {
        self.get(&format!("/v1/admin/audit?limit={limit}")).await
    }
}
