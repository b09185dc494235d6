//! The life of a job as values: (state, event) → (next state, effect). No clock, no I/O, no async.

#[cfg(test)]
mod tests;

use super::Timestamp;
use super::failure::{Failure, Verdict};
use super::ids::Epoch;
use super::retry::RetryPolicy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a job stands. Each variant carries just what its next move needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum JobState {
    Received(Received),
    Stored(Stored),
    Queued(Queued),
    Running(Running),
    Parked(Parked),
    Done,
    Failed(Failed),
    Cancelled(Cancelled),
}

/// The work that is left: the stage to run, and which try at it is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    pub stage: Stage,
    /// 1 for the first try of a stage.
    pub attempt: u32,
    pub wants_note: bool,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// From the uploaded file to 16 kHz sound, cut at silences.
    Ingest,
    /// From sound to text.
    Transcribe,
    /// From text to a note.
    Compose,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub work: Work,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    pub work: Work,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    pub work: Work,
    pub not_before: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    pub work: Work,
    pub epoch: Epoch,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    pub work: Work,
    pub until: Timestamp,
    pub why: Failure,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    pub work: Work,
    pub why: Failure,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    pub work: Work,
}

/// What can happen to a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The recording is durably in the store.
    Kept,
    /// It waits for its turn, which comes at this moment at the earliest.
    Enqueued(Timestamp),
    Leased(Epoch),
    Finished(Epoch),
    Broke(Epoch, Break),
    /// The actor or node that ran it is gone: no fault of the job, so no attempt is spent.
    Interrupted,
    /// The moment that a parked job waits for has come.
    Due,
    Cancel,
    /// A person asks for another try.
    Retry,
}

/// A failed attempt with all that the decision needs, so that the machine draws no lots itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Break {
    pub why: Failure,
    pub policy: RetryPolicy,
    /// 0 to 1, drawn by the caller.
    pub jitter: f64,
}

/// What was decided: the state to save, then the effect to perform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub next: JobState,
    pub effect: Effect,
}

/// What a state asks its runtime to do. It follows from the state alone, so a restart finds it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    Keep,
    Enqueue,
    Lease { not_before: Timestamp },
    Run { stage: Stage, epoch: Epoch },
    Wake { at: Timestamp },
    Rest,
}

/// An event that the state has no use for: late, stale or out of place. It changes nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("a job that is {state} has no use for this event")]
pub struct Refused {
    pub state: &'static str,
    pub event: Box<Event>,
}

impl JobState {
    /// Every value of [`JobState::status`], in the order of a life.
    pub const STATUSES: [&str; 8] =
        ["received", "stored", "queued", "running", "parked", "done", "failed", "cancelled"];

    pub fn new(wants_note: bool) -> Self {
        Self::Received(Received { work: Work { stage: Stage::Ingest, attempt: 1, wants_note } })
    }

    /// The states through which a job comes in whose recording is in its place: this one, and those until it waits for its turn.
    pub fn way_in(&self, not_before: Timestamp, now: Timestamp) -> Vec<Self> {
        let mut states = vec![self.clone()];
        for event in [Event::Kept, Event::Enqueued(not_before)] {
            let step = states.last().map(|state| state.clone().apply(event, now));
            states.extend(step.and_then(Result::ok).map(|step| step.next));
        }
        states
    }

    /// Applies one event. Whatever the table does not name is refused and changes nothing.
    pub fn apply(self, event: Event, now: Timestamp) -> Result<Step, Refused> {
        match (self, event) {
            (Self::Received(job), Event::Kept) => Ok(Step::to(Self::Stored(job.keep()))),
            (Self::Stored(job), Event::Enqueued(at)) => Ok(Step::queue(job.work, at.max(now))),
            (Self::Queued(job), Event::Leased(epoch)) if job.not_before <= now => {
                Ok(Step::to(Self::Running(job.lease(epoch))))
            }
            (Self::Running(job), Event::Finished(by)) if by == job.epoch => Ok(job.finish(now)),
            (Self::Running(job), Event::Broke(by, how)) if by == job.epoch => Ok(job.end(how, now)),
            (Self::Running(job), Event::Interrupted) => Ok(Step::queue(job.work, now)),
            (Self::Parked(job), Event::Due) if job.until <= now => Ok(Step::queue(job.work, now)),
            (Self::Failed(Failed { work, .. }), Event::Retry)
            | (Self::Cancelled(Cancelled { work }), Event::Retry) => {
                Ok(Step::queue(Work { attempt: 1, ..work }, now))
            }
            (state, event) => match (state.work(), event) {
                (Some(work), Event::Cancel) if !state.is_over() => {
                    Ok(Step::to(Self::Cancelled(Cancelled { work })))
                }
                (_, event) => Err(Refused { state: state.status(), event: Box::new(event) }),
            },
        }
    }

