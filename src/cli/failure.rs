//! How a command ends: its exit status, and an error that says what happened, why, and what to do next.

use super::output;
use crate::client::ClientError;
use crate::telemetry::chain;
use std::process::ExitCode;

/// How a command that could do its work has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Some input failed; it was told when it happened.
    SomeFailed,
    Interrupted,
}

impl Outcome {
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Done => ExitCode::SUCCESS,
            Self::SomeFailed => ExitCode::from(1),
            Self::Interrupted => ExitCode::from(130),
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub struct Failure {
    error: anyhow::Error,
    hint: Option<String>,
    /// What scripts call it.
    name: Option<String>,
    code: u8,
}

impl Failure {
    /// The work failed: exit status 1.
    pub fn work(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), hint: None, name: None, code: 1 }
    }

    /// The command or its configuration cannot be used: exit status 2.
    pub fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), hint: None, name: None, code: 2 }
    }

    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The stable word for scripts; `failed` where there is no better one.
    pub fn name(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or("failed")
    }

    pub fn tell(&self) {
        output::complain_of(None, &self.to_string(), self.hint_text());
    }

    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let hint = error.hint().map(str::to_owned);
        let make = if error.is_wrong_use() { Self::usage } else { Self::work };
        let name = Some(error.code().to_owned());
        Self { hint, name, ..make(error) }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&chain(self.error.as_ref()))
    }
}
