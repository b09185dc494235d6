//! What the chat-completions dialects of OpenAI, Mistral and local servers have in common.

use super::wire::{Ask, Event, Reply, Stop, pieces};
use serde_json::{Value, json};

/// Reads what a request that was found valid asks for.
pub fn ask(body: &Value) -> Ask {
    let format = &body["response_format"];
    let choice = &body["tool_choice"];
    let named = choice.pointer("/function/name").and_then(Value::as_str);
    let must = matches!(choice.as_str(), Some("required" | "any"));
    let tool = match (named, body["tools"].as_array()) {
        (name, Some(tools)) if must || name.is_some() => {
            let functions = tools.iter().map(|tool| &tool["function"]);
            let mut fitting = functions.filter(|f| name.is_none_or(|name| f["name"] == name));
            fitting.next()
        }
        _ => None,
    };
    let schema = match tool {
        Some(function) => function.get("parameters"),
        None => format.pointer("/json_schema/schema").or(format.get("schema")),
    };
    Ask {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        stream: body["stream"] == true,
        include_usage: body.pointer("/stream_options/include_usage") == Some(&json!(true)),
        schema: schema.cloned(),
        any_json: format["type"] == "json_object",
        tool: tool.and_then(|function| function["name"].as_str()).map(str::to_owned),
        prompt: prompt(&body["messages"]),
        max_tokens: body["max_completion_tokens"].as_u64().or(body["max_tokens"].as_u64()),
    }
}

/// All text of the messages, in order.
pub fn prompt(messages: &Value) -> String {
    let mut texts = Vec::new();
    for message in messages.as_array().into_iter().flatten() {
        match &message["content"] {
            Value::String(text) => texts.push(text.as_str()),
            Value::Array(parts) => texts.extend(parts.iter().filter_map(|p| p["text"].as_str())),
            _ => {}
        }
    }
    texts.join("\n")
}

/// The call of the tool that was asked for.
pub fn tool_calls(ask: &Ask, reply: &Reply) -> Option<Value> {
    let name = ask.tool.as_ref()?;
    let function = json!({ "name": name, "arguments": reply.content });
    Some(json!([{ "id": format!("call_{}", reply.id), "type": "function", "function": function }]))
}

/// The deltas in which an answer is told: its call of a tool, or its content in `field`.
pub fn deltas(ask: &Ask, reply: &Reply, field: &str) -> Vec<Value> {
    let Some(name) = &ask.tool else {
        return pieces(&reply.content).into_iter().map(|piece| json!({ field: piece })).collect();
    };
    let call = |function: Value, more: Value| {
        let mut call = json!({ "index": 0, "function": function });
        if let (Some(call), Value::Object(more)) = (call.as_object_mut(), more) {
            call.extend(more);
        }
        json!({ "tool_calls": [call] })
    };
    let opened = json!({ "id": format!("call_{}", reply.id), "type": "function" });
    let mut deltas = vec![call(json!({ "name": name, "arguments": "" }), opened)];
    let pieces = pieces(&reply.content).into_iter();
    deltas.extend(pieces.map(|piece| call(json!({ "arguments": piece }), json!({}))));
    deltas
}

/// The words for the end of an answer that the dialects share.
pub fn finish(stop: Stop) -> &'static str {
    match stop {
        Stop::End | Stop::Refused => "stop",
        Stop::Length => "length",
        Stop::Filtered => "content_filter",
        Stop::Unknown => "ran_out_of_ink",
    }
}

/// Adds what no documentation names.
pub fn estrange(value: &mut Value) {
    value["service_tier"] = json!("hyperspace");
    value["x_future"] = json!({ "nested": [1, null, "two"] });
}

/// An event that a provider may add one day, with the `[DONE]` of today behind all events.
pub fn close(mut events: Vec<Event>, reply: &Reply) -> Vec<Event> {
    if reply.strange {
        let heartbeat = json!({ "object": "chat.completion.heartbeat", "choices": [] });
        events.insert(1, Event::named("heartbeat", heartbeat));
    }
    events.push(Event::data("[DONE]"));
    events
}
