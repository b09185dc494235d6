//! One call of a language model as it stands in the books: asked, answered, failed, and what it cost.

use super::Timestamp;
use super::failure::Failure;
use super::ids::Epoch;
use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderId {
    Openai,
    Anthropic,
    Mistral,
    /// Any server that speaks OpenAI's chat completions.
    Local,
}

impl ProviderId {
    pub const ALL: [Self; 4] = [Self::Openai, Self::Anthropic, Self::Mistral, Self::Local];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::Mistral => "mistral",
            Self::Local => "local",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|id| id.as_str() == text)
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub Uuid);

/// What makes a call what it is. The same call has the same hash, on any node and after any restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallKey {
    pub provider: ProviderId,
    pub model: String,
    /// Name and version of the template, `diary v1`.
    pub template: String,
    pub hash: String,
}

/// An entry of the books. Written before the call is sent, and again when it has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub id: CallId,
    pub key: CallKey,
    pub epoch: Epoch,
    pub state: CallState,
    pub answer: Option<String>,
    pub failure: Option<Failure>,
    pub ended_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CallState {
    /// Written down, waiting for its turn. Nothing has left the machine.
    Planned,
    Sent,
    /// Answered, and the answer is kept: it is never paid for again.
    Settled,
    Failed,
    /// Sent, and nobody knows what became of it: it may have been paid for.
    Uncertain,
}

/// What is done about an effect of which nobody knows whether it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UncertainRule {
    /// The same request goes again under the same `Idempotency-Key`, while tries last.
    Resend,
}

impl UncertainRule {
    pub const OF_CALLS: Self = Self::Resend;
}

impl CallState {
    const ALL: [Self; 5] =
        [Self::Planned, Self::Sent, Self::Settled, Self::Failed, Self::Uncertain];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sent => "sent",
            Self::Settled => "settled",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What a provider says that a call has used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
}

/// Micro-dollars for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    pub input: u64,
    pub output: u64,
}

impl Price {
    /// In micro-dollars, rounded up: a sum of small calls is never too low.
    pub fn of(self, usage: Usage) -> i64 {
        let part = |tokens: u64, price: u64| u128::from(tokens) * u128::from(price);
        let sum = part(usage.input_tokens, self.input) + part(usage.output_tokens, self.output);
        i64::try_from(sum.div_ceil(1_000_000)).unwrap_or(i64::MAX)
    }
}

/// What the calls of a job have cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    pub usd_micros: i64,
    pub input_tokens: i64,
    pub output_tokens: i64,
    /// Calls whose cost nobody knows: of a model without a price, or without an account of their tokens.
    pub unpriced_calls: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_per_million_tokens_and_rounds_up() {
        let price = Price { input: 750_000, output: 4_500_000 };
        let cost = |input_tokens, output_tokens| price.of(Usage { input_tokens, output_tokens });
        assert_eq!(cost(1_000_000, 1_000_000), 5_250_000);
        assert_eq!((cost(0, 0), cost(1, 0), cost(2, 0)), (0, 1, 2));
        assert_eq!(cost(u64::MAX, u64::MAX), i64::MAX);
    }

    #[test]
    fn names_read_back_as_they_were_written() {
        assert!(ProviderId::ALL.iter().all(|id| ProviderId::parse(id.as_str()) == Some(*id)));
        assert!(CallState::ALL.iter().all(|s| CallState::parse(s.as_str()) == Some(*s)));
        assert_eq!(ProviderId::parse("other"), None);
    }
}
