//! What a decoding child may use at most; it sets these on itself before it touches the file.
use rustix::process::{Resource, Rlimit, nice, setrlimit};
use serde::{Deserialize, Serialize};

use crate::providers::audio::error::AudioError;

/// A child past its soft limit on processor time is asked to end, and this much later is killed.
const CPU_GRACE_S: u64 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildLimits {
    /// Address space, in bytes.
    pub memory_bytes: u64,
    /// Processor time, in seconds.
    pub cpu_s: u64,
    /// The largest file it may write, in bytes.
    pub output_bytes: u64,
    /// How much it steps back behind other processes, 0 to 19.
    pub nice: u8,
}

impl Default for ChildLimits {
    fn default() -> Self {
        Self { memory_bytes: 512 << 20, cpu_s: 600, output_bytes: 1 << 30, nice: 5 }
    }
}

impl ChildLimits {
    /// Limits the calling process, for good.
    pub fn apply(&self) -> Result<(), AudioError> {
        limit("memory", Resource::As, self.memory_bytes, self.memory_bytes)?;
        limit("processor time", Resource::Cpu, self.cpu_s, self.cpu_s + CPU_GRACE_S)?;
        limit("output", Resource::Fsize, self.output_bytes, self.output_bytes)?;
        limit("core dumps", Resource::Core, 0, 0)?;
        // A step back is a courtesy: where it is not allowed, decoding goes on.
        let _ = nice(i32::from(self.nice));
        Ok(())
    }
}

fn limit(name: &str, resource: Resource, soft: u64, hard: u64) -> Result<(), AudioError> {
    setrlimit(resource, Rlimit { current: Some(soft), maximum: Some(hard) })
        .map_err(|source| AudioError::SetLimits { reason: format!("{name}: {source}") })
}
