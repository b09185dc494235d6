//! `[audio]`: how long a recording may be, and what decoding it may use.

use super::faults::Faults;
use super::folders;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AudioConfig {
    pub max_duration_ms: u64,
    pub decode_memory_bytes: u64,
    pub decode_cpu_s: u64,
    pub decode_timeout_ms: u64,
    pub probe_timeout_ms: u64,
    pub workers: usize,
    pub ffmpeg: String,
}

/// The settings of `audio.ffmpeg` that are no path.
const AUTO: &str = "auto";
const OFF: &str = "off";

impl AudioConfig {
    pub fn decode_timeout(&self) -> Duration {
        Duration::from_millis(self.decode_timeout_ms)
    }

    pub fn probe_timeout(&self) -> Duration {
        Duration::from_millis(self.probe_timeout_ms)
    }

    /// The number of workers, with 0 resolved by the number of processors.
    pub fn workers(&self, processors: usize) -> usize {
        match self.workers {
            0 => (processors / 2).max(1),
            n => n,
        }
    }

    /// The `ffmpeg` to ask for what we do not read ourselves. It may come and go while we run.
    pub fn ffmpeg(&self) -> Option<PathBuf> {
        match self.ffmpeg.as_str() {
            OFF => None,
            AUTO => folders::program("ffmpeg"),
            path => Some(PathBuf::from(path)),
        }
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        let positive = "must be at least 1";
        let mut check = |value: u64, key| faults.check(value > 0, key, value, positive);
        check(self.max_duration_ms, "audio.max_duration_ms");
        check(self.decode_cpu_s, "audio.decode_cpu_s");
        check(self.decode_timeout_ms, "audio.decode_timeout_ms");
        check(self.probe_timeout_ms, "audio.probe_timeout_ms");
        let path = Path::new(&self.ffmpeg);
        faults.check(
            matches!(self.ffmpeg.as_str(), AUTO | OFF) || path.is_absolute() && path.is_file(),
            "audio.ffmpeg",
            &self.ffmpeg,
            "must be `auto`, `off`, or the absolute path of a program",
        );
        faults.check(
            self.decode_memory_bytes >= 64 * 1024 * 1024,
            "audio.decode_memory_bytes",
            self.decode_memory_bytes,
            "a decoder needs at least 64 MiB (67108864)",
        );
    }
}
