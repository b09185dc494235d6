//! Every kind of problem that this API answers with: its code, its status, its title. Codes never change.

use axum::http::StatusCode;

#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    pub code: &'static str,
    pub status: StatusCode,
    pub title: &'static str,
}

macro_rules! kinds {
    ($($name:ident: $status:ident $code:literal $title:literal;)*) => {
        $(pub const $name: Kind = Kind { code: $code, status: StatusCode::$status, title: $title };)*

        /// All of them, in the order of their status.
        pub const ALL: &[Kind] = &[$($name),*];
    };
}

kinds! {
    BAD_REQUEST: BAD_REQUEST "bad_request" "The request cannot be understood";
    BAD_FORM: BAD_REQUEST "bad_form" "The form of the upload cannot be used";
    PIECE_BROKEN: BAD_REQUEST "piece_broken" "The piece broke off";
    NOT_AUDIO: BAD_REQUEST "not_audio" "The file is not audio";
    NO_AUDIO_TRACK: BAD_REQUEST "no_audio_track" "The file holds no sound";
    EMPTY_FILE: BAD_REQUEST "empty_file" "The file is empty";
    AUDIO_DAMAGED: BAD_REQUEST "audio_damaged" "The recording is damaged";
    DECODER_CRASHED: BAD_REQUEST "decoder_crashed" "The recording breaks its decoder";
    DECODER_TIMED_OUT: BAD_REQUEST "decoder_timed_out" "The recording takes too long to decode";
    UNUSABLE_RECORDING: BAD_REQUEST "unusable_recording" "The recording cannot be used";
    UNAUTHORIZED: UNAUTHORIZED "unauthorized" "The token is missing or wrong";
    WRONG_ORIGIN: FORBIDDEN "wrong_origin" "The request comes from a foreign page";
    UNKNOWN_PATH: NOT_FOUND "unknown_path" "There is nothing at this address";
    UNKNOWN_JOB: NOT_FOUND "unknown_job" "There is no such job";
    UNKNOWN_RECORDING: NOT_FOUND "unknown_recording" "There is no such recording";
    NO_RECORDING: NOT_FOUND "no_recording" "The recording is not here";
    UNKNOWN_VERSION: NOT_FOUND "unknown_version" "The transcript has no such version";
    UNKNOWN_MODEL: NOT_FOUND "unknown_model" "There is no such model";
    UNKNOWN_ACTOR: NOT_FOUND "unknown_actor" "There is no such actor";
    UNKNOWN_POOL: NOT_FOUND "unknown_pool" "There is no such pool";
    UNKNOWN_NODE: NOT_FOUND "unknown_node" "This is another node";
    NO_NOTE: NOT_FOUND "no_note" "The job was not asked for a note";
    WRONG_METHOD: METHOD_NOT_ALLOWED "wrong_method" "The address does not take this method";
    WRONG_STATE: CONFLICT "wrong_state" "The job is in no state for this";
    TRANSCRIPT_NOT_READY: CONFLICT "transcript_not_ready" "The transcript is not complete";
    VERSION_CONFLICT: CONFLICT "version_conflict" "The transcript has been changed meanwhile";
    NOTE_NOT_READY: CONFLICT "note_not_ready" "The note is not composed";
    WRONG_OFFSET: CONFLICT "wrong_offset" "The piece does not begin where the recording ends";
    RECORDING_FINISHED: CONFLICT "recording_finished" "The recording is finished";
    NOT_RESTARTED: CONFLICT "not_restarted" "The actor cannot be restarted";
    TOO_MANY_RECORDINGS: CONFLICT "too_many_recordings" "Too many recordings are open";
    UPLOAD_TOO_LARGE: PAYLOAD_TOO_LARGE "upload_too_large" "The upload is too large";
    AUDIO_TOO_LONG: PAYLOAD_TOO_LARGE "audio_too_long" "The recording is too long";
    UNSUPPORTED_CONTAINER: UNSUPPORTED_MEDIA_TYPE "unsupported_container" "The file format is not supported";
    UNSUPPORTED_CODEC: UNSUPPORTED_MEDIA_TYPE "unsupported_codec" "The codec is not supported";
    AUDIO_PROTECTED: UNSUPPORTED_MEDIA_TYPE "audio_protected" "The recording is locked";
    WRONG_HOST: MISDIRECTED_REQUEST "wrong_host" "The request is meant for another host";
    WRONG_RANGE: RANGE_NOT_SATISFIABLE "wrong_range" "The recording has no such bytes";
    INVALID_OPTIONS: UNPROCESSABLE_ENTITY "invalid_options" "The options cannot be used";
    INVALID_SIZE: UNPROCESSABLE_ENTITY "invalid_size" "The pool cannot have this size";
    INVALID_EDITS: UNPROCESSABLE_ENTITY "invalid_edits" "The corrections cannot be used";
    MODEL_MISSING: UNPROCESSABLE_ENTITY "model_missing" "The model is not installed";
    KEY_REUSED: UNPROCESSABLE_ENTITY "idempotency_key_reused" "The idempotency key was used before";
    TOO_MANY_TRIES: TOO_MANY_REQUESTS "too_many_tries" "Too many wrong tokens";
    TOO_MANY_JOBS: TOO_MANY_REQUESTS "too_many_jobs" "Too many of your jobs wait";
    INTERNAL: INTERNAL_SERVER_ERROR "internal" "The server failed";
    BUSY: SERVICE_UNAVAILABLE "busy" "The server is busy";
    QUEUE_FULL: SERVICE_UNAVAILABLE "queue_full" "Too many jobs wait";
    NOT_READY: SERVICE_UNAVAILABLE "not_ready" "The server is not ready";
    DISK_FULL: INSUFFICIENT_STORAGE "disk_full" "The disk is full";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_names_and_no_two_are_the_same() {
        let codes: BTreeSet<_> = ALL.iter().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), ALL.len());
        let plain = |code: &str| code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        assert!(codes.iter().all(|code| plain(code)), "{codes:?}");
        let statuses: Vec<_> = ALL.iter().map(|kind| kind.status).collect();
        assert!(ALL.iter().all(|kind| kind.status.as_u16() >= 400), "{statuses:?}");
    }
}
