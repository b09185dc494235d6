//! What can be asked of the room, and what its desks report.

use crate::actors::supervise::Reply;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::domain::llm::CallId;
use crate::providers::llm::Ask;

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LlmMsg {
    Call(Box<Asked>),
    /// The job needs no answer any more: whatever waits or runs for it ends now.
    Abort(JobId),
}

/// One call that stands in the books as planned, and who waits for its end.
pub struct Asked {
    pub job: Job,
    pub call: CallId,
    pub ask: Ask,
    pub reply: Reply<Outcome>,
}

/// What became of it stands in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Ended,
    /// It was not made: too many wait already, or the job has moved on.
    NotMade,
}

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DeskMsg {
    Call(Box<Asked>),
    Abort(JobId),
    /// The call with this number has ended.
    Ended(u64),
    /// The quota may have room again.
    Look,
}
