//! What an operator asks: the true tree of actors, the queue, the machine, the models for it; and what an operator orders.
//! It never starts or stops an actor itself: it tells the engine, which writes down who told it what.
//! Start reading at [`show_actors`]; then at [`models`].

mod actors;
mod audit;
mod drain;
mod hardware;
pub mod models;
mod pools;
mod queue;
mod restart;
pub mod stages;
mod watch;

pub use actors::*;
pub use audit::*;
pub use drain::*;
pub use hardware::*;
pub use pools::*;
pub use queue::*;
pub use restart::*;
pub use watch::*;
