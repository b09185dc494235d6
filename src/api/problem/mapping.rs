//! The one mapping from what the engine refuses to what HTTP says. A new refusal has to choose here.

use super::Problem;
use super::kinds::{self, Kind};
use crate::actors::engine::{EngineError, UploadError};
use crate::domain::failure::Failure;
use crate::store::StoreError;
use crate::telemetry;
use std::error::Error;
use std::io;

/// When it is worth asking a busy server again.
const RETRY_AFTER_S: u32 = 2;
/// When some job of a full line may be over.
const LINE_RETRY_AFTER_S: u32 = 30;
const MAKE_ROOM: &str = "free some space on the server's disk, then send it again";

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        let words = error.to_string();
        match error {
            EngineError::Options { faults } => {
                Self::new(&kinds::INVALID_OPTIONS, words).errors(faults)
            }
            EngineError::ModelMissing { name } => Self::new(&kinds::MODEL_MISSING, words)
                .hint(format!("get it with `diarist models pull {name}`, then send it again")),
            EngineError::Recording(why) => recording(&why),
            EngineError::KeyReused => Self::new(&kinds::KEY_REUSED, words)
                .hint("take a new key for each upload, and the same one to repeat it"),
            EngineError::RecordingMissing { .. } => Self::new(&kinds::NO_RECORDING, words)
                .hint("where several nodes share the database, ask the one that took it; otherwise it was removed from the folder, and its transcript and note are kept"),
            EngineError::UnknownRecording { .. } => Self::new(&kinds::UNKNOWN_RECORDING, words),
            EngineError::WrongOffset { .. } => Self::new(&kinds::WRONG_OFFSET, words)
                .hint("go on from the `Upload-Offset` of this answer"),
            EngineError::RecordingFinished { .. } => Self::new(&kinds::RECORDING_FINISHED, words),
            EngineError::TooManyRecordings { .. } => Self::new(&kinds::TOO_MANY_RECORDINGS, words)
                .hint("finish or discard one of GET /v1/recordings, or raise recording.open_max"),
            EngineError::PieceBroken => {
                Self::new(&kinds::PIECE_BROKEN, words).hint("send the piece again")
            }
            EngineError::PieceGivenUp => Self::new(&kinds::BUSY, words)
                .hint("ask for the recording's offset, and go on from there")
                .retry_after(RETRY_AFTER_S),
            EngineError::UnknownJob { .. } => Self::new(&kinds::UNKNOWN_JOB, words),
            EngineError::WrongState { .. } => Self::new(&kinds::WRONG_STATE, words),
            EngineError::NotTranscribed { .. } => Self::new(&kinds::TRANSCRIPT_NOT_READY, words)
                .hint("follow its events; the transcript is complete when the job is done"),
            EngineError::VersionConflict { .. } => Self::new(&kinds::VERSION_CONFLICT, words)
                .hint("take the newest transcript, and make the correction there"),
            EngineError::Edits { faults } => Self::new(&kinds::INVALID_EDITS, words).errors(faults),
            EngineError::UnknownModel { .. } => Self::new(&kinds::UNKNOWN_MODEL, words),
            EngineError::PoolSize { .. } => Self::new(&kinds::INVALID_SIZE, words),
            EngineError::UnknownActor { .. } => Self::new(&kinds::UNKNOWN_ACTOR, words)
                .hint("`diarist admin actors` and GET /v1/admin/actors show the paths"),
            EngineError::NotRestarted { .. } => Self::new(&kinds::NOT_RESTARTED, words),
            EngineError::NotTaking => Self::new(&kinds::NOT_READY, words)
                .hint("send it again when the server is back, or to another one")
                .retry_after(RETRY_AFTER_S),
            EngineError::QueueFull { .. } => Self::new(&kinds::QUEUE_FULL, words)
                .hint("wait until some are done, or raise engine.max_queued_jobs")
                .retry_after(LINE_RETRY_AFTER_S),
            EngineError::TooManyJobs { .. } => Self::new(&kinds::TOO_MANY_JOBS, words)
                .hint("wait until some are done, or raise engine.max_queued_jobs_per_tenant")
                .retry_after(LINE_RETRY_AFTER_S),
            EngineError::Busy => Self::new(&kinds::BUSY, words)
                .hint("send it again in a moment")
                .retry_after(RETRY_AFTER_S),
            EngineError::Upload { source } => upload(source),
            EngineError::Keep { source } if is_full(&source) => disk_full(),
            EngineError::Store { source } if source.is_full() => {
                tracing::error!(error = telemetry::chain(&source), "the database has no room");
                Self::new(&kinds::DISK_FULL, "the database has no room").hint(MAKE_ROOM)
            }
            EngineError::Store { source } if source.is_transient() => {
                tracing::warn!(error = telemetry::chain(&source), "the database is away");
                Self::new(&kinds::BUSY, "the database does not answer")
                    .hint("send it again in a moment; what was acknowledged is kept")
                    .retry_after(RETRY_AFTER_S)
            }
            error @ (EngineError::Start { .. }
            | EngineError::Models { .. }
            | EngineError::Keep { .. }
            | EngineError::Store { .. }) => internal(&error),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(source: UploadError) -> Self {
        EngineError::Upload { source }.into()
    }
}

