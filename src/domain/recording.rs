//! A recording that arrives while it is being made: how far it has come, and what job it will be.

use super::Timestamp;
use super::failure::JobError;
use super::ids::{JobId, RecordingId, TenantId};
use super::options::JobOptions;
use chrono::{DateTime, FixedOffset};

#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    pub id: RecordingId,
    pub tenant: TenantId,
    /// What the recorder says it makes, such as `audio/webm;codecs=opus`.
    pub media_type: String,
    pub recorded_at: DateTime<FixedOffset>,
    /// What its job will be asked.
    pub options: JobOptions,
    /// The bytes that count. Whatever more the file holds was never acknowledged.
    pub offset: u64,
    /// Why it could not become a job, when that was tried last.
    pub refusal: Option<JobError>,
    /// The job that it has become; an open recording has none.
    pub job: Option<JobId>,
    pub created_at: Timestamp,
    /// When bytes were kept last.
    pub updated_at: Timestamp,
}

const MEDIA_TYPE_CHARS_MAX: usize = 100;

impl Recording {
    /// The name of its file, as nobody gave it one: `Recording 2026-05-03 22.40.webm`.
    pub fn file_name(&self) -> String {
        let spoken = self.recorded_at.format("%Y-%m-%d %H.%M");
        match extension(&self.media_type) {
            Some(extension) => format!("Recording {spoken}.{extension}"),
            None => format!("Recording {spoken}"),
        }
    }

    /// Makes one job of it however often it is finished. No sender can give this key: theirs have no spaces.
    pub fn idempotency_key(&self) -> String {
        format!("recording {}", self.id)
    }
}

/// Whether this names a kind of sound, or of film that has some.
pub fn is_media_type(text: &str) -> bool {
    let known = text.starts_with("audio/") || text.starts_with("video/");
    let plain = text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    known && plain && text.len() <= MEDIA_TYPE_CHARS_MAX
}

/// For people who look into a folder: what the file really is, is found out by looking at it.
fn extension(media_type: &str) -> Option<&'static str> {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "audio/webm" | "video/webm" => Some("webm"),
        "audio/mp4" | "audio/m4a" | "audio/x-m4a" => Some("m4a"),
        "video/mp4" => Some("mp4"),
        "audio/ogg" | "video/ogg" => Some("ogg"),
        "audio/opus" => Some("opus"),
        "audio/wav" | "audio/wave" | "audio/x-wav" | "audio/vnd.wave" => Some("wav"),
        "audio/mpeg" => Some("mp3"),
        "audio/aac" => Some("aac"),
        "audio/flac" | "audio/x-flac" => Some("flac"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_recording_is_named_by_its_speakers_clock_and_its_kind() {
        let named = |media_type: &str| {
            let now = Timestamp::UNIX_EPOCH;
            let recording = Recording {
                id: RecordingId(uuid::Uuid::nil()),
                tenant: TenantId::local(),
                media_type: media_type.to_owned(),
                recorded_at: DateTime::parse_from_rfc3339("2026-05-03T22:40:59+02:00").unwrap(),
                options: JobOptions::default(),
                offset: 0,
                refusal: None,
                job: None,
                created_at: now,
                updated_at: now,
            };
            recording.file_name()
        };
        assert_eq!(named("audio/webm;codecs=opus"), "Recording 2026-05-03 22.40.webm");
        assert_eq!(named("Audio/MP4"), "Recording 2026-05-03 22.40.m4a");
        assert_eq!(named("audio/x-unheard-of"), "Recording 2026-05-03 22.40");
    }

    #[test]
    fn only_sound_and_film_are_media() {
        for good in ["audio/webm;codecs=opus", "audio/mp4; codecs=\"mp4a.40.2\"", "video/webm"] {
            assert!(is_media_type(good), "{good}");
        }
        let long = format!("audio/{}", "x".repeat(MEDIA_TYPE_CHARS_MAX));
        for bad in ["", "text/html", "audio/webm\n", "audio/wébm", &long] {
            assert!(!is_media_type(bad), "{bad}");
        }
    }
}
