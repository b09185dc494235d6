//! `[recording]`: recordings that arrive while they are being made, and when one that is left is finished.

use super::faults::Faults;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingConfig {
    pub open_max: u32,
    pub idle_finish_ms: u64,
    pub stall_ms: u64,
}

impl RecordingConfig {
    pub fn idle_finish(&self) -> Duration {
        Duration::from_millis(self.idle_finish_ms)
    }

    pub fn stall(&self) -> Duration {
        Duration::from_millis(self.stall_ms)
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.check(
            (1..=1_000).contains(&self.open_max),
            "recording.open_max",
            self.open_max,
            "must be 1 to 1000",
        );
        // A hundred years: more is no time that can be reckoned with.
        faults.check(
            (100..=3_155_760_000_000).contains(&self.idle_finish_ms),
            "recording.idle_finish_ms",
            self.idle_finish_ms,
            "must be 100 to 3155760000000",
        );
        faults.check(
            self.stall_ms >= 100,
            "recording.stall_ms",
            self.stall_ms,
            "must be at least 100",
        );
    }
}
