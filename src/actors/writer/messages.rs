//! What is to be written, each with whom to tell once it is durable.

use crate::actors::supervise::Reply;
use crate::domain::job::Job;
use crate::store::StoreError;
use crate::store::arrivals::{Arrival, Arrived};
use crate::store::transitions::Transition;

/// What the checkpointer is told: nothing but that it is time.
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum CheckpointerMsg {
    Checkpoint,
}

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum WriterMsg {
    Save(Box<Transition>, Reply<Result<Job, StoreError>>),
    Arrive(Box<Arrival>, Reply<Result<Arrived, StoreError>>),
    /// There may be something to claim that has not come in here.
    Claim,
    /// Write what has come in.
    Commit,
    /// A commit is done, and it matters to the next ones.
    Committed(Past),
}

/// A commit that is done.
pub struct Past {
    /// Which of all that were begun.
    pub nth: u64,
    /// Whether somebody may have been left in line by it, since there was no place.
    pub is_full: bool,
    /// Whether it was not as it had been begun.
    pub is_undone: bool,
}
