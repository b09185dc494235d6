//! What an actor declares about itself before it runs.

use std::time::Duration;

/// Failures further apart than this are not held against a child.
const WINDOW: Duration = Duration::from_secs(60);
/// Short enough to be back within a second, after several failures in a row.
const BACKOFF: Duration = Duration::from_millis(50);

/// One per actor kind, a constant beside the actor.
#[derive(Debug, Clone, Copy)]
pub struct ActorSpec {
    pub kind: &'static str,
    /// Messages that may wait; one more is answered `Busy`.
    pub intake: i64,
    pub restart: Restart,
}

/// How a supervisor deals with the failures of one child.
#[derive(Debug, Clone, Copy)]
pub struct Restart {
    pub kind: RestartKind,
    pub at_most: u32,
    pub within: Duration,
    /// The wait before the first restart in the window; it doubles with each further one.
    pub backoff: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartKind {
    /// Comes back whenever it ends.
    Permanent,
    /// Comes back only when it fails.
    Transient,
}

impl RestartKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Transient => "transient",
        }
    }
}

impl Restart {
    pub const fn permanent(at_most: u32) -> Self {
        Self { kind: RestartKind::Permanent, at_most, within: WINDOW, backoff: BACKOFF }
    }

    pub const fn transient(at_most: u32) -> Self {
        Self { kind: RestartKind::Transient, at_most, within: WINDOW, backoff: BACKOFF }
    }
}
