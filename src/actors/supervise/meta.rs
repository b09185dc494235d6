//! What is known of one actor: written by itself with every message, and by its supervisor when it ends.

use super::failure::Failure;
use super::figures::{Histogram, Mailbox, Rate};
use super::spec::ActorSpec;
use super::view::{ActorView, FailureView, LatencyView, MailboxView, PolicyView};
use crate::clock;
use crate::domain::Timestamp;
use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The figures of one actor. They outlive its restarts, and go when its supervisor lets it go.
pub struct Meta {
    path: String,
    spec: ActorSpec,
    /// All times are microseconds since then, and never 0, which means "not".
    base: Instant,
    latencies: Arc<Histogram>,
    handled: AtomicU64,
    rate: Rate,
    busy_since_us: AtomicU64,
    last_handled_us: AtomicU64,
    /// The last sign of progress of work that is under way outside the handler.
    progress_us: AtomicU64,
    restarts: AtomicU32,
    is_stuck: AtomicBool,
    shown: Mutex<Shown>,
}

struct Shown {
    mailbox: Arc<Mailbox>,
    status: Status,
    state: Cow<'static, str>,
    current: Option<String>,
    /// What kind of message is in hand.
    message: &'static str,
    since: Timestamp,
    last_failure: Option<(Timestamp, Failure)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Running,
    Restarting,
    Leaving,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Restarting => "restarting",
            Self::Leaving => "leaving",
        }
    }
}

impl Meta {
    pub(super) fn new(
        path: &str,
        spec: ActorSpec,
        base: Instant,
        latencies: Arc<Histogram>,
    ) -> Self {
        let shown = Shown {
            mailbox: Arc::new(Mailbox::new(spec.intake)),
            status: Status::Running,
            state: Cow::Borrowed("starting"),
            current: None,
            message: "",
            since: clock::now(),
            last_failure: None,
        };
        Self {
            path: path.to_owned(),
            spec,
            base,
            latencies,
            handled: AtomicU64::new(0),
            rate: Rate::default(),
            busy_since_us: AtomicU64::new(0),
            last_handled_us: AtomicU64::new(0),
            progress_us: AtomicU64::new(0),
            restarts: AtomicU32::new(0),
            is_stuck: AtomicBool::new(false),
            shown: Mutex::new(shown),
        }
    }

    /// Another incarnation begins, with an empty mailbox.
    pub(super) fn begin(&self) -> Arc<Mailbox> {
        let mailbox = Arc::new(Mailbox::new(self.spec.intake));
        let mut shown = self.shown();
        shown.mailbox = mailbox.clone();
        shown.status = Status::Running;
        shown.state = Cow::Borrowed("starting");
        shown.current = None;
        shown.since = clock::now();
        drop(shown);
        self.rest();
        self.last_handled_us.store(self.now_us(), Relaxed);
        mailbox
    }

    /// The present incarnation is over, and another will follow.
    pub(super) fn fail(&self, failure: Option<&Failure>) {
        self.restarts.fetch_add(1, Relaxed);
        self.rest();
        let mut shown = self.shown();
        shown.status = Status::Restarting;
        shown.current = None;
        shown.mailbox = Arc::new(Mailbox::new(self.spec.intake));
        if let Some(failure) = failure {
            shown.last_failure = Some((clock::now(), failure.clone()));
        }
    }

    pub(super) fn leave(&self) {
        self.shown().status = Status::Leaving;
    }

    fn rest(&self) {
        self.busy_since_us.store(0, Relaxed);
        self.progress_us.store(0, Relaxed);
        self.is_stuck.store(false, Relaxed);
    }

    pub(super) fn now_us(&self) -> u64 {
        self.us(clock::tick())
    }

    fn us(&self, at: Instant) -> u64 {
        u64::try_from(at.duration_since(self.base).as_micros()).unwrap_or(u64::MAX).max(1)
    }

    pub(super) fn taken(&self, message: &'static str) -> u64 {
        let now_us = self.now_us();
        self.shown().message = message;
        self.busy_since_us.store(now_us, Relaxed);
        now_us
    }

    pub(super) fn handled(&self, begun_us: u64) {
        let now_us = self.now_us();
        self.busy_since_us.store(0, Relaxed);
        self.last_handled_us.store(now_us, Relaxed);
        self.handled.fetch_add(1, Relaxed);
        self.rate.count(now_us);
        self.latencies.count(now_us.saturating_sub(begun_us));
    }

    /// Work is under way outside the handler, and has just come further.
    pub(super) fn progressed(&self) {
        self.progress_us.store(self.now_us(), Relaxed);
    }

    pub(super) fn no_work(&self) {
        self.progress_us.store(0, Relaxed);
    }

