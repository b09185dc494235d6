//! A job as it stands in the store: what was uploaded, what was asked, how far it has come.

use super::Timestamp;
use super::dispatch::Lane;
use super::failure::JobError;
use super::ids::{Epoch, JobId, TenantId};
use super::job_state::JobState;
use super::llm::Spent;
use super::options::JobOptions;
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use std::path::Path;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub tenant: TenantId,
    pub state: JobState,
    /// The fencing token of whoever holds the job; a claim advances it, and nothing else does.
    pub epoch: Epoch,
    /// Counts transitions and changes by hand: who changes the job from outside says which one they have seen.
    pub version: i64,
    pub options: JobOptions,
    /// What the sender called the file.
    pub file_name: String,
    pub audio: AudioFacts,
    pub recorded_at: Option<DateTime<FixedOffset>>,
    /// What Whisper heard, or was told; `None` until it is known.
    pub language: Option<String>,
    /// The model that this job is bound to, with the hash of its weights.
    pub model: ModelRef,
    pub fraction: f64,
    pub last_seq: i64,
    pub created_at: Timestamp,
    /// Its place in line: since when it waits, and later for one of less priority.
    pub line_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub cpu_ms: i64,
    /// What language models have cost.
    pub spent: Spent,
    /// What the person calls it.
    pub title: Option<String>,
    /// Since when it lies in the trash.
    pub trashed_at: Option<Timestamp>,
}

impl Job {
    /// What the text depends on: the recording, the weights, and how they are told to listen. The same gives the same.
    pub fn hearing(&self) -> String {
        let options = &self.options;
        let what = (&options.language, options.task, options.word_timestamps, options.prompt());
        let how = (what, &options.languages, options.temperature, options.tokens);
        let how = serde_json::to_string(&how).unwrap_or_default();
        format!("{} {} {how}", self.audio.sha256, self.model.sha256)
    }

    /// What it is called as long as it has no note: the person's title, or the file's name without its extension.
    pub fn name(&self) -> &str {
        let stem = || Path::new(&self.file_name).file_stem().and_then(|stem| stem.to_str());
        self.title.as_deref().or_else(stem).unwrap_or(&self.file_name)
    }

    pub fn lane(&self) -> Lane {
        Lane::of(self.audio.duration_ms)
    }

    pub fn error(&self) -> Option<JobError> {
        self.state.failure().map(JobError::from)
    }
}

/// A model by name and by the hash of its weights: the same text needs the same weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelRef {
    pub name: String,
    pub sha256: String,
}

/// What is known of the recording. The probe fills in most of it, decoding the exact duration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AudioFacts {
    pub duration_ms: Option<u64>,
    pub format: String,
    pub codec: String,
    pub channels: u16,
    pub sample_rate_hz: u32,
    pub bytes: u64,
    pub sha256: String,
}

/// A stretch of the decoded sound, in samples at 16 kHz, short enough for Whisper's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkRange {
    pub start_sample: u64,
    pub end_sample: u64,
}

pub const SAMPLE_RATE_HZ: u64 = 16_000;

impl ChunkRange {
    pub fn samples(self) -> u64 {
        self.end_sample.saturating_sub(self.start_sample)
    }

    pub fn duration_ms(self) -> u64 {
        samples_to_ms(self.samples())
    }
}

pub fn samples_to_ms(samples: u64) -> u64 {
    samples.saturating_mul(1_000) / SAMPLE_RATE_HZ
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
impl Job {
    /// A memo that has just come in for its transcription.
    pub fn sample(tenant: &str, duration_ms: u64, at: Timestamp) -> Self {
        use super::ids::Epoch;
        use super::job_state::{Received, Stage, Work};
        let work = Work { stage: Stage::Transcribe, attempt: 1, wants_note: true };
        Self {
            id: JobId(uuid::Uuid::now_v7()),
            tenant: TenantId::from(tenant.to_owned()),
            state: JobState::Received(Received { work }),
            epoch: Epoch(1),
            version: 1,
            options: JobOptions::default(),
            file_name: String::new(),
            audio: AudioFacts { duration_ms: Some(duration_ms), ..AudioFacts::default() },
            recorded_at: None,
            language: None,
            model: ModelRef { name: String::new(), sha256: String::new() },
            fraction: 0.0,
            last_seq: 1,
            created_at: at,
            line_at: at,
            started_at: None,
            finished_at: None,
            cpu_ms: 0,
            spent: Spent::default(),
            title: None,
            trashed_at: None,
        }
    }

    /// The same after these events at this moment.
    pub fn after(self, events: &[super::job_state::Event], at: Timestamp) -> Self {
        use super::job_state::Event;
        let step = |state: JobState, event: &Event| state.apply(event.clone(), at).unwrap().next;
        let state = events.iter().fold(self.state.clone(), step);
        Self { state, ..self }
    }
}
