//! An effect outside the database of which nobody knows whether it happened: it was sent, and its sender died.

use crate::domain::llm::{Call, CallState, UncertainRule};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UncertainView {
    pub effect: EffectKind,
    pub provider: String,
    pub model: String,
    /// When it was found to be lost.
    pub at: Option<DateTime<Utc>>,
    pub rule: UncertainRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// A call of a language model: it may have been billed.
    LlmCall,
}

impl UncertainView {
    pub fn of(calls: Vec<Call>) -> Vec<Self> {
        let lost = calls.into_iter().filter(|call| call.state == CallState::Uncertain);
        let view = |call: Call| Self {
            effect: EffectKind::LlmCall,
            provider: call.key.provider.to_string(),
            model: call.key.model,
            at: call.ended_at,
            rule: UncertainRule::OF_CALLS,
        };
        lost.map(view).collect()
    }
}
