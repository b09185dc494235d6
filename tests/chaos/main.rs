//! Ends the real binary by `kill -9` at its named moments, or freezes it past its lease, again and again, and looks through
//! the doors that users use at what is left. `CHAOS_KILLS` and `CHAOS_ZOMBIES` say how often, `CHAOS_SEED` in which order.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, says what it did, and plays the outside world"
)]

#[path = "../fakes/mod.rs"]
mod fakes;
mod kills;
#[expect(dead_code, reason = "the integration tests use all of it")]
#[path = "../it/kit/mod.rs"]
mod kit;
mod ledger;
mod node;
mod zombies;

/// A number of the environment.
fn setting<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
