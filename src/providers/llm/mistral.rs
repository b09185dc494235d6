//! Mistral's chat completions.

use super::Provider;
use super::ask::{Answer, Ask, Broken, Told};
use super::chat;
use super::door::{Door, call_name};
use super::error::LlmError;
use super::stream::hear_out;
use crate::config::ProviderConfig;
use crate::domain::llm::ProviderId;
use async_trait::async_trait;

pub struct Mistral {
    door: Door,
}

impl Mistral {
    pub fn new(config: &ProviderConfig, max_answer_bytes: usize) -> Result<Self, LlmError> {
        Ok(Self { door: Door::new(config, "v1", max_answer_bytes)? })
    }
}

#[async_trait]
impl Provider for Mistral {
    fn id(&self) -> ProviderId {
        ProviderId::Mistral
    }

    fn model(&self) -> &str {
        &self.door.model
    }

    async fn ask(&self, ask: &Ask, told: Told<'_>) -> Result<Answer, Broken> {
        let name = call_name(&ask.key().hash);
        let headers = self.door.headers("authorization", "Bearer ", &name);
        // Usage comes with the last chunk; Mistral refuses to be asked for it.
        let body = chat::body(ask, "max_tokens");
        let open = self.door.open("chat/completions", headers, &body, chat::read);
        hear_out(self.door.bounds, open, told).await
    }
}
