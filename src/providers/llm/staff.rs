//! Everybody who may be asked on this node, in the order of the policy, with what it takes to decide about them.

use super::anthropic::Anthropic;
use super::ask::Ask;
use super::error::LlmError;
use super::local::Local;
use super::mistral::Mistral;
use super::openai::Openai;
use super::prompt;
use super::schema::schema;
use super::{PriceList, Provider};
use crate::config::LlmConfig;
use crate::domain::llm::ProviderId;
use crate::domain::transcript::Transcript;
use chrono::{DateTime, FixedOffset};
use std::collections::HashMap;
use std::sync::Arc;

pub struct Staff {
    pub config: LlmConfig,
    pub chain: Vec<ProviderId>,
    pub prices: PriceList,
    providers: HashMap<ProviderId, Arc<dyn Provider>>,
}

impl Staff {
    pub fn new(config: LlmConfig, prices: PriceList) -> Result<Self, LlmError> {
        let chain = config.chain();
        let mut providers: HashMap<ProviderId, Arc<dyn Provider>> = HashMap::new();
        for id in chain.iter().copied().filter(|id| config.is_configured(*id)) {
            let (given, most) = (config.provider(id), config.max_answer_bytes);
            let provider: Arc<dyn Provider> = match id {
                ProviderId::Openai => Arc::new(Openai::new(given, most)?),
                ProviderId::Anthropic => Arc::new(Anthropic::new(given, most)?),
                ProviderId::Mistral => Arc::new(Mistral::new(given, most)?),
                ProviderId::Local => Arc::new(Local::new(given, most)?),
            };
            providers.insert(id, provider);
        }
        Ok(Self { config, chain, prices, providers })
    }

    /// `None` where it is named by the policy, and not configured.
    pub fn provider(&self, id: ProviderId) -> Option<&Arc<dyn Provider>> {
        self.providers.get(&id)
    }

    /// What shapes a note beside its transcript: another chain, model or template may give another note.
    pub fn shape(&self) -> String {
        let member = |id: &ProviderId| match self.provider(*id) {
            Some(provider) => format!("{id}:{}", provider.model()),
            None => format!("{id}:-"),
        };
        let members: Vec<String> = self.chain.iter().map(member).collect();
        format!("{} {}", prompt::template(), members.join(" "))
    }

    pub fn ask(
        &self,
        id: ProviderId,
        transcript: &Transcript,
        recorded_at: DateTime<FixedOffset>,
    ) -> Ask {
        let config = self.config.provider(id);
        Ask {
            provider: id,
            model: config.model.clone(),
            template: prompt::template(),
            system: prompt::system().to_owned(),
            turns: vec![super::Turn::User(prompt::memo(transcript, recorded_at))],
            schema: schema(),
            max_output_tokens: config.max_output_tokens,
        }
    }
}
