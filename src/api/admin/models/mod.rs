//! The models that can be had: list them, get one, stop getting it.
//! It never decides which model a job is heard with, and takes none away.
//! Start reading at `ModelItem`.

mod cancel;
mod list;
mod pull;
mod view;

pub use cancel::*;
pub use list::*;
pub use pull::*;
