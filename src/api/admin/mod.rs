//! What an operator asks: the true tree of actors, the queue, the machine, and the models for it.
//! It never starts, stops or restarts an actor.
//! Start reading at [`show_actors`]; then at [`models`].

mod actors;
mod hardware;
pub mod models;
mod queue;
pub mod stages;

pub use actors::*;
pub use hardware::*;
pub use queue::*;
