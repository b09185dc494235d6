//! What OpenAI asks of a request, and in which words it refuses one.

use super::bad;
use super::refusal;
use crate::fakes::chat;
use crate::fakes::strict;
use crate::fakes::wire::{Ask, Refusal};
use serde_json::{Map, Value, json};

const KNOWN: &[&str] = &[
    "audio",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_tokens",
    "messages",
    "metadata",
    "modalities",
    "model",
    "moderation",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "stream",
    "stream_options",
    "temperature",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "user",
    "verbosity",
    "web_search_options",
];
const ROLES: &[&str] = &["system", "assistant", "user", "function", "tool", "developer"];
/// Understands a request, whose fields are `fields`.
pub fn read(body: &Value, fields: &Map<String, Value>) -> Result<Ask, Refusal> {
    if let Some(name) = fields.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(bad(
            json!(name),
            "unknown_parameter",
            &format!("Unknown parameter: '{name}'."),
        ));
    }
    let model = body["model"].as_str().unwrap_or_default();
    if model.is_empty() {
        let text = "you must provide a model parameter";
        return Err(refusal(400, "invalid_request_error", Value::Null, Value::Null, text));
    }
    messages(body)?;
    sampling(body, model)?;
    format(body)?;
    if !body["stream_options"].is_null() && body["stream"] != true {
        let text = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
        return Err(refusal(
            400,
            "invalid_request_error",
            json!("stream_options"),
            Value::Null,
            text,
        ));
    }
    Ok(chat::ask(body))
}

fn messages(body: &Value) -> Result<(), Refusal> {
    let missing = "Missing required parameter: 'messages'.";
    let Some(messages) = body.get("messages") else {
        return Err(bad(json!("messages"), "missing_required_parameter", missing));
    };
    let Some(messages) = messages.as_array() else {
        let text = "Invalid type for 'messages': expected an array of objects, but got something else instead.";
        return Err(bad(json!("messages"), "invalid_type", text));
    };
    if messages.is_empty() {
        let text = "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.";
        return Err(bad(json!("messages"), "empty_array", text));
    }
    for (at, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if !ROLES.contains(&role) {
            let text = format!(
                "Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'."
            );
            return Err(bad(json!(format!("messages[{at}].role")), "invalid_value", &text));
        }
        if !(message["content"].is_string() || message["content"].is_array() || role == "assistant")
        {
            let param = format!("messages[{at}].content");
            let text = format!(
                "Invalid type for '{param}': expected one of a string or array of objects, but got something else instead."
            );
            return Err(bad(json!(param), "invalid_type", &text));
        }
    }
    Ok(())
}

/// What reasoning models took away from the parameters of those before them.
fn sampling(body: &Value, model: &str) -> Result<(), Refusal> {
    let reasons = ["o1", "o3", "o4", "gpt-5", "gpt-6"].iter().any(|name| model.starts_with(name));
    if reasons && !body["max_tokens"].is_null() {
        let text = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
        return Err(bad(json!("max_tokens"), "unsupported_parameter", text));
    }
    let heat = &body["temperature"];
    if reasons && heat.as_f64().is_some_and(|heat| heat != 1.0) {
        let text = format!(
            "Unsupported value: 'temperature' does not support {heat} with this model. Only the default (1) value is supported."
        );
        return Err(bad(json!("temperature"), "unsupported_value", &text));
    }
    if heat.as_f64().is_some_and(|heat| heat > 2.0) {
        let text = format!(
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got {heat} instead."
        );
        return Err(bad(json!("temperature"), "decimal_above_max_value", &text));
    }
    for name in ["max_tokens", "max_completion_tokens"] {
        if body[name].as_i64().is_some_and(|most| most < 1) {
            let text = format!(
                "Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {} instead.",
                body[name]
            );
            return Err(bad(json!(name), "integer_below_min_value", &text));
        }
    }
    Ok(())
}

fn format(body: &Value) -> Result<(), Refusal> {
    let format = &body["response_format"];
    match format["type"].as_str() {
        None if format.is_null() => Ok(()),
        Some("text") => Ok(()),
        Some("json_object") => {
            let named = chat::prompt(&body["messages"]).to_lowercase().contains("json");
            let text = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
            if named {
                Ok(())
            } else {
                let invalid = "invalid_request_error";
                Err(refusal(400, invalid, json!("messages"), Value::Null, text))
            }
        }
        Some("json_schema") => schema(&format["json_schema"]),
        other => {
            let text = format!(
                "Invalid value: '{}'. Supported values are: 'json_object', 'json_schema', and 'text'.",
                other.unwrap_or_default()
            );
            Err(bad(json!("response_format.type"), "invalid_value", &text))
        }
    }
}

fn schema(wanted: &Value) -> Result<(), Refusal> {
    let param = "response_format.json_schema.name";
    let Some(name) = wanted["name"].as_str() else {
        let text = format!("Missing required parameter: '{param}'.");
        return Err(bad(json!(param), "missing_required_parameter", &text));
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        let text = format!(
            "Invalid '{param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
        );
        return Err(bad(json!(param), "invalid_value", &text));
    }
    if wanted["strict"] == true {
        strict::openai(&wanted["schema"]).map_err(|fault| {
            let text = format!("Invalid schema for response_format '{name}': {fault}");
            refusal(400, "invalid_request_error", json!("response_format"), Value::Null, &text)
        })?;
    }
    Ok(())
}
