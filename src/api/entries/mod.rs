//! The diary as a page shows it: every job as an entry, with its days and its tags counted.
//! It never changes an entry; that is done to its job.
//! Start reading at [`list_entries`].

mod days;
mod list;
mod tags;
mod view;

pub use days::*;
pub use list::*;
pub use tags::*;
