//! What the janitor is told: nothing but that it is time.

pub enum JanitorMsg {
    /// Make a round, and come again after a while.
    Round,
}
