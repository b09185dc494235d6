//! A job as the API shows it.

mod uncertain;

pub use uncertain::UncertainView;

use crate::domain::Timestamp;
use crate::domain::failure::JobError;
use crate::domain::ids::JobId;
use crate::domain::job::{AudioFacts, Job};
use crate::domain::job_state::{JobState, Stage};
use crate::domain::note;
use crate::domain::options::Priority;
use crate::store::claims::Ahead;
use crate::store::pace::Pace;
use chrono::{DateTime, FixedOffset, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Times in UTC, except `recorded_at`, which keeps the speaker's offset: its date is the memo's day.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct JobView {
    pub id: JobId,
    /// What the sender called the file.
    pub file_name: String,
    pub status: JobStatus,
    /// The stage it is in, or was in when it ended; `null` when it is done.
    pub stage: Option<Stage>,
    pub progress: Progress,
    pub priority: Priority,
    /// Which try of the stage this is; 0 when it is done.
    pub attempt: u32,
    /// The number of its newest event: what comes after it is still to be told.
    pub last_event_id: i64,
    pub audio: AudioFacts,
    /// ISO 639-1 code, once it is known.
    pub language: Option<String>,
    pub model: String,
    /// `null` where no note was asked for.
    pub template: Option<String>,
    pub cost: Cost,
    /// Why it failed, or what it waits for.
    pub error: Option<JobError>,
    /// What was sent, and nobody knows what became of it; only where one job alone is asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub uncertain: Vec<UncertainView>,
    /// Its stage is paused, and it waits there; only where one job alone is asked for, and left out where it is not so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub stage_paused: bool,
    pub links: Links,
    /// What the person calls it; `null` leaves it to the note or the file.
    pub title: Option<String>,
    pub tags: Vec<String>,
    /// Since when it lies in the trash.
    pub trashed_at: Option<DateTime<Utc>>,
    pub recorded_at: Option<DateTime<FixedOffset>>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Not to be worked on before then; left out where nobody said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_at: Option<DateTime<FixedOffset>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum JobStatus {
    Received,
    Stored,
    Queued,
    Running,
    Parked,
    Done,
    Failed,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Progress {
    /// 0 to 1; never goes back.
    pub fraction: f64,
    /// 0 to 1, of the stage it is in.
    pub stage_fraction: f64,
    /// An estimate while it runs, and of one job alone also while it waits its turn.
    pub eta_ms: Option<u64>,
    /// Jobs before it in line, where one job alone is asked for and waits its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Cost {
    /// Micro-dollars; `null` where a call's price is not known.
    pub usd_micros: Option<i64>,
    pub input_tokens: i64,
    pub output_tokens: i64,
    pub cpu_ms: i64,
    pub gpu_ms: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Links {
    #[serde(rename = "self")]
    pub this: String,
    pub events: String,
    pub transcript: String,
    /// `null` where no note was asked for.
    pub note: Option<String>,
}

impl JobView {
    /// The job as of `now`, which only the estimate depends on.
    pub fn new(job: Job, now: Timestamp) -> Self {
        let work = job.state.work();
        let wants_note = job.options.note;
        Self {
            status: JobStatus::from(&job.state),
            stage: work.map(|work| work.stage),
            progress: Progress::of(&job, now),
            attempt: work.map_or(0, |work| work.attempt),
            last_event_id: job.last_seq,
            error: job.error(),
            uncertain: Vec::new(),
            stage_paused: false,
            links: Links::of(job.id, wants_note),
            template: wants_note.then(|| note::TEMPLATE.to_owned()),
            cost: Cost {
                usd_micros: (job.spent.unpriced_calls == 0).then_some(job.spent.usd_micros),
                input_tokens: job.spent.input_tokens,
                output_tokens: job.spent.output_tokens,
                cpu_ms: job.cpu_ms,
                gpu_ms: 0,
            },
            id: job.id,
            file_name: job.file_name,
            priority: job.options.priority,
            audio: job.audio,
            language: job.language,
            model: job.model.name,
            title: job.title,
            tags: job.options.tags,
            trashed_at: job.trashed_at,
            recorded_at: job.recorded_at.map(|at| at.trunc_subsecs(3)),
            // As the store keeps them, so that the first answer says what every later one says.
            created_at: job.created_at.trunc_subsecs(3),
            started_at: job.started_at.map(|at| at.trunc_subsecs(3)),
            finished_at: job.finished_at.map(|at| at.trunc_subsecs(3)),
            run_at: job.options.run_at,
        }
    }
}

impl Progress {
    pub fn of(job: &Job, now: Timestamp) -> Self {
        let fraction = job.fraction.clamp(0.0, 1.0);
        let stage_fraction = job.state.work().map_or(1.0, |work| {
            let (from, to) = work.stage.span();
            let within = ((fraction - from) / (to - from)).clamp(0.0, 1.0);
            (within * 10_000.0).round() / 10_000.0
        });
        Self { fraction, stage_fraction, eta_ms: eta_ms(job, fraction, now), ahead: None }
    }
}

/// As fast as until now; too early, nothing can be said.
fn eta_ms(job: &Job, fraction: f64, now: Timestamp) -> Option<u64> {
    let running = matches!(job.state, JobState::Running(_));
    let begun = job.started_at.filter(|_| running && fraction > 0.0)?;
    let spent_ms = (now - begun).num_milliseconds().max(0) as f64;
    Some((spent_ms * (1.0 - fraction) / fraction).round() as u64)
}

/// When a job that waits may be done: all that is ahead and its own sound, as fast as its model was until now.
pub fn waiting_eta_ms(ahead: Ahead, own_ms: u64, pace: &Pace, slots: usize) -> u64 {
    let looked_at = ahead.jobs.clamp(1, 1_000) as f64;
    let before_ms = ahead.sound_ms as f64 * (ahead.jobs as f64 / looked_at).max(1.0);
    let each = pace.cpu_ms as f64 / (pace.sound_ms.max(1) as f64);
    ((before_ms + own_ms as f64) * each / slots.max(1) as f64).round() as u64
}

impl Links {
    fn of(id: JobId, wants_note: bool) -> Self {
        Self {
            this: format!("/v1/jobs/{id}"),
            events: format!("/v1/jobs/{id}/events"),
            transcript: format!("/v1/jobs/{id}/transcript"),
            note: wants_note.then(|| format!("/v1/jobs/{id}/note")),
        }
    }
}

impl JobStatus {
    pub const ALL: [Self; 8] = [
        Self::Received,
        Self::Stored,
        Self::Queued,
        Self::Running,
        Self::Parked,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Stored => "stored",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Parked => "parked",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl From<&JobState> for JobStatus {
    fn from(state: &JobState) -> Self {
        match state {
            JobState::Received(_) => Self::Received,
            JobState::Stored(_) => Self::Stored,
            JobState::Queued(_) => Self::Queued,
            JobState::Running(_) => Self::Running,
            JobState::Parked(_) => Self::Parked,
            JobState::Done => Self::Done,
            JobState::Failed(_) => Self::Failed,
            JobState::Cancelled(_) => Self::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests;
