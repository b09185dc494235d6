//! The integration tests: the real binary, real Whisper weights, real recordings, through the doors that users use.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and plays the outside world"
)]

mod accuracy;
mod admin_commands;
mod command_line;
mod command_line_later;
mod command_line_manual;
mod command_line_results;
mod database;
mod disk;
mod draining;
mod events;
mod fake_llm;
#[path = "../fakes/mod.rs"]
mod fakes;
mod fencing;
mod formats;
mod full_disk;
mod hostile;
mod http_admin;
mod http_demo;
mod http_entries;
mod http_events;
mod http_failures;
mod http_jobs;
mod http_line;
mod http_models;
mod http_notes;
mod http_page;
mod http_partials;
mod http_recordings;
mod http_rerun;
mod http_stages;
mod http_tags;
mod http_trash;
mod http_versions;
mod kills;
mod kit;
mod llm;
mod notes_commands;
mod on_postgres;
mod openai;
mod postgres_faults;
mod promises;
mod queue;
mod store;
mod supervision;
mod tls;
mod watch;
