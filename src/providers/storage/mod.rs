//! The data folder: recordings, decoded sound, uploads under way, and the lock that makes one node its owner.
//! It never knows what a job is beyond its id, and deletes a recording only when it is told that its job is removed.
//! Start reading at [`Folder`], which names every path; then [`Lock`].

mod folder;
mod lock;
mod room;
mod tape;
mod upload;

pub use folder::{Folder, NotWritable};
pub use lock::{Holder, Lock, LockError, hold_soon};
pub use room::free_bytes;
pub use tape::Tape;
pub use upload::{Upload, UploadError, Uploaded};
