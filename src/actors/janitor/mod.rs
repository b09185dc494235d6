//! What has to be done when nobody asks for it: recordings that were left are finished, and old trash is purged.
//! It never decides how a thing is done; it looks which are due, and calls what a door would call.
//! Start reading at `round::make`, the list of all sweeps; [`JanitorActor`] makes the round from time to time.

mod actor;
mod messages;
mod recordings;
mod round;

pub use actor::{JanitorActor, JanitorArgs};
pub use messages::JanitorMsg;
