//! The endpoints of the diary as a whole: its notes by day, by tag, and by what they say.
//! It never changes a note; a single one is taken from its job.
//! Start reading at [`list_notes`].

mod list;
mod view;

pub use list::*;
pub use view::{NoteMatch, said_once};
