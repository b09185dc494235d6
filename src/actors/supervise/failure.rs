//! Why an actor ended badly: a number that is also in the log, and a reason that quotes nothing it was working on.

use crate::telemetry::panics;
use ractor::ActorProcessingErr;
use std::any::Any;

/// Why an actor ends badly. Its supervisor decides what comes next.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub struct Fault {
    pub reason: String,
}

/// A fault as its supervisor hears of it. The log has a line with the same number, after a panic with its backtrace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Failure {
    pub id: String,
    pub reason: String,
}

impl Failure {
    pub(super) fn new(path: &str, reason: impl Into<String>) -> Self {
        let failure = Self { id: panics::new_id(), reason: reason.into() };
        let Self { id, reason } = &failure;
        tracing::warn!(actor = path, failure = id, reason, "an actor failed");
        failure
    }

    /// The words of a panic may quote what was being worked on: its place in the source tells as much.
    pub(super) fn of_panic(path: &str, _words: Box<dyn Any + Send>) -> Self {
        let Some(panics::Seen { id, place }) = panics::last_here() else {
            return Self::new(path, "panicked");
        };
        let reason = format!("panicked at {place}");
        tracing::warn!(actor = path, failure = id, reason, "an actor failed");
        Self { id, reason }
    }

    /// What an actor of ours has told the library is told back by it.
    pub(super) fn read(path: &str, error: &ActorProcessingErr) -> Self {
        match error.downcast_ref::<Self>() {
            Some(failure) => failure.clone(),
            None => Self::new(path, error.to_string()),
        }
    }
}
