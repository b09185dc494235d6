//! What the janitor is told: nothing but that it is time.

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum JanitorMsg {
    /// Make a round, and come again after a while.
    Round,
}
