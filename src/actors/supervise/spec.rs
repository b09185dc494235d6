//! What an actor declares about itself before it runs.

use std::time::Duration;

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
