//! The language models' room: one desk a provider, each with its own intake, quota and calls under way.
//! It never decides whom to ask, and keeps no answer: each is in the books before anybody is told of it.
//! Start reading at [`RouterActor`], which hands calls to desks; `desk` makes them.

mod desk;
mod messages;
mod quota;
mod router;
mod under_way;

pub use messages::{Asked, LlmMsg, Outcome};
pub use router::{RouterActor, RouterArgs};
pub use under_way::UnderWay;
