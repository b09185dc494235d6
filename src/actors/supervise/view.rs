//! What is shown of the actors: bounded however many there are, and without a word of what they work on.

use super::figures::Histogram;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// One actor as `/v1/admin/actors` shows it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ActorView {
    pub path: String,
    pub name: String,
    pub kind: String,
    /// `running`, `restarting`, or `leaving`.
    pub status: String,
    /// `stuck` where it makes no progress though it should; `ok` otherwise.
    pub health: String,
    pub state: String,
    pub since: chrono::DateTime<chrono::Utc>,
    pub mailbox: MailboxView,
    pub handled: u64,
    /// Messages a second, of about the last ten seconds.
    pub rate_per_s: f64,
    /// Of all actors of this kind, since the node started.
    pub latency_us: LatencyView,
    /// How long the message in hand has been worked on; 0 when idle.
    pub busy_ms: u64,
    /// The kind of the message in hand.
    pub message: Option<String>,
    pub current: Option<String>,
    pub restarts: u32,
    pub last_failure: Option<FailureView>,
    pub policy: PolicyView,
    #[schema(no_recursion)]
    pub children: Vec<ActorView>,
    /// Children that are too many to be shown each.
    pub left_out: Option<LeftOutView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MailboxView {
    pub depth: usize,
    pub capacity: i64,
    pub oldest_ms: u64,
}

/// To within an eighth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LatencyView {
    pub p50: u64,
    pub p99: u64,
}

impl LatencyView {
    pub(super) fn of(histogram: &Histogram) -> Self {
        Self { p50: histogram.quantile_us(500), p99: histogram.quantile_us(990) }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FailureView {
    pub at: chrono::DateTime<chrono::Utc>,
    /// The log has a line with the same number, after a panic with its backtrace.
    pub id: String,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PolicyView {
    pub restart: String,
    pub max_restarts: u32,
    pub window_ms: u64,
    pub backoff_ms: u64,
    /// How long one message may take before the actor is called stuck.
    pub stuck_after_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeftOutView {
    pub count: usize,
    /// How many of them are in which state.
    pub states: BTreeMap<String, usize>,
}

/// All actors of one kind together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct KindView {
    pub kind: String,
    pub actors: usize,
    pub handled: u64,
    pub restarts: u32,
    pub waiting: u64,
    pub stuck: usize,
    pub latency_us: LatencyView,
}

/// Which part of the tree is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub root: String,
    /// Levels below the root.
    pub depth: usize,
    /// Only these, with whoever is above them.
    pub kind: Option<String>,
    /// Children shown of one actor.
    pub limit: usize,
}

impl Part {
    pub const LIMIT: usize = 100;

    pub fn of(root: &str) -> Self {
        Self { root: root.to_owned(), depth: usize::MAX, kind: None, limit: Self::LIMIT }
    }
}
