//! The true tree of actors with what each is doing, written by the actors themselves, read by anyone.

use super::spec::{ActorSpec, RestartKind};
use crate::clock;
use crate::domain::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use utoipa::ToSchema;

/// Latencies that are kept for the percentiles.
const LATENCIES: usize = 512;

/// Every live actor by its path, `root`, `root/jobs`, `root/jobs/<id>`.
#[derive(Clone, Default)]
pub struct Directory(Arc<Mutex<BTreeMap<String, Entry>>>);

struct Entry {
    meta: Arc<Meta>,
    crash: Box<dyn Fn() + Send>,
}

/// The figures of one actor. They outlive its restarts, and go when its supervisor lets it go.
pub struct Meta {
    path: String,
    spec: ActorSpec,
    live: Mutex<Live>,
}

struct Live {
    status: &'static str,
    state: String,
    current: Option<String>,
    since: Timestamp,
    started: Instant,
    waiting: VecDeque<Instant>,
    handled: u64,
    latencies_us: VecDeque<u64>,
    busy_since: Option<Instant>,
    restarts: u32,
    last_failure: Option<FailureView>,
}

/// One actor as `/v1/admin/actors` shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActorView {
    pub path: String,
    pub name: String,
    pub kind: String,
    /// `running` or `restarting`.
    pub status: String,
    pub state: String,
    pub since: chrono::DateTime<chrono::Utc>,
    pub mailbox: MailboxView,
    pub handled: u64,
    pub rate_per_s: f64,
    pub latency_us: LatencyView,
    /// How long the message in hand has been worked on; 0 when idle.
    pub busy_ms: u64,
    pub current: Option<String>,
    pub restarts: u32,
    pub last_failure: Option<FailureView>,
    pub policy: PolicyView,
    #[schema(no_recursion)]
    pub children: Vec<ActorView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MailboxView {
    pub depth: usize,
    pub capacity: i64,
    pub oldest_ms: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LatencyView {
    pub p50: u64,
    pub p99: u64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FailureView {
    pub at: chrono::DateTime<chrono::Utc>,
    pub reason: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PolicyView {
    pub restart: String,
    pub max_restarts: u32,
    pub window_ms: u64,
    pub backoff_ms: u64,
}

impl Directory {
    /// Enters an actor that is about to start, with the figures of its earlier incarnations.
    pub(super) fn enter(&self, path: &str, spec: ActorSpec) -> Arc<Meta> {
        let known = self.lock().get(path).map(|entry| entry.meta.clone());
        let meta = known.unwrap_or_else(|| Arc::new(Meta::new(path, spec)));
        meta.begin();
        meta
    }

    pub(super) fn started(&self, meta: &Arc<Meta>, crash: impl Fn() + Send + 'static) {
        let entry = Entry { meta: meta.clone(), crash: Box::new(crash) };
        self.lock().insert(meta.path.clone(), entry);
    }

    /// Notes a failure that will be followed by a restart. The actors below it are gone with it.
    pub fn failed(&self, path: &str, reason: &str) {
        let below = format!("{path}/");
        let mut entries = self.lock();
        entries.retain(|other, _| !other.starts_with(&below));
        if let Some(entry) = entries.get(path) {
            entry.meta.fail(reason);
        }
    }

    /// Removes an actor that will not come back, and all below it.
    pub fn leave(&self, path: &str) {
        let below = format!("{path}/");
        self.lock().retain(|other, _| other != path && !other.starts_with(&below));
    }

    /// Makes an actor panic at its next message, to see its supervisor at work. Says whether it was found.
    pub fn crash(&self, path: &str) -> bool {
        let entries = self.lock();
        entries.get(path).map(|entry| (entry.crash)()).is_some()
    }

    pub fn paths(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// The tree below and with `root`.
    pub fn tree(&self, root: &str) -> Option<ActorView> {
        let now = clock::tick();
        let metas: Vec<Arc<Meta>> = self.lock().values().map(|entry| entry.meta.clone()).collect();
        let mut views: Vec<ActorView> = metas.iter().map(|meta| meta.view(now)).collect();
        // Deepest first: each view is complete when it is moved into its parent's.
        views.sort_by_key(|view| std::cmp::Reverse(view.path.matches('/').count()));
        let mut children: BTreeMap<String, Vec<ActorView>> = BTreeMap::new();
        for mut view in views {
            let mut below = children.remove(&view.path).unwrap_or_default();
            below.sort_by(|a, b| a.path.cmp(&b.path));
            view.children = below;
            if view.path == root {
                return Some(view);
            }
            let parent = view.path.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned();
            children.entry(parent).or_default().push(view);
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Meta {
    fn new(path: &str, spec: ActorSpec) -> Self {
        let live = Live {
            status: "running",
            state: "starting".to_owned(),
            current: None,
            since: clock::now(),
            started: clock::tick(),
            waiting: VecDeque::new(),
            handled: 0,
            latencies_us: VecDeque::new(),
            busy_since: None,
            restarts: 0,
            last_failure: None,
        };
        Self { path: path.to_owned(), spec, live: Mutex::new(live) }
    }

    fn begin(&self) {
        let mut live = self.live();
        live.status = "running";
        live.since = clock::now();
        live.started = clock::tick();
        live.waiting.clear();
        live.busy_since = None;
        live.current = None;
    }

    fn fail(&self, reason: &str) {
        let mut live = self.live();
        live.status = "restarting";
        live.restarts += 1;
        live.busy_since = None;
        live.waiting.clear();
        live.last_failure = Some(FailureView { at: clock::now(), reason: reason.to_owned() });
    }

    pub(super) fn is_full(&self) -> bool {
        self.live().waiting.len() as i64 >= self.spec.intake
    }

    pub(super) fn queued(&self, now: Instant) {
        self.live().waiting.push_back(now);
    }

    pub(super) fn unqueued(&self) {
        self.live().waiting.pop_back();
    }

    pub(super) fn taken(&self, now: Instant) {
        let mut live = self.live();
        live.waiting.pop_front();
        live.busy_since = Some(now);
    }

    pub(super) fn handled(&self, begun: Instant, now: Instant) {
        let mut live = self.live();
        live.busy_since = None;
        live.handled += 1;
        if live.latencies_us.len() == LATENCIES {
            live.latencies_us.pop_front();
        }
        let took = now.duration_since(begun).as_micros();
        live.latencies_us.push_back(u64::try_from(took).unwrap_or(u64::MAX));
    }

    pub(super) fn set_state(&self, state: impl Into<String>, current: Option<String>) {
        let mut live = self.live();
        live.state = state.into();
        live.current = current;
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    fn view(&self, now: Instant) -> ActorView {
        let live = self.live();
        let seconds = now.duration_since(live.started).as_secs_f64();
        let age_ms = |at: &Instant| millis(now.duration_since(*at));
        let mut sorted: Vec<u64> = live.latencies_us.iter().copied().collect();
        sorted.sort_unstable();
        let restart = self.spec.restart;
        ActorView {
            path: self.path.clone(),
            name: self.path.rsplit('/').next().unwrap_or_default().to_owned(),
            kind: self.spec.kind.to_owned(),
            status: live.status.to_owned(),
            state: live.state.clone(),
            since: live.since,
            mailbox: MailboxView {
                depth: live.waiting.len(),
                capacity: self.spec.intake,
                oldest_ms: live.waiting.front().map_or(0, age_ms),
            },
            handled: live.handled,
            rate_per_s: (live.handled as f64 / seconds.max(1.0) * 100.0).round() / 100.0,
            latency_us: LatencyView { p50: at(&sorted, 50), p99: at(&sorted, 99) },
            busy_ms: live.busy_since.as_ref().map_or(0, age_ms),
            current: live.current.clone(),
            restarts: live.restarts,
            last_failure: live.last_failure.clone(),
            policy: PolicyView {
                restart: RestartKind::as_str(restart.kind).to_owned(),
                max_restarts: restart.at_most,
                window_ms: millis(restart.within),
                backoff_ms: millis(restart.backoff),
            },
            children: Vec::new(),
        }
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn at(sorted: &[u64], percent: usize) -> u64 {
    let index = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(index).copied().unwrap_or(0)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