    pub(super) fn show(&self, state: impl Into<Cow<'static, str>>, current: Option<String>) {
        let mut shown = self.shown();
        shown.state = state.into();
        shown.current = current;
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn spec(&self) -> &ActorSpec {
        &self.spec
    }

    pub(super) fn restarts(&self) -> u32 {
        self.restarts.load(Relaxed)
    }

    pub(super) fn count_handled(&self) -> u64 {
        self.handled.load(Relaxed)
    }

    pub(super) fn depth(&self) -> u64 {
        self.shown().mailbox.depth()
    }

    pub(super) fn is_stuck(&self) -> bool {
        self.is_stuck.load(Relaxed)
    }

    /// What a row of a summary calls it: its status where that is out of the ordinary, else its state.
    pub(super) fn label(&self) -> Cow<'static, str> {
        let shown = self.shown();
        match shown.status {
            _ if self.is_stuck() => Cow::Borrowed("stuck"),
            Status::Running => shown.state.clone(),
            other => Cow::Borrowed(other.as_str()),
        }
    }

    /// Lower is more worth to be seen, where not all can be.
    pub(super) fn rank(&self) -> u8 {
        let shown = self.shown();
        match shown.status {
            _ if self.is_stuck() => 0,
            Status::Restarting => 1,
            Status::Running if shown.current.is_none() => 3,
            _ => 2,
        }
    }

    /// Looks whether it is stuck, its limits stretched or shortened to so many hundredths. Says why where it has
    /// just become so.
    pub(super) fn check(&self, percent: u32) -> Option<Stuck> {
        let now_us = self.now_us();
        let why = self.stuck_since(now_us, percent);
        let was = self.is_stuck.swap(why.is_some(), Relaxed);
        why.filter(|_| !was)
    }

    fn stuck_since(&self, now_us: u64, percent: u32) -> Option<Stuck> {
        let shown = self.shown();
        if shown.status != Status::Running {
            return None;
        }
        let age = |at_us: u64| Duration::from_micros(now_us.saturating_sub(at_us));
        let limit = |limit: Duration| limit * percent / 100;
        let limits = self.spec.limits;
        let busy_us = self.busy_since_us.load(Relaxed);
        if busy_us > 0 && age(busy_us) > limit(limits.handler) {
            return Some(Stuck { what: "a message", message: shown.message, lasts: age(busy_us) });
        }
        let quiet = age(self.last_handled_us.load(Relaxed).max(busy_us));
        if let Some(oldest_us) = shown.mailbox.oldest_us()
            && age(oldest_us).min(quiet) > limit(limits.waiting)
        {
            return Some(Stuck { what: "its mailbox", message: "", lasts: age(oldest_us) });
        }
        let progress_us = self.progress_us.load(Relaxed);
        let idle = progress_us > 0 && age(progress_us) > limit(limits.work);
        idle.then(|| Stuck { what: "its work", message: "", lasts: age(progress_us) })
    }

    /// `latency_us` is that of its kind.
    pub(super) fn view(&self, latency_us: LatencyView) -> ActorView {
        let now_us = self.now_us();
        let age_ms = |at_us: u64| now_us.saturating_sub(at_us) / 1_000;
        let busy_us = self.busy_since_us.load(Relaxed);
        let restart = self.spec.restart;
        let shown = self.shown();
        ActorView {
            path: self.path.clone(),
            name: self.path.rsplit('/').next().unwrap_or_default().to_owned(),
            kind: self.spec.kind.to_owned(),
            status: shown.status.as_str().to_owned(),
            health: if self.is_stuck() { "stuck" } else { "ok" }.to_owned(),
            state: shown.state.clone().into_owned(),
            since: shown.since,
            mailbox: MailboxView {
                depth: usize::try_from(shown.mailbox.depth()).unwrap_or(usize::MAX),
                capacity: self.spec.intake,
                oldest_ms: shown.mailbox.oldest_us().map_or(0, age_ms),
            },
            handled: self.count_handled(),
            rate_per_s: (self.rate.at(now_us) * 10.0).round() / 10.0,
            latency_us,
            busy_ms: if busy_us == 0 { 0 } else { age_ms(busy_us) },
            message: (busy_us > 0).then(|| shown.message.to_owned()),
            current: shown.current.clone(),
            restarts: self.restarts(),
            last_failure: shown.last_failure.as_ref().map(|(at, failure)| FailureView {
                at: *at,
                id: failure.id.clone(),
                reason: failure.reason.clone(),
            }),
            policy: PolicyView {
                restart: restart.kind.as_str().to_owned(),
                max_restarts: restart.at_most,
                window_ms: millis(restart.within),
                backoff_ms: millis(restart.backoff),
                stuck_after_ms: millis(self.spec.limits.handler),
            },
            children: Vec::new(),
            left_out: None,
        }
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an actor is stuck with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stuck {
    pub what: &'static str,
    /// The kind of the message in hand.
    pub message: &'static str,
    pub lasts: Duration,
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