impl From<StoreError> for Problem {
    fn from(source: StoreError) -> Self {
        EngineError::Store { source }.into()
    }
}

fn upload(error: UploadError) -> Problem {
    match error {
        UploadError::TooLarge { limit } => too_large(limit),
        UploadError::NoRoom { needed, free } => {
            let (needed, free) = (in_words(needed), in_words(free));
            let detail =
                format!("the recording needs {needed} free on the server's disk, which has {free}");
            Problem::new(&kinds::DISK_FULL, detail).hint(MAKE_ROOM)
        }
        UploadError::Write { source } if is_full(&source) => disk_full(),
        error @ UploadError::Write { .. } => internal(&error),
    }
}

fn disk_full() -> Problem {
    Problem::new(&kinds::DISK_FULL, "the data folder has no room for the recording").hint(MAKE_ROOM)
}

pub fn too_large(limit: u64) -> Problem {
    let detail = format!("an upload may have at most {}, and this one has more", in_words(limit));
    Problem::new(&kinds::UPLOAD_TOO_LARGE, detail)
        .hint("send a compressed recording (M4A, MP3, Opus), or raise server.max_upload_bytes")
}

fn recording(why: &Failure) -> Problem {
    let kind: &'static Kind = match why.code.as_str() {
        "decoder_broken" | "audio_unreadable" | "audio_unwritable" => {
            tracing::error!(code = why.code, reason = why.message, "cannot look at an upload");
            return Problem::internal();
        }
        "not_audio" => &kinds::NOT_AUDIO,
        "no_audio_track" => &kinds::NO_AUDIO_TRACK,
        "empty_file" => &kinds::EMPTY_FILE,
        "audio_damaged" => &kinds::AUDIO_DAMAGED,
        "decoder_crashed" => &kinds::DECODER_CRASHED,
        "decoder_timed_out" => &kinds::DECODER_TIMED_OUT,
        "audio_too_long" => &kinds::AUDIO_TOO_LONG,
        "unsupported_container" => &kinds::UNSUPPORTED_CONTAINER,
        "unsupported_codec" => &kinds::UNSUPPORTED_CODEC,
        "audio_protected" => &kinds::AUDIO_PROTECTED,
        _ => &kinds::UNUSABLE_RECORDING,
    };
    Problem::new(kind, &why.message).hint(&why.hint)
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn internal(error: &dyn Error) -> Problem {
    tracing::error!(error = telemetry::chain(error), "a request failed inside");
    Problem::internal()
}

