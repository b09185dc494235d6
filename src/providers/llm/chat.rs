//! OpenAI's chat completions, the one wire format that three of the four providers speak.

use super::ask::{Ask, Turn};
use super::denial::told;
use super::door::Door;
use super::error::LlmError;
use super::stream::{Bit, Stop};
use crate::domain::llm::Usage;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// The request. `limit` is the name that this provider gives to the longest answer.
pub fn body(ask: &Ask, limit: &str) -> Value {
    let mut messages = vec![json!({ "role": "system", "content": ask.system })];
    messages.extend(ask.turns.iter().map(message));
    let schema = json!({ "name": "note", "strict": true, "schema": ask.schema });
    let mut body = json!({
        "model": ask.model,
        "messages": messages,
        "stream": true,
        "response_format": { "type": "json_schema", "json_schema": schema },
    });
    body[limit] = json!(ask.max_output_tokens);
    body
}

/// The same, for those who account for their tokens only when they are asked to.
pub fn body_with_usage(ask: &Ask, limit: &str) -> Value {
    let mut body = body(ask, limit);
    body["stream_options"] = json!({ "include_usage": true });
    body
}

pub fn message(turn: &Turn) -> Value {
    match turn {
        Turn::User(text) => json!({ "role": "user", "content": text }),
        Turn::Assistant(text) => json!({ "role": "assistant", "content": text }),
    }
}

/// What is read of a chunk. What a server leaves out, adds or calls by another name is passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chunk {
    #[serde(deserialize_with = "or_default")]
    choices: Vec<Choice>,
    #[serde(deserialize_with = "or_default")]
    usage: Option<Tokens>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    #[serde(deserialize_with = "or_default")]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Delta {
    content: Value,
    refusal: Option<String>,
    /// The names under which models are heard thinking.
    reasoning: Value,
    reasoning_content: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tokens {
    prompt_tokens: u64,
    completion_tokens: u64,
}

/// What is `null`, or of another kind than expected, is as good as absent.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned + Default,
{
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// One event of the stream.
pub fn read(event: &Value, door: &Door) -> Result<Vec<Bit>, LlmError> {
    if let Some(error) = event.get("error").filter(|error| !error.is_null()) {
        let meant = told(event, &door.model, door.key.reveal());
        let status = error.get("code").and_then(Value::as_u64).unwrap_or(500);
        let status = u16::try_from(status).unwrap_or(500);
        return Err(meant.unwrap_or(LlmError::Server { status }));
    }
    let Ok(chunk) = Chunk::deserialize(event) else {
        return Err(LlmError::Malformed { reason: "an event of the stream is no chunk".into() });
    };
    let mut bits = Vec::new();
    for Choice { delta, finish_reason } in chunk.choices.into_iter().take(1) {
        let thinks = [&delta.reasoning, &delta.reasoning_content].into_iter().any(is_said);
        bits.extend(thinks.then_some(Bit::Thought));
        bits.extend(text(&delta.content).map(Bit::Text));
        bits.extend(delta.refusal.filter(|text| !text.is_empty()).map(Bit::Refusal));
        bits.extend(finish_reason.map(|reason| Bit::Stopped(stop(&reason))));
    }
    bits.extend(chunk.usage.map(|tokens| {
        let Tokens { prompt_tokens, completion_tokens } = tokens;
        Bit::Usage(Usage { input_tokens: prompt_tokens, output_tokens: completion_tokens })
    }));
    Ok(bits)
}

fn is_said(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

/// A piece of text, or a list of such pieces as Mistral sends them.
fn text(content: &Value) -> Option<String> {
    let text = match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part.get("text").and_then(Value::as_str)).collect()
        }
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

fn stop(reason: &str) -> Stop {
    match reason {
        "length" | "model_length" | "max_tokens" => Stop::Length,
        "content_filter" => Stop::Refused("its content filter stopped it".to_owned()),
        _ => Stop::Said,
    }
}
