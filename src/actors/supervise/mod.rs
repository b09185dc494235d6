//! What every actor here has in common: a bounded intake, a visible state, a policy for its restarts.
//! It never knows what an actor is for, and keeps no message of a dead one.
//! Start reading at [`Role`], what an actor writes; `role::Watched` adapts it to ractor.

mod address;
mod budget;
mod directory;
mod reply;
mod role;
mod spec;

pub use address::{Address, Post, SendError};
pub use budget::{Budget, Decision};
pub use directory::{ActorView, Directory, MailboxView, PolicyView};
pub use reply::Reply;
pub use role::{Child, Ended, Fault, Me, Role, spawn, spawn_root};
pub use spec::{ActorSpec, Restart, RestartKind};
