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
    pub limits: Limits,
}

impl ActorSpec {
    pub const fn new(kind: &'static str, intake: i64, restart: Restart) -> Self {
        Self { kind, intake, restart, limits: Limits::ORDINARY }
    }

    pub const fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }
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
    /// Never comes back.
    Temporary,
}

impl RestartKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Transient => "transient",
            Self::Temporary => "temporary",
        }
    }
}

impl Restart {
    pub const TEMPORARY: Self =
        Self { kind: RestartKind::Temporary, at_most: 0, within: WINDOW, backoff: BACKOFF };

    pub const fn permanent(at_most: u32) -> Self {
        Self { kind: RestartKind::Permanent, at_most, within: WINDOW, backoff: BACKOFF }
    }

    pub const fn transient(at_most: u32) -> Self {
        Self { kind: RestartKind::Transient, at_most, within: WINDOW, backoff: BACKOFF }
    }
}

/// How long an actor may be without progress before the watchdog calls it stuck. Silence is none of that: whoever has
/// nothing to do makes no progress, and need not.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For one message.
    pub handler: Duration,
    /// For a message that waits while nothing at all is handled.
    pub waiting: Duration,
    /// For work under way outside its handler between two signs of progress.
    pub work: Duration,
    /// Whether a stuck one is started again.
    pub restarts: bool,
}

impl Limits {
    /// Handlers write to the database at most: what takes this long will not end by itself.
    pub const ORDINARY: Self = Self {
        handler: Duration::from_secs(30),
        waiting: Duration::from_secs(60),
        work: Duration::from_secs(3_600),
        restarts: true,
    };

    /// It is told, and a person decides.
    pub const fn only_told(self) -> Self {
        Self { restarts: false, ..self }
    }

    pub const fn handler(self, handler: Duration) -> Self {
        Self { handler, ..self }
    }

    pub const fn work(self, work: Duration) -> Self {
        Self { work, ..self }
    }
}
