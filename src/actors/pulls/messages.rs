//! What the actor of the pulls is told: where to look, and what has ended.

use super::board::Ticket;

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum PullsMsg {
    /// The board has changed.
    Look,
    /// A pull is over; `None` where its end was lost.
    Ended(Ticket, Option<Result<(), String>>),
}
