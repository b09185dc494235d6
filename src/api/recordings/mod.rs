//! The endpoints of recordings that arrive while they are being made: begin, send piece by piece, finish.
//! It never writes a file or decides what counts; it passes pieces to the engine, and shows what the store says.
//! Start reading at `view`, a recording as everyone sees it; then at `append`, the one that has to be durable.

mod append;
mod create;
mod discard;
mod finish;
mod list;
mod show;
mod view;

pub use append::*;
pub use create::*;
pub use discard::*;
pub use finish::*;
pub use list::*;
pub use show::*;
