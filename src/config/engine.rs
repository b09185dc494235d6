//! `[engine]`: how much is worked on at once, and how patiently a failed stage is tried again.

use super::faults::Faults;
use crate::domain::job_state::Stage;
use crate::domain::retry::RetryPolicy;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::time::Duration;

const ONE_DAY_MS: i64 = 86_400_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineConfig {
    pub max_active_jobs: usize,
    pub short_places: usize,
    pub ageing_ms: i64,
    pub max_queued_jobs: i64,
    pub max_queued_jobs_per_tenant: i64,
    pub max_attempts: u32,
    pub backoff_base_ms: i64,
    pub backoff_cap_ms: i64,
    pub ingest_deadline_ms: u64,
    pub transcribe_deadline_ms: u64,
    pub compose_deadline_ms: u64,
    pub poll_ms: u64,
    pub sweep_ms: u64,
    pub lease_ms: u64,
    pub renew_ms: u64,
    pub takeover_ms: u64,
}

impl EngineConfig {
    pub fn retry(&self) -> RetryPolicy {
        RetryPolicy {
            max_attempts: self.max_attempts,
            base_ms: self.backoff_base_ms,
            cap_ms: self.backoff_cap_ms,
        }
    }

    /// How much longer one has to wait to be as urgent as one priority more.
    pub fn ageing(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.ageing_ms)
    }

    /// How long one try of a stage may take.
    pub fn deadline(&self, stage: Stage) -> Duration {
        Duration::from_millis(match stage {
            Stage::Ingest => self.ingest_deadline_ms,
            Stage::Transcribe => self.transcribe_deadline_ms,
            Stage::Compose => self.compose_deadline_ms,
        })
    }

    pub fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }

    pub fn sweep(&self) -> Duration {
        Duration::from_millis(self.sweep_ms)
    }

    /// How long a node may work on a shared database after its last renewal.
    pub fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }

    pub fn renew(&self) -> Duration {
        Duration::from_millis(self.renew_ms)
    }

    /// How often it is looked for nodes whose lease has run out.
    pub fn takeover(&self) -> Duration {
        Duration::from_millis(self.takeover_ms)
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.check(
            (1..=1_000).contains(&self.max_active_jobs),
            "engine.max_active_jobs",
            self.max_active_jobs,
            "must be 1 to 1000",
        );
        faults.check(
            self.short_places < self.max_active_jobs || self.max_active_jobs <= 1,
            "engine.short_places",
            self.short_places,
            "must be below engine.max_active_jobs",
        );
        faults.check(
            (0..=ONE_DAY_MS).contains(&self.ageing_ms),
            "engine.ageing_ms",
            self.ageing_ms,
            "must be 0 to 86400000, a day",
        );
        for (key, most) in [
            ("engine.max_queued_jobs", self.max_queued_jobs),
            ("engine.max_queued_jobs_per_tenant", self.max_queued_jobs_per_tenant),
        ] {
            faults.check(most >= 1, key, most, "must be at least 1");
        }
        faults.check(
            self.max_attempts >= 1,
            "engine.max_attempts",
            self.max_attempts,
            "must be at least 1",
        );
        faults.check(
            self.backoff_base_ms >= 1,
            "engine.backoff_base_ms",
            self.backoff_base_ms,
            "must be at least 1",
        );
        faults.check(
            self.backoff_cap_ms >= self.backoff_base_ms,
            "engine.backoff_cap_ms",
            self.backoff_cap_ms,
            "must not be below engine.backoff_base_ms",
        );
        for (key, deadline) in [
            ("engine.ingest_deadline_ms", self.ingest_deadline_ms),
            ("engine.transcribe_deadline_ms", self.transcribe_deadline_ms),
            ("engine.compose_deadline_ms", self.compose_deadline_ms),
        ] {
            faults.check(deadline >= 1_000, key, deadline, "must be at least 1000");
        }
        faults.check(
            (500..=3_600_000).contains(&self.lease_ms),
            "engine.lease_ms",
            self.lease_ms,
            "must be 500 to 3600000, an hour",
        );
        faults.check(
            self.renew_ms >= 10 && self.renew_ms <= self.lease_ms / 2,
            "engine.renew_ms",
            self.renew_ms,
            "must be at least 10, and at most half of engine.lease_ms",
        );
        let reason = "must be at least 10";
        faults.check(self.takeover_ms >= 10, "engine.takeover_ms", self.takeover_ms, reason);
        faults.check(self.poll_ms >= 10, "engine.poll_ms", self.poll_ms, "must be at least 10");
        faults.check(self.sweep_ms >= 10, "engine.sweep_ms", self.sweep_ms, "must be at least 10");
    }
}
