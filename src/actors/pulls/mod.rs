//! Gets models while the server runs: asked for through the board, one at a time, and stopped when nobody wants it.
//! It never decides whether a model is needed, and trusts no byte that the library has not verified.
//! Start reading at [`Board`], what is wanted and how far it has come; then at [`PullsActor`], which sees to it.

mod board;
mod messages;
mod supervisor;

pub use board::{Board, Phase, Pull};
pub use messages::PullsMsg;
pub use supervisor::{PullsActor, PullsArgs};
