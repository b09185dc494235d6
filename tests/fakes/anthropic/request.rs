//! What Anthropic asks of a request, and in which words it refuses one.

use super::bad;
use crate::fakes::chat;
use crate::fakes::strict;
use crate::fakes::wire::{Ask, Refusal};
use serde_json::{Map, Value};

const KNOWN: &[&str] = &[
    "cache_control",
    "container",
    "diagnostics",
    "inference_geo",
    "max_tokens",
    "messages",
    "metadata",
    "model",
    "output_config",
    "service_tier",
    "speed",
    "stop_sequences",
    "stream",
    "system",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_k",
    "top_p",
];
/// Models from before sampling parameters and prefilled answers were taken away.
const SAMPLED: &[&str] =
    &["claude-3", "claude-opus-4-1", "claude-opus-4-5", "claude-sonnet-4-5", "claude-haiku-4-5"];
/// Still sampled, but no longer prefilled.
const UNFILLED: &[&str] = &["claude-opus-4-6", "claude-sonnet-4-6"];

/// Understands a request, whose fields are `fields`.
pub fn read(body: &Value, fields: &Map<String, Value>) -> Result<Ask, Refusal> {
    for name in ["model", "max_tokens", "messages"] {
        if !fields.contains_key(name) {
            return Err(bad(&format!("{name}: Field required")));
        }
    }
    if let Some(name) = fields.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(bad(&format!("{name}: Extra inputs are not permitted")));
    }
    let Some(model) = body["model"].as_str().filter(|model| !model.is_empty()) else {
        return Err(bad("model: Input should be a valid string"));
    };
    let Some(most) = body["max_tokens"].as_u64() else {
        return Err(bad("max_tokens: Input should be a valid integer"));
    };
    let highest = if model.contains("haiku") { 64_000 } else { 128_000 };
    if most > highest {
        return Err(bad(&format!(
            "max_tokens: {most} > {highest}, which is the maximum allowed number of output tokens for {model}"
        )));
    }
    sampling(body, model)?;
    messages(body, model)?;
    let tool = tools(body)?;
    let schema = output_schema(body)?;
    Ok(Ask {
        model: model.to_owned(),
        stream: body["stream"] == true,
        include_usage: true,
        schema: tool.map_or(schema, |tool| Some(tool["input_schema"].clone())),
        any_json: false,
        tool: tool.and_then(|tool| tool["name"].as_str()).map(str::to_owned),
        prompt: format!("{}\n{}", system(body), chat::prompt(&body["messages"])),
        max_tokens: Some(most),
    })
}

fn system(body: &Value) -> String {
    match &body["system"] {
        Value::Array(blocks) => {
            blocks.iter().filter_map(|block| block["text"].as_str()).collect::<Vec<_>>().join("\n")
        }
        system => system.as_str().unwrap_or_default().to_owned(),
    }
}

fn is_of(model: &str, names: &[&str]) -> bool {
    names.iter().any(|name| model.starts_with(name))
}

fn sampling(body: &Value, model: &str) -> Result<(), Refusal> {
    let takes = is_of(model, SAMPLED) || is_of(model, UNFILLED);
    let set = |name: &&&str| !body[**name].is_null() && body[**name] != 1.0;
    match ["temperature", "top_p", "top_k"].iter().find(set) {
        Some(name) if !takes => Err(bad(&format!("`{name}` is deprecated for this model."))),
        _ => Ok(()),
    }
}

fn messages(body: &Value, model: &str) -> Result<(), Refusal> {
    let Some(messages) = body["messages"].as_array() else {
        return Err(bad("messages: Input should be a valid array"));
    };
    let Some(last) = messages.last() else {
        return Err(bad("messages: at least one message is required"));
    };
    for (at, message) in messages.iter().enumerate() {
        match message["role"].as_str() {
            Some("user" | "assistant") => {}
            Some("system") => {
                return Err(bad(
                    "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role.",
                ));
            }
            _ => {
                let words = format!("messages.{at}.role: Input should be 'user' or 'assistant'");
                return Err(bad(&words));
            }
        }
        match &message["content"] {
            Value::String(text) if text.is_empty() => {
                let words = format!("messages.{at}: user messages must have non-empty content");
                return Err(bad(&words));
            }
            Value::String(_) | Value::Array(_) => {}
            _ => return Err(bad(&format!("messages.{at}.content: Field required"))),
        }
    }
    if last["role"] == "assistant" && !is_of(model, SAMPLED) {
        return Err(bad(
            "This model does not support assistant message prefill. The conversation must end with a user message.",
        ));
    }
    Ok(())
}

/// The tool that has to be used, if one has to.
fn tools(body: &Value) -> Result<Option<&Value>, Refusal> {
    let tools = body["tools"].as_array().map_or(&[][..], Vec::as_slice);
    for (at, tool) in tools.iter().enumerate() {
        for field in ["name", "input_schema"] {
            if tool.get(field).is_none() {
                return Err(bad(&format!("tools.{at}.custom.{field}: Field required")));
            }
        }
        if tool["input_schema"]["type"] != "object" {
            let words = format!("tools.{at}.custom.input_schema.type: Input should be 'object'");
            return Err(bad(&words));
        }
        if tool["strict"] == true {
            let named = |fault| bad(&format!("tools.{at}.custom: {fault}"));
            strict::anthropic(&tool["input_schema"]).map_err(named)?;
        }
    }
    let choice = &body["tool_choice"];
    if choice.is_null() {
        return Ok(None);
    }
    if tools.is_empty() {
        return Err(bad("tool_choice: tool_choice may only be specified while providing tools."));
    }
    let thinks = matches!(body["thinking"]["type"].as_str(), Some("enabled" | "adaptive"));
    match choice["type"].as_str() {
        Some("any" | "tool") if thinks => {
            Err(bad("Thinking may not be enabled when tool_choice forces tool use."))
        }
        Some("auto" | "none") => Ok(None),
        Some("any") => Ok(tools.first()),
        Some("tool") => {
            let name = choice["name"].as_str().unwrap_or_default();
            let found = tools.iter().find(|tool| tool["name"] == name);
            found.map(Some).ok_or_else(|| {
                bad(&format!("tool_choice.name: Tool '{name}' not found in provided tools"))
            })
        }
        _ => Err(bad(
            "tool_choice: Input tag does not match any of the expected tags: 'auto', 'any', 'tool', 'none'",
        )),
    }
}

fn output_schema(body: &Value) -> Result<Option<Value>, Refusal> {
    let format = &body["output_config"]["format"];
    if format.is_null() {
        return Ok(None);
    }
    if format["type"] != "json_schema" {
        return Err(bad("output_config.format.type: Input should be 'json_schema'"));
    }
    let Some(schema) = format.get("schema") else {
        return Err(bad("output_config.format.schema: Field required"));
    };
    if let Some(name) = format
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name)
        .find(|name| !matches!(name.as_str(), "type" | "schema"))
    {
        return Err(bad(&format!("output_config.format.{name}: Extra inputs are not permitted")));
    }
    let named = |fault| bad(&format!("output_config.format.schema: {fault}"));
    strict::anthropic(schema).map_err(named)?;
    Ok(Some(schema.clone()))
}
