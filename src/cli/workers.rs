//! The hidden commands that a node starts as child processes.

use super::output;
use crate::providers::{audio, whisper};
use std::process::ExitCode;

pub fn decode() -> ExitCode {
    audio::worker::serve_stdio()
}

pub fn whisper() -> ExitCode {
    match whisper::worker::run(std::io::stdin().lock(), std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::complain_of(Some("whisper worker"), &error.to_string(), None);
            ExitCode::FAILURE
        }
    }
}
