//! The child's side: one request on stdin, one file decoded within limits, one answer on stdout.
use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::providers::audio::decode::{self, DecodeReport};
use crate::providers::audio::error::{AudioError, WorkerFailure};
use crate::providers::audio::limits::ChildLimits;
use crate::providers::audio::probe;
use crate::providers::audio::source::Source;

const REQUEST_BYTES_AT_MOST: u64 = 64 << 10;
/// Progress is told each time this much sound is done.
const TELL_EVERY_MS: u64 = 10_000;
/// The exit status of a child whose parent went away.
const ORPHANED: i32 = 3;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodeRequest {
    pub input: PathBuf,
    /// Where the samples go; a probe writes nothing.
    pub output: PathBuf,
    pub mode: Mode,
    pub max_duration_ms: u64,
    pub limits: ChildLimits,
    /// The program that reads what we do not, where there is one.
    pub ffmpeg: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Probe,
    Decode,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    pub done_ms: u64,
    /// Unknown where the file does not declare its length.
    pub fraction: Option<f32>,
}

/// A line that a child writes: any number of progress, then a report or a failure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    Progress(Progress),
    Report(Box<DecodeReport>),
    Failure(WorkerFailure),
}

/// The whole life of `diarist decode-worker`. It ends at once when its parent closes the pipe.
pub fn serve_stdio() -> ExitCode {
    // A statement of its own: the lock has to be free for the thread that watches the pipe.
    let request = receive(&mut io::stdin().lock());
    let done = request.and_then(|request| {
        watch_parent()?;
        request.limits.apply()?;
        run(&request, &mut |progress| say(&Line::Progress(progress)))
    });
    match done {
        Ok(report) => {
            say(&Line::Report(Box::new(report)));
            ExitCode::SUCCESS
        }
        Err(error) => {
            say(&Line::Failure(error.to_failure()));
            ExitCode::FAILURE
        }
    }
}

/// Does what is asked in this very process. A probe's report has no samples, chunks or hash.
pub fn run(
    request: &DecodeRequest,
    on_progress: &mut dyn FnMut(Progress),
) -> Result<DecodeReport, AudioError> {
    let limit = Duration::from_millis(request.max_duration_ms);
    let ffmpeg = request.ffmpeg.as_deref();
    match request.mode {
        Mode::Probe => {
            let probe = probe::probe(&request.input, ffmpeg)?;
            match probe.duration_ms {
                Some(declared) if declared > request.max_duration_ms => {
                    Err(AudioError::TooLong { limit })
                }
                _ => Ok(DecodeReport::of_probe(probe)),
            }
        }
        Mode::Decode => {
            let mut told_ms = 0;
            let source = Source::open(&request.input, ffmpeg)?;
            decode::decode(source, &request.output, limit, &mut |done_ms, declared_ms| {
                if done_ms >= told_ms + TELL_EVERY_MS {
                    told_ms = done_ms;
                    let whole = declared_ms.filter(|declared| *declared > 0);
                    let fraction = whole.map(|whole| (done_ms as f32 / whole as f32).min(1.0));
                    on_progress(Progress { done_ms, fraction });
                }
            })
        }
    }
}

/// Reads the one request; a line that is too long, or none, is a broken parent.
pub fn receive(stdin: &mut impl BufRead) -> Result<DecodeRequest, AudioError> {
    let mut line = Vec::new();
    let bad = |reason: String| AudioError::BadRequest { reason };
    stdin
        .take(REQUEST_BYTES_AT_MOST)
        .read_until(b'\n', &mut line)
        .map_err(|error| bad(error.to_string()))?;
    serde_json::from_slice(&line).map_err(|error| bad(error.to_string()))
}

fn watch_parent() -> Result<(), AudioError> {
    let watch = || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        end_orphaned();
    };
    let spawned = thread::Builder::new().name("parent".into()).stack_size(64 << 10).spawn(watch);
    spawned.map(drop).map_err(|error| AudioError::SetLimits { reason: error.to_string() })
}

/// A parent that cannot be told anything is gone; there is nobody left to work for.
fn say(line: &Line) {
    let mut stdout = io::stdout().lock();
    let told = serde_json::to_writer(&mut stdout, line)
        .map_err(io::Error::from)
        .and_then(|()| stdout.write_all(b"\n"))
        .and_then(|()| stdout.flush());
    if told.is_err() {
        end_orphaned();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the decoder in the other thread cannot be asked to end"
)]
fn end_orphaned() -> ! {
    std::process::exit(ORPHANED)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_request_survives_the_pipe_and_rubbish_is_refused() {
        let request = DecodeRequest {
            input: "memo with a\nline.m4a".into(),
            output: "memo.pcm".into(),
            mode: Mode::Decode,
            max_duration_ms: 1000,
            limits: ChildLimits::default(),
            ffmpeg: Some("/usr/bin/ffmpeg".into()),
        };
        let mut line = serde_json::to_vec(&request).unwrap();
        line.push(b'\n');
        assert_eq!(receive(&mut line.as_slice()).unwrap(), request);
        assert_eq!(receive(&mut b"{}\n".as_slice()).unwrap_err().code(), "decoder_broken");
        assert_eq!(receive(&mut b"".as_slice()).unwrap_err().code(), "decoder_broken");
    }

    #[test]
    fn a_line_has_its_kind_as_its_only_key() {
        let line = Line::Progress(Progress { done_ms: 5000, fraction: Some(0.5) });
        let json = serde_json::to_string(&line).unwrap();
        assert_eq!(json, r#"{"progress":{"done_ms":5000,"fraction":0.5}}"#);
    }
}
