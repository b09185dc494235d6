//! The stages of a job's life, and what is paused of them.
//! It never stops work that has begun: that ends its chunk or its stage.
//! Start reading at [`show_stages`].

mod list;
mod pause;
mod resume;
mod view;

pub use list::*;
pub use pause::*;
pub use resume::*;
