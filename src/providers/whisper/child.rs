//! The parent's end of a whisper worker: starts the process, waits until its model is loaded.

use super::error::WhisperError;
use super::protocol::{FromWorker, Hello, ToWorker, VERSION, receive, send};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::BufReader;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A worker with its model loaded. Dropping it kills the process.
pub struct WhisperChild {
    pub process: Child,
    pub input: ChildStdin,
    pub output: BufReader<ChildStdout>,
    pub load_ms: u64,
}

/// Starts `exe whisper-worker` and says hello.
pub async fn start(
    exe: &Path,
    hello: Hello,
    patience: Duration,
) -> Result<WhisperChild, WhisperError> {
    let mut process = Command::new(exe)
        .arg("whisper-worker")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| WhisperError::Start { source })?;
    let (Some(mut input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
        return Err(WhisperError::Ended);
    };
    let mut output = BufReader::new(output);
    let path = hello.model.clone();
    send(&mut input, &ToWorker::Hello(hello))
        .await
        .map_err(|source| WhisperError::Pipe { source })?;
    let answer = tokio::time::timeout(patience, receive(&mut output))
        .await
        .map_err(|_| WhisperError::Slow { seconds: patience.as_secs() })?
        .map_err(|source| WhisperError::Pipe { source })?;
    match answer {
        Some(FromWorker::Ready { version: VERSION, load_ms }) => {
            Ok(WhisperChild { process, input, output, load_ms })
        }
        Some(FromWorker::Ready { version: theirs, .. }) => {
            Err(WhisperError::Version { theirs, ours: VERSION })
        }
        Some(FromWorker::Broken { message }) => Err(WhisperError::Model { path, message }),
        Some(_) | None => Err(WhisperError::Ended),
    }
}
