//! What a provider is asked, and what it answers: the same for all of them.

use super::error::LlmError;
use crate::domain::digest::hex;
use crate::domain::llm::{CallKey, ProviderId, Usage};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Called with each piece of an answer.
pub type Told<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// One structured call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ask {
    pub provider: ProviderId,
    pub model: String,
    /// Name and version of the template.
    pub template: String,
    pub system: String,
    /// Begins with the user, who then takes turns with the model.
    pub turns: Vec<Turn>,
    pub schema: Value,
    pub max_output_tokens: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "role", content = "content", rename_all = "lowercase")]
pub enum Turn {
    User(String),
    Assistant(String),
}

/// A whole answer. Whether it is what was asked for is for the one who asked to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    pub usage: Option<Usage>,
}

/// A call that brought no answer. It may have been billed all the same.
#[derive(Debug)]
pub struct Broken {
    pub error: LlmError,
    pub usage: Option<Usage>,
}

impl From<LlmError> for Broken {
    fn from(error: LlmError) -> Self {
        Self { error, usage: None }
    }
}

impl Ask {
    /// Two asks with the same key are the same call: the answer to one is the answer to the other.
    pub fn key(&self) -> CallKey {
        let json = serde_json::to_string(self).unwrap_or_default();
        CallKey {
            provider: self.provider,
            model: self.model.clone(),
            template: self.template.clone(),
            hash: hex(&Sha256::digest(json)),
        }
    }

    /// About as many tokens as this is: a token has three bytes or more in every script that models are made for.
    pub fn tokens(&self) -> u64 {
        let turn = |turn: &Turn| match turn {
            Turn::User(text) | Turn::Assistant(text) => text.len(),
        };
        let bytes = self.system.len() + self.turns.iter().map(turn).sum::<usize>();
        (bytes as u64).div_ceil(3)
    }
}
