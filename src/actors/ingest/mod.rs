//! From an uploaded file to sound that Whisper can hear, a few files at a time, each in a child process.
//! It never decides what a failure means for a job; it answers whoever asked, or the answer is told as lost.
//! Start reading at [`IngestActor`]; each file is the work of one `DecoderActor`.

mod decoder;
mod messages;
mod supervisor;

pub use messages::{Answer, Asked, IngestMsg, Ticket};
pub use supervisor::{IngestActor, IngestArgs};
