//! What this machine is: its processors, its memory, its graphics card, as the kernel tells it.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

/// Where the kernel shows what it knows; a machine without these is described as far as it goes.
const PROC: &str = "/proc";
const CGROUP: &str = "/sys/fs/cgroup";

/// Figures are 0, and names `unknown`, where the system does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    pub processors: usize,
    pub cpu: String,
    /// What this process may use at most: the machine's memory, or the container's share of it.
    pub memory_bytes: u64,
    /// What it could have now without anything being pushed out.
    pub free_memory_bytes: u64,
    pub gpu: Option<String>,
}

impl Machine {
    pub fn look() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self { processors, ..Self::read(Path::new(PROC), Path::new(CGROUP)) }
    }

    fn read(proc: &Path, cgroup: &Path) -> Self {
        let text = |path: &Path| fs::read_to_string(path).unwrap_or_default();
        let memory = text(&proc.join("meminfo"));
        let (whole, free) = (kilobytes(&memory, "MemTotal"), kilobytes(&memory, "MemAvailable"));
        let number = |name: &str| text(&cgroup.join(name)).trim().parse::<u64>().ok();
        let limit = number("memory.max").filter(|limit| *limit < whole);
        let (memory_bytes, free_memory_bytes) = match (limit, number("memory.current")) {
            (Some(limit), used) => (limit, free.min(limit.saturating_sub(used.unwrap_or(0)))),
            (None, _) => (whole, free),
        };
        let cpu = cpu(&text(&proc.join("cpuinfo"))).unwrap_or("unknown").to_owned();
        let gpu = gpu(&proc.join("driver/nvidia/gpus"));
        Self { processors: 1, cpu, memory_bytes, free_memory_bytes, gpu }
    }
}

/// What a process holds in memory now; `None` for one that is not there.
pub fn resident_bytes(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("{PROC}/{process}/status")).ok()?;
    Some(kilobytes(&status, "VmRSS")).filter(|bytes| *bytes > 0)
}

/// A line such as `MemTotal:  24690000 kB`, in bytes.
fn kilobytes(text: &str, key: &str) -> u64 {
    let rest = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let number = rest.and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or(0).saturating_mul(1_024)
}

/// The name of the first processor.
fn cpu(text: &str) -> Option<&str> {
    let named = |key: &str| {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        let mut values = lines.filter(|(name, _)| name.trim() == key).map(|(_, name)| name.trim());
        values.find(|name| !name.is_empty())
    };
    named("model name").or_else(|| named("Model")).or_else(|| named("Hardware"))
}

/// The names of all cards that NVIDIA's driver shows.
fn gpu(dir: &Path) -> Option<String> {
    let mut cards: Vec<String> = fs::read_dir(dir)
        .ok()?
        .flatten()
        .filter_map(|card| fs::read_to_string(card.path().join("information")).ok())
        .filter_map(|text| {
            text.lines().find_map(|line| Some(line.strip_prefix("Model:")?.trim().to_owned()))
        })
        .collect();
    cards.sort();
    (!cards.is_empty()).then(|| cards.join(", "))
}
