//! The room that commits what many do at the same moment together: new jobs, transitions that stand alone, and the
//! claims of what has come into line by them. Whatever needs more than its one statement is a transaction of its own.
//! Start reading at [`WriterActor`]; [`save`] and [`arrive`] are its doors.

mod actor;
mod claim;
mod door;
mod messages;

pub use actor::{WriterActor, WriterArgs};
pub use door::{arrive, save};
pub use messages::WriterMsg;
