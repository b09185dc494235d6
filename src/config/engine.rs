//! `[engine]`: how much is worked on at once, and how patiently a failed stage is tried again.

use super::faults::Faults;
use crate::domain::retry::RetryPolicy;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineConfig {
    pub max_active_jobs: usize,
    pub max_attempts: u32,
    pub backoff_base_ms: i64,
    pub backoff_cap_ms: i64,
    pub poll_ms: u64,
    pub sweep_ms: u64,
}

impl EngineConfig {
    pub fn retry(&self) -> RetryPolicy {
        RetryPolicy {
            max_attempts: self.max_attempts,
            base_ms: self.backoff_base_ms,
            cap_ms: self.backoff_cap_ms,
        }
    }

    pub fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms)
    }

    pub fn sweep(&self) -> Duration {
        Duration::from_millis(self.sweep_ms)
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.check(
            (1..=1_000).contains(&self.max_active_jobs),
            "engine.max_active_jobs",
            self.max_active_jobs,
            "must be 1 to 1000",
        );
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
        faults.check(self.poll_ms >= 10, "engine.poll_ms", self.poll_ms, "must be at least 10");
        faults.check(self.sweep_ms >= 10, "engine.sweep_ms", self.sweep_ms, "must be at least 10");
    }
}
