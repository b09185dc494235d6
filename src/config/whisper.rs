//! `[whisper]`: which model, how many chunks at once, and when a worker is given up.

use super::faults::Faults;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhisperConfig {
    pub model: String,
    pub slots_max: usize,
    pub idle_unload_ms: u64,
    pub nice: i32,
    pub load_timeout_ms: u64,
    pub chunk_timeout_ms: u64,
    pub deaths_max: i64,
}

/// More slots than any machine has processors are a slip of the pen.
const SLOTS_LIMIT: usize = 256;

impl WhisperConfig {
    pub fn idle_unload(&self) -> Duration {
        Duration::from_millis(self.idle_unload_ms)
    }

    pub fn load_timeout(&self) -> Duration {
        Duration::from_millis(self.load_timeout_ms)
    }

    pub fn chunk_timeout(&self) -> Duration {
        Duration::from_millis(self.chunk_timeout_ms)
    }

    /// The number of slots, with 0 resolved by the number of processors.
    pub fn slots(&self, processors: usize) -> usize {
        match self.slots_max {
            0 => processors.max(1),
            n => n,
        }
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.check(!self.model.is_empty(), "whisper.model", "", "name a model, such as `base`");
        faults.check(
            self.slots_max <= SLOTS_LIMIT,
            "whisper.slots_max",
            self.slots_max,
            "must be 0 (one a processor) to 256",
        );
        faults.check((0..=19).contains(&self.nice), "whisper.nice", self.nice, "must be 0 to 19");
        faults.check(
            self.deaths_max >= 1,
            "whisper.deaths_max",
            self.deaths_max,
            "must be at least 1",
        );
        for (key, value) in [
            ("whisper.load_timeout_ms", self.load_timeout_ms),
            ("whisper.chunk_timeout_ms", self.chunk_timeout_ms),
        ] {
            faults.check(value >= 1_000, key, value, "must be at least 1000");
        }
    }
}
