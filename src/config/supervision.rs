//! `[supervision]`: how long a node may take to end in good order, and when an actor counts as stuck.

use super::faults::Faults;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupervisionConfig {
    pub drain_ms: u64,
    pub watchdog_ms: u64,
    pub patience_percent: u32,
}

impl SupervisionConfig {
    pub fn drain(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }

    pub fn watchdog(&self) -> Duration {
        Duration::from_millis(self.watchdog_ms)
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        for (key, value, least, most, reason) in [
            ("supervision.drain_ms", self.drain_ms, 100, 3_600_000, "must be 100 to 3600000"),
            ("supervision.watchdog_ms", self.watchdog_ms, 10, 600_000, "must be 10 to 600000"),
        ] {
            faults.check((least..=most).contains(&value), key, value, reason);
        }
        faults.check(
            (1..=10_000).contains(&self.patience_percent),
            "supervision.patience_percent",
            self.patience_percent,
            "must be 1 to 10000",
        );
    }
}
