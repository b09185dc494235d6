//! Gives each panic a number and writes it down with its place and its backtrace, but not with its words: they may
//! quote what somebody has said.

use std::backtrace::Backtrace;
use std::cell::RefCell;
use std::panic::PanicHookInfo;
use std::sync::Once;

/// A panic that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Stands in the log as well, beside the backtrace.
    pub id: String,
    /// File and line in the source.
    pub place: String,
}

thread_local! {
    static LAST: RefCell<Option<Seen>> = const { RefCell::new(None) };
}

/// Watches all panics of this process from now on.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let seen = Seen { id: new_id(), place: place_of(panic) };
            if tracing::enabled!(tracing::Level::ERROR) {
                let backtrace = Backtrace::force_capture();
                tracing::error!(failure = seen.id, place = seen.place, %backtrace, "panicked");
            } else {
                before(panic);
            }
            LAST.with(|last| last.replace(Some(seen)));
        }));
    });
}

/// The panic that this thread has just caught.
pub fn last_here() -> Option<Seen> {
    LAST.with(RefCell::take)
}

/// The number of a failure: short enough to be read out, and not soon used twice.
pub fn new_id() -> String {
    format!("{:08x}", fastrand::u32(..))
}

/// Without the folders of the machine that this was built on.
fn place_of(panic: &PanicHookInfo) -> String {
    let Some(place) = panic.location() else { return "an unknown place".to_owned() };
    let file = place.file();
    let known = file.split_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/'));
    format!("{}:{}", known.map_or(file, |(_, rest)| rest), place.line())
}
