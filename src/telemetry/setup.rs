//! Sends logs to stderr, as text for people or as JSON for machines.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("telemetry.log = {filter}: {reason}")]
    Filter { filter: String, reason: String },
}

/// Sets the logger of this process. A second call leaves the first one's in place.
pub fn init(filter: &str, json: bool) -> Result<(), SetupError> {
    let parsed = EnvFilter::try_new(filter).map_err(|error| SetupError::Filter {
        filter: filter.to_owned(),
        reason: error.to_string(),
    })?;
    // One library logs what it cannot read, which may be what somebody has said; the other what its caller says anyway.
    let silent = ["async_openai=off", "rustls_platform_verifier=off"];
    let silent = silent.into_iter().filter_map(|library| library.parse().ok());
    let parsed = silent.fold(parsed, EnvFilter::add_directive);
    let logger = tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Tests start several nodes in one process; the first one's logger serves them all.
    let _ = if json { logger.json().try_init() } else { logger.try_init() };
    super::panics::watch();
    Ok(())
}
