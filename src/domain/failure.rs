//! What went wrong, in words for a person, and what the engine does about it.

use super::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A failed attempt: a stable code for programs, a sentence for people, a decision for the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub code: String,
    pub message: String,
    /// What the person can do next; empty where there is nothing.
    pub hint: String,
    pub verdict: Verdict,
}

/// The decision that a typed error carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Try again after a backoff, while attempts last.
    Retry,
    /// Wait for a known moment; costs no attempt.
    Park { until: Timestamp },
    /// No later attempt can end better.
    GiveUp,
}

impl Failure {
    pub fn retry(code: &str, message: impl Into<String>, hint: &str) -> Self {
        Self::new(code, message, hint, Verdict::Retry)
    }

    pub fn give_up(code: &str, message: impl Into<String>, hint: &str) -> Self {
        Self::new(code, message, hint, Verdict::GiveUp)
    }

    fn new(code: &str, message: impl Into<String>, hint: &str, verdict: Verdict) -> Self {
        Self { code: code.to_owned(), message: message.into(), hint: hint.to_owned(), verdict }
    }
}

/// A failure as the job shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobError {
    pub code: String,
    pub message: String,
    pub hint: String,
    /// Whether the same input may succeed when it is tried again by a person.
    pub retryable: bool,
}

impl From<&Failure> for JobError {
    fn from(failure: &Failure) -> Self {
        Self {
            code: failure.code.clone(),
            message: failure.message.clone(),
            hint: failure.hint.clone(),
            retryable: failure.verdict != Verdict::GiveUp,
        }
    }
}
