//! Named moments at which a build for development can be told to die, so that tests prove what a crash costs there.
//! `DIARIST_DIE_AT=commit.after:7` is a `kill -9` right after the seventh commit. A release build passes by.

use crate::config;
use rustix::process::{Signal, getpid, kill_process};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Every moment that has a name.
pub const MOMENTS: [&str; 8] = [
    "commit.before",
    "commit.after",
    "keep.before",
    "keep.after",
    "answer.before",
    "send.before",
    "send.after",
    "sound.forgotten",
];

/// Passes a moment, or dies at it as the machine would without power.
pub fn pass(moment: &'static str) {
    debug_assert!(MOMENTS.contains(&moment), "{moment} is not listed");
    if cfg!(debug_assertions) && is_due(moment) {
        // Nothing can be done about a signal that is refused, and it never is.
        let _ = kill_process(getpid(), Signal::KILL);
    }
}

fn is_due(moment: &str) -> bool {
    static WANTED: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static PASSED: AtomicU32 = AtomicU32::new(0);
    match WANTED.get_or_init(|| config::die_at().as_deref().and_then(parse)) {
        Some((wanted, at)) if wanted == moment => PASSED.fetch_add(1, Ordering::Relaxed) + 1 == *at,
        _ => false,
    }
}

fn parse(text: &str) -> Option<(String, u32)> {
    let (moment, at) = text.split_once(':')?;
    Some((moment.to_owned(), at.parse().ok()?))
}