    /// What the runtime owes this state, at its start as much as after a step.
    pub fn effect(&self) -> Effect {
        match self {
            Self::Received(_) => Effect::Keep,
            Self::Stored(_) => Effect::Enqueue,
            Self::Queued(job) => Effect::Lease { not_before: job.not_before },
            Self::Running(job) => Effect::Run { stage: job.work.stage, epoch: job.epoch },
            Self::Parked(job) => Effect::Wake { at: job.until },
            Self::Done | Self::Failed(_) | Self::Cancelled(_) => Effect::Rest,
        }
    }

    /// Over means: left only by a person's retry.
    /// A job that has come to its note has all of its text, whatever becomes of the note.
    pub fn has_whole_text(&self) -> bool {
        self.work().is_none_or(|work| work.stage == Stage::Compose)
    }

    pub fn is_over(&self) -> bool {
        self.effect() == Effect::Rest
    }

    pub fn status(&self) -> &'static str {
        match self {
            Self::Received(_) => "received",
            Self::Stored(_) => "stored",
            Self::Queued(_) => "queued",
            Self::Running(_) => "running",
            Self::Parked(_) => "parked",
            Self::Done => "done",
            Self::Failed(_) => "failed",
            Self::Cancelled(_) => "cancelled",
        }
    }

    pub fn work(&self) -> Option<Work> {
        match self {
            Self::Received(Received { work })
            | Self::Stored(Stored { work })
            | Self::Queued(Queued { work, .. })
            | Self::Running(Running { work, .. })
            | Self::Parked(Parked { work, .. })
            | Self::Failed(Failed { work, .. })
            | Self::Cancelled(Cancelled { work }) => Some(*work),
            Self::Done => None,
        }
    }

    /// The claim under which it runs.
    pub fn epoch(&self) -> Option<Epoch> {
        match self {
            Self::Running(job) => Some(job.epoch),
            _ => None,
        }
    }

    /// The moment before which nothing is to be done with it; `None` where somebody has it, or nobody needs to.
    pub fn due_at(&self) -> Option<Timestamp> {
        match self {
            Self::Queued(job) => Some(job.not_before),
            Self::Parked(job) => Some(job.until),
            Self::Received(_) | Self::Stored(_) => Some(Timestamp::UNIX_EPOCH),
            Self::Running(_) | Self::Done | Self::Failed(_) | Self::Cancelled(_) => None,
        }
    }

    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(job) => Some(&job.why),
            Self::Parked(job) => Some(&job.why),
            _ => None,
        }
    }
}

impl Stage {
    pub const ALL: [Self; 3] = [Self::Ingest, Self::Transcribe, Self::Compose];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Transcribe => "transcribe",
            Self::Compose => "compose",
        }
    }

    /// From where to where this stage carries a job's progress.
    pub fn span(self) -> (f64, f64) {
        match self {
            Self::Ingest => (0.0, 0.05),
            Self::Transcribe => (0.05, 0.95),
            Self::Compose => (0.95, 1.0),
        }
    }
}

impl Received {
    fn keep(self) -> Stored {
        Stored { work: self.work }
    }
}

impl Queued {
    fn lease(self, epoch: Epoch) -> Running {
        Running { work: self.work, epoch }
    }
}

impl Running {
    fn finish(self, now: Timestamp) -> Step {
        match self.work.next_stage() {
            Some(work) => Step::queue(work, now),
            None => Step::to(JobState::Done),
        }
    }

    fn end(self, how: Break, now: Timestamp) -> Step {
        let Break { why, policy, jitter } = how;
        match (why.verdict, policy.retry_at(self.work.attempt, jitter, now)) {
            (Verdict::Park { until }, _) => {
                Step::to(JobState::Parked(Parked { work: self.work, until, why }))
            }
            (Verdict::Retry, Some(at)) => Step::queue(self.work.next_attempt(), at),
            (Verdict::Retry, None) | (Verdict::GiveUp, _) => {
                Step::to(JobState::Failed(Failed { work: self.work, why }))
            }
        }
    }
}

impl Work {
    fn next_attempt(self) -> Self {
        Self { attempt: self.attempt + 1, ..self }
    }

    fn next_stage(self) -> Option<Self> {
        let stage = match self.stage {
            Stage::Ingest => Stage::Transcribe,
            Stage::Transcribe if self.wants_note => Stage::Compose,
            Stage::Transcribe | Stage::Compose => return None,
        };
        Some(Self { stage, attempt: 1, ..self })
    }
}

impl Step {
    fn to(next: JobState) -> Self {
        Self { effect: next.effect(), next }
    }

    fn queue(work: Work, not_before: Timestamp) -> Self {
        Self::to(JobState::Queued(Queued { work, not_before }))
    }
}
