//! What a node owes the others on a shared database: a lease that is renewed, whatever else the node is busy with.
//! It never touches a job: whoever finds a lease gone gives back what ran under it.
//! Start reading at [`LeaseActor`].

mod actor;
mod keeper;

pub use actor::{LeaseActor, LeaseArgs};
pub use keeper::begin;
