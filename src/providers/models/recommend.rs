//! Which model suits a machine: the most accurate one that is quick enough on it and leaves memory for others.

use super::catalog::{Catalog, ModelEntry};
use crate::providers::machine::Machine;

/// A memo of a minute in a quarter of one: nobody waits long, and the machine has time for other things.
const RTF_MAX: f64 = 0.25;
/// What a worker may take of the memory.
const MEMORY_SHARE: u64 = 2;
/// A download and what is made of it lie on the disk together.
const DISK_SHARE: u64 = 3;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recommended {
    pub name: String,
    /// In plain words, for whoever chooses.
    pub why: String,
}

/// What stands against a model here.
enum Against {
    Memory,
    Disk,
    Time,
}

struct Place<'a> {
    machine: &'a Machine,
    free_disk_bytes: u64,
    rtf: &'a dyn Fn(&ModelEntry) -> f64,
}

/// Seconds of work for each second of sound, where one processor needs `cpu_ms_per_s` and `slots` of them work.
pub fn estimated_rtf(cpu_ms_per_s: u32, slots: usize) -> f64 {
    let slots = slots.max(1) as f64;
    (f64::from(cpu_ms_per_s) / slots).round() / 1_000.0
}

/// The catalogue goes from the quickest model to the most accurate; `rtf` is what each is expected to take here.
pub fn recommend(
    catalog: &Catalog,
    machine: &Machine,
    free_disk_bytes: u64,
    rtf: &dyn Fn(&ModelEntry) -> f64,
) -> Option<Recommended> {
    let place = Place { machine, free_disk_bytes, rtf };
    let known = catalog.models.iter().filter(|entry| entry.is_multilingual());
    let known: Vec<&ModelEntry> = known.collect();
    let fitting = known.iter().rposition(|entry| place.against(entry).is_none());
    let chosen = *known.get(fitting.unwrap_or(0))?;
    let better = known.get(fitting.unwrap_or(0) + 1).copied();
    let why = match fitting {
        Some(_) => place.praise(chosen, better),
        None => format!(
            "This machine is small for Whisper: {} asks the least of it, about {} of memory.",
            chosen.name,
            gigabytes(chosen.ram_bytes)
        ),
    };
    Some(Recommended { name: chosen.name.clone(), why })
}

impl Place<'_> {
    fn against(&self, entry: &ModelEntry) -> Option<Against> {
        match () {
            () if entry.ram_bytes > self.machine.memory_bytes / MEMORY_SHARE => {
                Some(Against::Memory)
            }
            () if entry.bytes.saturating_mul(DISK_SHARE) > self.free_disk_bytes => {
                Some(Against::Disk)
            }
            () if (self.rtf)(entry) > RTF_MAX => Some(Against::Time),
            () => None,
        }
    }

    fn praise(&self, chosen: &ModelEntry, better: Option<&ModelEntry>) -> String {
        let processors = match self.machine.processors {
            1 => "one processor".to_owned(),
            n => format!("{n} processors"),
        };
        let mut why = format!(
            "It understands many languages, turns a minute of speech into text in about {} s on this machine's \
             {processors}, and takes {} of its {} of memory.",
            self.seconds_a_minute(chosen),
            gigabytes(chosen.ram_bytes),
            gigabytes(self.machine.memory_bytes),
        );
        if let Some((better, against)) = better.and_then(|it| Some((it, self.against(it)?))) {
            let name = &better.name;
            why.push_str(&match against {
                Against::Memory => format!(
                    " The next better one, {name}, would take {}, more than half of the memory.",
                    gigabytes(better.ram_bytes)
                ),
                Against::Disk => {
                    format!(" The next better one, {name}, does not fit on the disk.")
                }
                Against::Time => format!(
                    " The next better one, {name}, would need about {} s.",
                    self.seconds_a_minute(better)
                ),
            });
        }
        why
    }

    fn seconds_a_minute(&self, entry: &ModelEntry) -> u64 {
        ((self.rtf)(entry) * 60.0).round().max(1.0) as u64
    }
}

fn gigabytes(bytes: u64) -> String {
    let tenths = (bytes.saturating_add(50_000_000)) / 100_000_000;
    match tenths % 10 {
        0 => format!("{} GB", tenths / 10),
        rest => format!("{}.{rest} GB", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn told(processors: usize, memory_gb: u64, disk_gb: u64) -> Recommended {
        let machine = Machine {
            processors,
            cpu: String::new(),
            memory_bytes: memory_gb * 1_000_000_000,
            free_memory_bytes: 0,
            gpu: None,
        };
        let rtf = |entry: &ModelEntry| estimated_rtf(entry.cpu_ms_per_s, processors);
        let catalog = Catalog::builtin().unwrap();
        recommend(&catalog, &machine, disk_gb * 1_000_000_000, &rtf).unwrap()
    }

    #[test]
    fn a_larger_machine_is_told_a_better_model() {
        for (processors, memory_gb, disk_gb, name) in [
            (1, 0, 50, "tiny"),
            (1, 1, 50, "base"),
            (2, 4, 50, "small"),
            (2, 64, 50, "small"),
            (4, 16, 50, "medium"),
            (16, 3, 50, "small"),
            (16, 64, 50, "large-v3-turbo"),
            (16, 64, 1, "small"),
        ] {
            let told = told(processors, memory_gb, disk_gb);
            assert_eq!(told.name, name, "{processors} {memory_gb} {disk_gb}: {}", told.why);
        }
    }

    #[test]
    fn the_reason_is_one_that_a_person_can_weigh() {
        let why = told(2, 8, 50).why;
        let expected = "It understands many languages, turns a minute of speech into text in about 8 s on this machine's \
             2 processors, and takes 0.8 GB of its 8 GB of memory. The next better one, medium, would need about 27 s.";
        assert_eq!(why, expected);
        assert!(told(16, 3, 50).why.ends_with("would take 1.7 GB, more than half of the memory."));
        assert!(told(1, 0, 50).why.contains("small for Whisper"));
        assert!(told(16, 64, 1).why.ends_with("medium, does not fit on the disk."));
    }
}
