//! Anthropic's Messages, with the schema as its own `output_config`.

use super::Provider;
use super::ask::{Answer, Ask, Broken, Told};
use super::chat::message;
use super::denial::{reason, told};
use super::door::{Door, call_name};
use super::error::LlmError;
use super::stream::{Bit, Stop, hear_out};
use crate::config::ProviderConfig;
use crate::domain::llm::{ProviderId, Usage};
use async_trait::async_trait;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

const VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

pub struct Anthropic {
    door: Door,
}

impl Anthropic {
    pub fn new(config: &ProviderConfig, max_answer_bytes: usize) -> Result<Self, LlmError> {
        Ok(Self { door: Door::new(config, "v1", max_answer_bytes)? })
    }
}

#[async_trait]
impl Provider for Anthropic {
    fn id(&self) -> ProviderId {
        ProviderId::Anthropic
    }

    fn model(&self) -> &str {
        &self.door.model
    }

    async fn ask(&self, ask: &Ask, told: Told<'_>) -> Result<Answer, Broken> {
        let name = call_name(&ask.key().hash);
        let mut headers = self.door.headers("x-api-key", "", &name);
        let (header, version) = VERSION;
        headers.insert(HeaderName::from_static(header), HeaderValue::from_static(version));
        let body = body(ask);
        let open = self.door.open("messages", headers, &body, read);
        hear_out(self.door.bounds, open, told).await
    }
}

fn body(ask: &Ask) -> Value {
    json!({
        "model": ask.model,
        "max_tokens": ask.max_output_tokens,
        "system": ask.system,
        "messages": ask.turns.iter().map(message).collect::<Vec<_>>(),
        "stream": true,
        "output_config": { "format": { "type": "json_schema", "schema": ask.schema } },
    })
}

/// One event. Kinds that are not known are passed over, as Anthropic asks its clients to do.
fn read(event: &Value, door: &Door) -> Result<Vec<Bit>, LlmError> {
    let bits = match event["type"].as_str().unwrap_or_default() {
        "error" => {
            let meant = told(event, &door.model, door.key.reveal());
            return Err(meant.unwrap_or(LlmError::Server { status: 500 }));
        }
        "message_start" => usage(&event["message"]["usage"]).into_iter().collect(),
        "content_block_delta" => match event["delta"]["text"].as_str() {
            Some(text) => vec![Bit::Text(text.to_owned())],
            None => vec![Bit::Thought],
        },
        "message_delta" => {
            let stop = event["delta"]["stop_reason"].as_str();
            let stopped = stop.map(|why| Bit::Stopped(stopped(why, event, door.key.reveal())));
            usage(&event["usage"]).into_iter().chain(stopped).collect()
        }
        _ => Vec::new(),
    };
    Ok(bits)
}

/// The figures are cumulative; what one event leaves out another has said, so each event alone says its part.
fn usage(told: &Value) -> Option<Bit> {
    let count = |name: &str| told[name].as_u64();
    let output_tokens = count("output_tokens")?;
    let input = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"];
    let input_tokens = input.iter().filter_map(|name| count(name)).sum();
    Some(Bit::Usage(Usage { input_tokens, output_tokens }))
}

fn stopped(why: &str, event: &Value, key: &str) -> Stop {
    match why {
        "max_tokens" => Stop::Length,
        "model_context_window_exceeded" => Stop::ContextTooLong,
        "refusal" => {
            let category = event["delta"]["stop_details"]["category"].as_str();
            Stop::Refused(category.map_or("the model declined".to_owned(), |c| reason(c, key)))
        }
        _ => Stop::Said,
    }
}
