//! What happens to a job while it is worked on, and what its supervisor is told.

use crate::actors::ingest::Answer;
use crate::actors::llm;
use crate::actors::whisper::Outcome;
use crate::domain::Timestamp;
use crate::domain::failure::Failure;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::note::Note;

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum JobsMsg {
    /// Something may be due. Says where to look, never what is there.
    Look,
    /// They run on this node, each in a place of its own.
    Claimed(Vec<Job>),
    /// The time of something that waits for one may have come.
    Wake,
    /// Give back what was left, wake what is due, look, and do so again after the configured while.
    Tick,
    /// The job has been changed from outside; whoever works on it must let go.
    Changed(JobId),
    /// Whoever waited for this job is gone, and nobody else wants it.
    Abandoned(TenantId, JobId),
    /// The node begins nothing any more: jobs end their chunk or call, and go back into the queue.
    Drain,
    /// The node's lease has run out: what it had in hand is somebody else's.
    Fenced,
    /// A job rests until then.
    WakeAt(Timestamp),
}

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum JobMsg {
    Begin,
    /// Ask again for what was refused or lost.
    Continue,
    /// Give the place up at the next checkpoint: somebody else has waited for long enough.
    Yield,
    /// The stage has taken longer than it may.
    Overdue,
    Ingested(Option<Answer>),
    Listened(Listened),
    /// A language model's call is over; what became of it stands in the books.
    Asked(Option<llm::Outcome>),
    Composed(Option<Result<Note, Failure>>),
}

/// An answer of the pool; `None` where it was lost with its holder.
pub struct Listened {
    /// The chunk, or `None` for the language.
    pub chunk: Option<i64>,
    pub outcome: Option<Outcome>,
}
