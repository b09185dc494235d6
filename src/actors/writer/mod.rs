//! The room that commits what many do at the same moment together: new jobs, and transitions that stand alone.
//! It decides nothing; whatever needs more than its one statement is a transaction of its own.
//! Start reading at [`WriterActor`]; [`save`] and [`arrive`] are its doors.

mod actor;
mod door;
mod messages;

pub use actor::{WriterActor, WriterArgs};
pub use door::{arrive, save};
pub use messages::WriterMsg;
