//! Whose fault a panic is: ours ends the run as a finding, one of a decoder that we use is counted and passed over.
//!
//! In the product a decoder's panic ends its child process, and the recording is refused as `decoder_crashed`.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::path::PathBuf;
use std::{env, fs, process};

/// Crates that read a stranger's bytes for us.
const DECODERS: [&str; 3] = ["symphonia", "opusic", "rubato"];
const OURS: &str = "diarist";
/// Where the counts go, and one input of each place that panicked.
const FOLDER: &str = "FUZZ_PANICS";

thread_local! {
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// Panics of decoders so far, by the place in their source.
pub struct Blame {
    folder: PathBuf,
    counts: BTreeMap<String, u64>,
}

impl Blame {
    /// Takes the place of the fuzzer's own hook, to which every panic is a finding.
    pub fn watch(target: &str) -> Self {
        panic::set_hook(Box::new(judge));
        let root = env::var_os(FOLDER).map_or_else(|| PathBuf::from("artifacts"), PathBuf::from);
        let folder = root.join(target).join("decoder-panics");
        fs::create_dir_all(&folder).expect("a folder for what panicked");
        Self { folder, counts: BTreeMap::new() }
    }

    /// Runs one try; `None` if a decoder panicked in it.
    pub fn call<T>(&mut self, input: &[u8], run: impl FnOnce() -> T) -> Option<T> {
        let done = panic::catch_unwind(AssertUnwindSafe(run)).ok();
        if done.is_none() {
            let place = PLACE.take().unwrap_or_else(|| "unknown".to_owned());
            self.count(place, input);
        }
        done
    }

    fn count(&mut self, place: String, input: &[u8]) {
        let seen = self.counts.entry(place).or_default();
        *seen += 1;
        if !seen.is_power_of_two() {
            return;
        }
        if *seen == 1 {
            let first = self.folder.join(format!("{:02}.input", self.counts.len()));
            fs::write(first, input).expect("room for an input");
        }
        let mut table = String::new();
        for (place, times) in &self.counts {
            let _ = writeln!(table, "{times:>8} {place}");
        }
        fs::write(self.folder.join("counts.txt"), table).expect("room for the counts");
    }
}

/// The innermost frame that is neither the standard library nor this harness decides.
fn judge(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let culprit = if place.contains("/registry/src/") {
        DECODERS.iter().any(|name| place.contains(name))
    } else {
        let trace = Backtrace::force_capture().to_string();
        let named = |line: &&str| DECODERS.iter().chain([&OURS]).any(|name| line.contains(name));
        let frames = trace.lines().filter(|line| !line.contains("diarist_fuzz"));
        frames.filter(named).next().is_some_and(|line| !line.contains(OURS))
    };
    if culprit {
        PLACE.set(Some(place));
        return;
    }
    eprintln!("our own panic: {panic}\n{}", Backtrace::force_capture());
    process::abort();
}
