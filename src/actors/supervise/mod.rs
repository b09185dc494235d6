//! What every actor here has in common: a bounded intake, a visible state, and a supervisor above it.
//! It never knows what an actor is for, and keeps no message of a dead one.
//! Start reading at [`Role`], what an actor writes; then at [`Children`], the supervisor; `watched` adapts both to ractor.

mod address;
mod budget;
mod children;
mod directory;
mod failure;
mod figures;
mod meta;
mod reply;
mod role;
mod spec;
#[cfg(test)]
mod tests;
mod view;
mod watchdog;
mod watched;

pub use address::{Address, Message, Post, SendError};
pub use children::{Change, Children, Spent, Strategy};
pub use directory::{Directory, NotRestarted};
pub use failure::{Failure, Fault};
pub use reply::Reply;
pub use role::{Leaving, Me, Pulse, Role, Root};
pub use spec::{ActorSpec, Limits, Restart, RestartKind};
pub use view::{ActorView, KindView, LeftOutView, MailboxView, Part, PolicyView};
pub use watchdog::{WatchdogActor, WatchdogArgs};
