//! The parent's side: starts a decoding child, hears it out, and turns every way it ends into a type.
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time;

use crate::providers::audio::decode::{DecodeReport, part_path};
use crate::providers::audio::error::AudioError;
use crate::providers::audio::worker::{DecodeRequest, Line, Progress};

/// A report of many hours has some ten thousand bytes; a longer line is an attack on our memory.
const LINE_BYTES_AT_MOST: usize = 4 << 20;
const STDERR_BYTES_KEPT: usize = 4 << 10;

const SIGINT: i32 = 2;
const SIGKILL: i32 = 9;
const SIGTERM: i32 = 15;
const SIGXCPU: i32 = 24;
const SIGXFSZ: i32 = 25;

/// Runs `exe decode-worker` for one request. Dropping the future ends the child.
pub async fn run_child(
    exe: &Path,
    request: &DecodeRequest,
    timeout: Duration,
    on_progress: impl FnMut(Progress),
) -> Result<DecodeReport, AudioError> {
    let mut command = Command::new(exe);
    command.arg("decode-worker");
    let done = drive(command, request, timeout, on_progress).await;
    if done.is_err() {
        // What a child left half done is worth nothing, and the next one starts anew anyway.
        let _ = tokio::fs::remove_file(part_path(&request.output)).await;
    }
    done
}

async fn drive(
    mut command: Command,
    request: &DecodeRequest,
    timeout: Duration,
    on_progress: impl FnMut(Progress),
) -> Result<DecodeReport, AudioError> {
    let mut line = serde_json::to_vec(request)
        .map_err(|error| AudioError::BadRequest { reason: error.to_string() })?;
    line.push(b'\n');
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| AudioError::StartChild { source })?;
    let heard = time::timeout(timeout, hear_out(&mut child, &line, on_progress)).await;
    match heard {
        Ok(Ok(ended)) => ended.verdict(),
        Ok(Err(error)) => {
            let _ = child.kill().await;
            Err(error)
        }
        Err(_) => {
            let _ = child.kill().await;
            Err(AudioError::ChildTimedOut { after: timeout })
        }
    }
}

/// How a child ended: its last word, its exit status, and the end of what it complained about.
struct Ended {
    last: Option<Line>,
    status: ExitStatus,
    stderr: String,
}

impl Ended {
    fn verdict(self) -> Result<DecodeReport, AudioError> {
        let Self { last, status, stderr } = self;
        match (last, status.signal()) {
            (Some(Line::Report(report)), _) => Ok(*report),
            (Some(Line::Failure(failure)), _) => Err(AudioError::Reported(failure)),
            (_, Some(SIGXCPU)) => Err(AudioError::ChildSpentCpu),
            (_, Some(SIGXFSZ)) => Err(AudioError::ChildWroteTooMuch),
            (_, Some(signal @ (SIGKILL | SIGTERM | SIGINT))) => {
                Err(AudioError::ChildKilled { signal, stderr })
            }
            (_, None) if status.success() => {
                Err(AudioError::ChildSpokeWrong { reason: "it ended without a report".to_owned() })
            }
            _ => Err(AudioError::ChildCrashed { stderr }),
        }
    }
}

async fn hear_out(
    child: &mut Child,
    request: &[u8],
    on_progress: impl FnMut(Progress),
) -> Result<Ended, AudioError> {
    let missing = || AudioError::ChildSpokeWrong { reason: "it has no pipes".to_owned() };
    let mut stdin = child.stdin.take().ok_or_else(missing)?;
    let stdout = child.stdout.take().ok_or_else(missing)?;
    let stderr = child.stderr.take().ok_or_else(missing)?;
    // A child that is dead already says so by its exit status, which tells more than this pipe.
    let _ = stdin.write_all(request).await;
    let (last, stderr) =
        tokio::try_join!(last_line(BufReader::new(stdout), on_progress), last_words(stderr))?;
    let status = child.wait().await.map_err(|source| AudioError::TalkToChild { source })?;
    // Closed only now: a child takes the end of its input for the end of its parent.
    drop(stdin);
    Ok(Ended { last, status, stderr })
}

/// Hears a child's lines to their end and gives the last that is no progress; never trusts their length.
pub async fn last_line(
    mut stdout: impl AsyncBufRead + Unpin,
    mut on_progress: impl FnMut(Progress),
) -> Result<Option<Line>, AudioError> {
    let mut last = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        let room = LINE_BYTES_AT_MOST as u64;
        let read = (&mut stdout).take(room).read_until(b'\n', &mut line).await;
        if read.map_err(|source| AudioError::TalkToChild { source })? == 0 {
            return Ok(last);
        }
        if line.last() != Some(&b'\n') {
            if line.len() >= LINE_BYTES_AT_MOST {
                return Err(AudioError::ChildSpokeWrong { reason: "its line never ends".into() });
            }
            // Half a line: it died while speaking, and its exit status says why.
            return Ok(last);
        }
        match serde_json::from_slice(&line) {
            Ok(Line::Progress(progress)) => on_progress(progress),
            Ok(end) => last = Some(end),
            Err(error) => {
                return Err(AudioError::ChildSpokeWrong { reason: error.to_string() });
            }
        }
    }
}

async fn last_words(mut stderr: impl AsyncRead + Unpin) -> Result<String, AudioError> {
    let mut kept = Vec::new();
    let mut part = vec![0; STDERR_BYTES_KEPT];
    loop {
        let read = stderr.read(&mut part).await;
        let read = read.map_err(|source| AudioError::TalkToChild { source })?;
        if read == 0 {
            return Ok(String::from_utf8_lossy(&kept).into_owned());
        }
        kept.extend_from_slice(part.get(..read).unwrap_or_default());
        kept.drain(..kept.len().saturating_sub(STDERR_BYTES_KEPT));
    }
}

#[cfg(test)]
mod tests;
