//! Every way a whisper worker can let its node down, and what the engine does about each.

use crate::domain::failure::Failure;
use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum WhisperError {
    #[error("cannot start the whisper worker")]
    Start { source: io::Error },
    #[error("the pipe to the whisper worker broke")]
    Pipe { source: io::Error },
    #[error("the whisper worker ended before it was ready")]
    Ended,
    #[error("the whisper worker speaks version {theirs} of the protocol, this node version {ours}")]
    Version { theirs: u32, ours: u32 },
    #[error("cannot load the model {}: {message}", path.display())]
    Model { path: PathBuf, message: String },
    #[error("the whisper worker was not ready within {seconds} s")]
    Slow { seconds: u64 },
}

impl WhisperError {
    /// Decides retry or give up. No `_` arm: a new variant has to choose.
    pub fn to_failure(&self) -> Failure {
        let (code, hint, retry) = match self {
            Self::Start { .. } => ("whisper_start", "check the memory and process limits", true),
            Self::Pipe { .. } => ("whisper_pipe", "", true),
            Self::Ended => ("whisper_ended", "check the free memory; a smaller model helps", true),
            Self::Version { .. } => {
                ("whisper_version", "the binary was replaced while it ran: restart it", false)
            }
            Self::Model { .. } => {
                ("whisper_model", "run `diarist doctor`, or pull the model again", false)
            }
            Self::Slow { .. } => ("whisper_slow", "", true),
        };
        let make = if retry { Failure::retry } else { Failure::give_up };
        make(code, self.to_string(), hint)
    }
}
