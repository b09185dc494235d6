//! Every way reading a sound file can end badly, with the stable code that crosses the pipe.
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    #[error("this file is not audio")]
    NotAudio,
    #[error("the container {container} is not supported")]
    UnsupportedContainer { container: String },
    #[error("the codec {codec} is not supported")]
    UnsupportedCodec { codec: String },
    #[error("the recording is locked by {scheme}")]
    Protected { scheme: String },
    #[error("the program that reads such files failed: {reason}")]
    Foreign { reason: String },
    #[error("the file holds no audio track")]
    NoAudioTrack,
    #[error("the file is empty")]
    Empty,
    #[error("the recording is longer than {limit:?}")]
    TooLong { limit: Duration },
    #[error("the recording is damaged: {reason}")]
    Damaged { reason: String },
    #[error("cannot read {}", path.display())]
    ReadInput { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    WriteOutput { path: PathBuf, source: io::Error },
    #[error("cannot resample from {rate_hz} Hz: {reason}")]
    Resample { rate_hz: u32, reason: String },
    #[error("the decoder cannot limit itself: {reason}")]
    SetLimits { reason: String },
    #[error("the decoder was not told what to do: {reason}")]
    BadRequest { reason: String },
    #[error("cannot start the decoder")]
    StartChild { source: io::Error },
    #[error("cannot talk to the decoder")]
    TalkToChild { source: io::Error },
    #[error("the decoder broke its protocol: {reason}")]
    ChildSpokeWrong { reason: String },
    #[error("the decoder was ended by signal {signal}{}", tail(stderr))]
    ChildKilled { signal: i32, stderr: String },
    #[error("the decoder crashed{}", tail(stderr))]
    ChildCrashed { stderr: String },
    #[error("the decoder used up its processor time")]
    ChildSpentCpu,
    #[error("the decoder wrote more than it may")]
    ChildWroteTooMuch,
    #[error("the decoder did not finish within {after:?}")]
    ChildTimedOut { after: Duration },
    #[error("{}", .0.message)]
    Reported(WorkerFailure),
}

/// What a child says before it gives up: the same error, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerFailure {
    pub code: AudioCode,
    pub message: String,
    pub hint: String,
    pub retryable: bool,
}

/// The stable names of this room's failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AudioCode {
    NotAudio,
    UnsupportedContainer,
    UnsupportedCodec,
    AudioProtected,
    NoAudioTrack,
    EmptyFile,
    AudioTooLong,
    AudioDamaged,
    AudioUnreadable,
    AudioUnwritable,
    DecoderBroken,
    DecoderDied,
    DecoderCrashed,
    DecoderTimedOut,
}

impl AudioCode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAudio => "not_audio",
            Self::UnsupportedContainer => "unsupported_container",
            Self::UnsupportedCodec => "unsupported_codec",
            Self::AudioProtected => "audio_protected",
            Self::NoAudioTrack => "no_audio_track",
            Self::EmptyFile => "empty_file",
            Self::AudioTooLong => "audio_too_long",
            Self::AudioDamaged => "audio_damaged",
            Self::AudioUnreadable => "audio_unreadable",
            Self::AudioUnwritable => "audio_unwritable",
            Self::DecoderBroken => "decoder_broken",
            Self::DecoderDied => "decoder_died",
            Self::DecoderCrashed => "decoder_crashed",
            Self::DecoderTimedOut => "decoder_timed_out",
        }
    }

    /// What the person who sent the file can do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotAudio => {
                "send a recording: WAV, MP3, M4A, FLAC, OGG, WebM or a film with sound"
            }
            Self::UnsupportedContainer | Self::UnsupportedCodec => {
                "install ffmpeg where diarist runs, which reads many more formats, \
                 or convert the recording to WAV, MP3, M4A (AAC), FLAC, OGG or Opus"
            }
            Self::AudioProtected => {
                "locked files play in the app that they were bought for only; \
                 send a recording of your own"
            }
            Self::NoAudioTrack => "the file has pictures or text only; send one with sound",
            Self::EmptyFile => "the upload or the recording was cut off before its first byte",
            Self::AudioTooLong => "split the recording, or raise the longest duration allowed",
            Self::AudioDamaged => "the recording was cut off or changed; send the original again",
            Self::AudioUnreadable => "check that the file exists and may be read",
            Self::AudioUnwritable => "check free space and permissions of the data folder",
            Self::DecoderBroken => "this is a fault of the installation; see the log",
            Self::DecoderDied => "the decoder was ended from outside; trying again usually helps",
            Self::DecoderCrashed => "the file breaks the decoder; convert it, or send the original",
            Self::DecoderTimedOut => "the file takes too long to decode; convert or split it",
        }
    }
}

