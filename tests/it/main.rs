//! The integration tests: the real binary, real Whisper weights, real recordings, through the doors that users use.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and plays the outside world"
)]

mod accuracy;
mod command_line;
mod events;
mod fake_llm;
#[path = "../fakes/mod.rs"]
mod fakes;
mod formats;
mod http_jobs;
mod kills;
mod kit;
mod llm;
mod supervision;
