//! Whether this node lives, and whether it takes work.
//! It never touches a job, and answers without the database.
//! Start reading at [`check_ready`].

mod live;
mod ready;

pub use live::*;
pub use ready::*;

use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    #[schema(value_type = String)]
    pub status: &'static str,
}
