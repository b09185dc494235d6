//! One actor for each job that is worked on: the runtime of the state machine in the domain.
//! It never keeps a truth of its own: what it knows was saved before, or is asked for again.
//! Start reading at `job`, one claim of one job; `dispatcher` decides which jobs have their turn.

mod compose;
mod dispatcher;
pub mod job;
mod messages;
mod stages;
mod supervisor;
mod wakes;

pub use messages::{JobMsg, JobsMsg};
pub use supervisor::{JobsActor, JobsArgs};
