//! `[storage]`: the folders of recordings and of models, and how long the trash keeps what is in it.

use super::faults::Faults;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageConfig {
    pub data_dir: PathBuf,
    pub models_dir: PathBuf,
    pub min_free_bytes: u64,
    pub trash_keep_ms: i64,
}

/// A hundred years.
const KEEP_MS_MAX: i64 = 3_155_760_000_000;

impl StorageConfig {
    pub fn trash_keep(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.trash_keep_ms)
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.check(
            (0..=KEEP_MS_MAX).contains(&self.trash_keep_ms),
            "storage.trash_keep_ms",
            self.trash_keep_ms,
            "must be 0 to 3155760000000, a hundred years",
        );
    }
}