fn in_words(bytes: u64) -> String {
    let unit = [("GiB", 30), ("MiB", 20), ("KiB", 10)].into_iter().find(|(_, n)| bytes >> n > 0);
    match unit {
        Some((name, shift)) => {
            let tenths = bytes.saturating_mul(10) >> shift;
            let whole = tenths / 10;
            let words = if tenths.is_multiple_of(10) {
                format!("{whole} {name}")
            } else {
                format!("{whole}.{} {name}", tenths % 10)
            };
            format!("{words} ({bytes} bytes)")
        }
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{JobId, RecordingId};
    use crate::domain::options::Fault;

    fn failure(code: &str) -> EngineError {
        EngineError::Recording(Failure::give_up(code, "what is wrong", "what to do"))
    }

    fn write(kind: io::ErrorKind) -> EngineError {
        EngineError::Upload { source: UploadError::Write { source: kind.into() } }
    }

    #[test]
    fn every_refusal_has_its_status_and_code() {
        let job = JobId(uuid::Uuid::nil());
        let recording = RecordingId(uuid::Uuid::nil());
        let table = [
            (failure("not_audio"), 400, "not_audio"),
            (failure("empty_file"), 400, "empty_file"),
            (failure("audio_damaged"), 400, "audio_damaged"),
            (failure("audio_too_long"), 413, "audio_too_long"),
            (failure("unsupported_container"), 415, "unsupported_container"),
            (failure("unsupported_codec"), 415, "unsupported_codec"),
            (failure("audio_protected"), 415, "audio_protected"),
            (failure("never_heard_of"), 400, "unusable_recording"),
            (failure("decoder_broken"), 500, "internal"),
            (EngineError::Options { faults: Vec::new() }, 422, "invalid_options"),
            (EngineError::ModelMissing { name: "base".to_owned() }, 422, "model_missing"),
            (EngineError::KeyReused, 422, "idempotency_key_reused"),
            (EngineError::UnknownJob { job }, 404, "unknown_job"),
            (EngineError::UnknownRecording { recording }, 404, "unknown_recording"),
            (EngineError::WrongOffset { offset: 7 }, 409, "wrong_offset"),
            (EngineError::RecordingFinished { recording, job }, 409, "recording_finished"),
            (EngineError::TooManyRecordings { most: 1 }, 409, "too_many_recordings"),
            (EngineError::PieceBroken, 400, "piece_broken"),
            (EngineError::PieceGivenUp, 503, "busy"),
            (EngineError::WrongState { job, status: "done" }, 409, "wrong_state"),
            (EngineError::NotTranscribed { job, status: "queued" }, 409, "transcript_not_ready"),
            (EngineError::VersionConflict { job, base: 1, newest: 2 }, 409, "version_conflict"),
            (EngineError::Edits { faults: Vec::new() }, 422, "invalid_edits"),
            (EngineError::UnknownModel { reason: "huge".to_owned() }, 404, "unknown_model"),
            (EngineError::Busy, 503, "busy"),
            (EngineError::PoolSize { most: 1 }, 422, "invalid_size"),
            (EngineError::UnknownActor { path: "root/x".to_owned() }, 404, "unknown_actor"),
            (EngineError::NotRestarted { reason: "root".to_owned() }, 409, "not_restarted"),
            (EngineError::NotTaking, 503, "not_ready"),
            (EngineError::from(UploadError::TooLarge { limit: 1 }), 413, "upload_too_large"),
            (EngineError::from(UploadError::NoRoom { needed: 2, free: 1 }), 507, "disk_full"),
            (write(io::ErrorKind::StorageFull), 507, "disk_full"),
            (write(io::ErrorKind::PermissionDenied), 500, "internal"),
            (EngineError::Keep { source: io::ErrorKind::StorageFull.into() }, 507, "disk_full"),
            (
                EngineError::RecordingMissing { job, source: io::ErrorKind::NotFound.into() },
                404,
                "no_recording",
            ),
            (EngineError::Start { reason: "secret".to_owned() }, 500, "internal"),
        ];
        for (error, status, code) in table {
            let told = format!("{error:?}");
            let problem = Problem::from(error);
            let told_as = (problem.kind.status.as_u16(), problem.kind.code);
            assert_eq!(told_as, (status, code), "{told}");
            assert!(status != 500 || !format!("{problem:?}").contains("secret"), "{told}");
        }
    }

    #[test]
    fn faults_and_hints_are_passed_on() {
        let faults = vec![Fault { pointer: "/tags".to_owned(), detail: "too many".to_owned() }];
        let problem = Problem::from(EngineError::Options { faults: faults.clone() });
        assert_eq!(problem.errors, faults);
        let problem = Problem::from(failure("not_audio"));
        assert_eq!(
            (problem.detail.as_str(), problem.hint.as_str()),
            ("what is wrong", "what to do")
        );
    }

    #[test]
    fn a_limit_is_told_in_words() {
        for (bytes, words) in [
            (2 << 30, "2 GiB (2147483648 bytes)"),
            (3 << 29, "1.5 GiB (1610612736 bytes)"),
            (1 << 20, "1 MiB (1048576 bytes)"),
            ((1 << 20) - 1, "1023.9 KiB (1048575 bytes)"),
            (1_000, "1000 bytes"),
        ] {
            assert_eq!(in_words(bytes), words);
        }
    }
}