impl AudioError {
    pub fn code(&self) -> &'static str {
        self.audio_code().as_str()
    }

    pub fn hint(&self) -> &str {
        match self {
            Self::Reported(failure) => &failure.hint,
            other => other.audio_code().hint(),
        }
    }

    pub fn audio_code(&self) -> AudioCode {
        match self {
            Self::NotAudio => AudioCode::NotAudio,
            Self::UnsupportedContainer { .. } => AudioCode::UnsupportedContainer,
            Self::UnsupportedCodec { .. } => AudioCode::UnsupportedCodec,
            Self::Protected { .. } => AudioCode::AudioProtected,
            Self::NoAudioTrack => AudioCode::NoAudioTrack,
            Self::Empty => AudioCode::EmptyFile,
            Self::TooLong { .. } | Self::ChildWroteTooMuch => AudioCode::AudioTooLong,
            Self::Damaged { .. } | Self::Resample { .. } => AudioCode::AudioDamaged,
            Self::ReadInput { .. } => AudioCode::AudioUnreadable,
            Self::WriteOutput { .. } => AudioCode::AudioUnwritable,
            Self::SetLimits { .. }
            | Self::BadRequest { .. }
            | Self::Foreign { .. }
            | Self::StartChild { .. }
            | Self::TalkToChild { .. }
            | Self::ChildSpokeWrong { .. } => AudioCode::DecoderBroken,
            Self::ChildKilled { .. } => AudioCode::DecoderDied,
            Self::ChildCrashed { .. } => AudioCode::DecoderCrashed,
            Self::ChildSpentCpu | Self::ChildTimedOut { .. } => AudioCode::DecoderTimedOut,
            Self::Reported(failure) => failure.code,
        }
    }

    /// A recording that is one, and that we do not read ourselves.
    pub fn is_unsupported(&self) -> bool {
        matches!(self, Self::UnsupportedContainer { .. } | Self::UnsupportedCodec { .. })
    }

    /// The short name of the codec that we do not read.
    pub fn codec(&self) -> Option<&str> {
        match self {
            Self::UnsupportedCodec { codec } => codec.split(' ').next(),
            _ => None,
        }
    }

    /// Whether the same file may fare better another time.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Reported(failure) => failure.retryable,
            Self::ReadInput { .. }
            | Self::WriteOutput { .. }
            | Self::StartChild { .. }
            | Self::TalkToChild { .. }
            | Self::ChildKilled { .. }
            | Self::ChildTimedOut { .. } => true,
            Self::NotAudio
            | Self::UnsupportedContainer { .. }
            | Self::UnsupportedCodec { .. }
            | Self::Protected { .. }
            | Self::Foreign { .. }
            | Self::NoAudioTrack
            | Self::Empty
            | Self::TooLong { .. }
            | Self::Damaged { .. }
            | Self::Resample { .. }
            | Self::SetLimits { .. }
            | Self::BadRequest { .. }
            | Self::ChildSpokeWrong { .. }
            | Self::ChildCrashed { .. }
            | Self::ChildSpentCpu
            | Self::ChildWroteTooMuch => false,
        }
    }

    /// The error as it crosses the pipe, with its cause in the message.
    pub fn to_failure(&self) -> WorkerFailure {
        let mut message = self.to_string();
        if let Some(cause) = std::error::Error::source(self) {
            message = format!("{message}: {cause}");
        }
        WorkerFailure {
            code: self.audio_code(),
            message,
            hint: self.hint().to_owned(),
            retryable: self.is_retryable(),
        }
    }
}

/// The line that says why: what Rust says as it panics or runs out of memory, or else the last one.
fn tail(stderr: &str) -> String {
    let telling = |line: &&str| line.contains("panicked at") || line.contains("memory allocation");
    let line = stderr.lines().find(telling).or_else(|| stderr.lines().last());
    line.map(|line| format!(": {}", line.trim())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_failure_keeps_its_code_hint_and_verdict_across_the_pipe() {
        let error = AudioError::ReadInput {
            path: PathBuf::from("memo.m4a"),
            source: io::Error::from(io::ErrorKind::PermissionDenied),
        };
        let line = serde_json::to_string(&error.to_failure()).unwrap();
        let back = AudioError::Reported(serde_json::from_str(&line).unwrap());
        assert_eq!(back.code(), "audio_unreadable");
        assert_eq!(back.hint(), error.hint());
        assert!(back.is_retryable());
        assert_eq!(back.to_string(), "cannot read memo.m4a: permission denied");
    }

    #[test]
    fn the_code_in_json_is_the_code_in_the_answer() {
        let json = serde_json::to_string(&AudioCode::UnsupportedContainer).unwrap();
        assert_eq!(json, format!("\"{}\"", AudioCode::UnsupportedContainer.as_str()));
    }
}
