//! What an operator asks: the true tree of actors.
//! It never starts, stops or restarts anything.
//! Start reading at [`show_actors`].

mod actors;

pub use actors::*;
