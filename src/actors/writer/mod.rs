//! The room that commits what many do at the same moment together: new jobs, transitions that stand alone, and the
//! claims of what has come into line by them. Whatever needs more than its one statement is a transaction of its own.
//! Beside it the write-ahead log of SQLite is emptied.
//! Start reading at [`WriterActor`]; [`save`] and [`arrive`] are its doors.

mod actor;
mod checkpointer;
mod claim;
mod commit;
mod door;
mod heads;
mod messages;

pub use actor::{WriterActor, WriterArgs};
pub use checkpointer::{CheckpointerActor, CheckpointerArgs};
pub use door::{arrive, save};
pub use messages::{CheckpointerMsg, WriterMsg};
