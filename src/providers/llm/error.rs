//! Every way a language-model call can end badly, and what the engine does about each.

use crate::domain::Timestamp;
use crate::domain::failure::{Failure, Verdict};
use chrono::TimeDelta;
use std::time::Duration;

/// Who asks for patience without saying how long is given this much.
const WAIT: Duration = Duration::from_secs(2);

/// Said of a provider that the reader knows already. No key and no spoken word is in any of these texts.
#[derive(Debug, thiserror::Error)]
pub enum LlmError {
    #[error("rate limited")]
    RateLimited { wait: Option<Duration> },
    #[error("overloaded")]
    Overloaded { wait: Option<Duration> },
    #[error("the key was refused, status {status}")]
    Auth { status: u16 },
    #[error("the account has no credit left")]
    Quota,
    #[error("refused to answer: {reason}")]
    Refused { reason: String },
    #[error("the transcript is too long for the model")]
    ContextTooLong,
    #[error("it does not have the model {model}")]
    ModelNotFound { model: String },
    #[error("took the request for wrong, status {status}: {reason}")]
    BadRequest { status: u16, reason: String },
    #[error("failed, status {status}")]
    Server { status: u16 },
    #[error("cannot be reached")]
    Unreachable { source: reqwest::Error },
    #[error("no connection within {within:?}")]
    ConnectTimeout { within: Duration },
    #[error("no first word within {within:?}")]
    FirstTokenTimeout { within: Duration },
    #[error("no whole answer within {within:?}")]
    Timeout { within: Duration },
    #[error("the answer broke off")]
    Cut,
    #[error("the answer is no answer: {reason}")]
    Malformed { reason: String },
    #[error("the answer is empty")]
    Empty,
    #[error("the answer is longer than allowed")]
    Truncated,
    #[error("cannot be set up")]
    SetUp { source: reqwest::Error },
}

impl LlmError {
    /// Decides retry, park or give up. No `_` arm: a new variant has to choose.
    pub fn to_failure(&self, now: Timestamp) -> Failure {
        let park = |wait: &Option<Duration>| {
            let wait = TimeDelta::from_std(wait.unwrap_or(WAIT)).unwrap_or(TimeDelta::MAX);
            Verdict::Park { until: now.checked_add_signed(wait).unwrap_or(Timestamp::MAX_UTC) }
        };
        let (code, verdict) = match self {
            Self::RateLimited { wait } => ("llm_rate_limited", park(wait)),
            Self::Overloaded { wait } => ("llm_overloaded", park(wait)),
            Self::Auth { .. } => ("llm_auth", Verdict::GiveUp),
            Self::Quota => ("llm_quota", Verdict::GiveUp),
            Self::Refused { .. } => ("llm_refused", Verdict::GiveUp),
            Self::ContextTooLong => ("llm_context_too_long", Verdict::GiveUp),
            Self::ModelNotFound { .. } => ("llm_model_not_found", Verdict::GiveUp),
            Self::BadRequest { .. } => ("llm_bad_request", Verdict::GiveUp),
            Self::Server { .. } => ("llm_server", Verdict::Retry),
            Self::Unreachable { .. } => ("llm_unreachable", Verdict::Retry),
            Self::ConnectTimeout { .. } => ("llm_connect_timeout", Verdict::Retry),
            Self::FirstTokenTimeout { .. } => ("llm_first_token_timeout", Verdict::Retry),
            Self::Timeout { .. } => ("llm_timeout", Verdict::Retry),
            Self::Cut => ("llm_cut", Verdict::Retry),
            Self::Malformed { .. } => ("llm_malformed", Verdict::Retry),
            Self::Empty => ("llm_empty", Verdict::Retry),
            Self::Truncated => ("llm_truncated", Verdict::GiveUp),
            Self::SetUp { .. } => ("llm_set_up", Verdict::GiveUp),
        };
        Failure { code: code.to_owned(), message: self.to_string(), hint: String::new(), verdict }
    }

    /// Refused at the door, or never there: nobody bills for that. Of the others nobody can be sure.
    pub fn is_free(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Overloaded { .. }
            | Self::Auth { .. }
            | Self::Quota
            | Self::ContextTooLong
            | Self::ModelNotFound { .. }
            | Self::BadRequest { .. }
            | Self::Unreachable { .. }
            | Self::ConnectTimeout { .. }
            | Self::SetUp { .. } => true,
            Self::Refused { .. }
            | Self::Server { .. }
            | Self::FirstTokenTimeout { .. }
            | Self::Timeout { .. }
            | Self::Cut
            | Self::Malformed { .. }
            | Self::Empty
            | Self::Truncated => false,
        }
    }
}
