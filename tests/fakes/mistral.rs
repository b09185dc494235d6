//! Mistral's chat completions.

use super::chat;
use super::wire::{
    Ask, Event, Refusal, Reply, Stop, Trouble, Wire, bearer, is_wrong, pieces, token,
};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

pub struct Mistral;

const KNOWN: &[&str] = &[
    "frequency_penalty",
    "guardrails",
    "logprobs",
    "max_tokens",
    "messages",
    "metadata",
    "min_tokens",
    "model",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_logprobs",
    "prompt_mode",
    "random_seed",
    "reasoning_effort",
    "repetition_penalty",
    "response_format",
    "safe_prompt",
    "service_tier",
    "stop",
    "stream",
    "temperature",
    "tool_choice",
    "tools",
    "top_k",
    "top_logprobs",
    "top_p",
    "top_prompt_logprobs",
];

impl Wire for Mistral {
    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match bearer(headers) {
            Some(key) if !is_wrong(key) => Ok(()),
            _ => Err(self.refuse(Trouble::Unauthorized, "")),
        }
    }

    fn read(&self, body: &Value) -> Result<Ask, Refusal> {
        let Some(fields) = body.as_object() else { return Err(self.refuse(Trouble::NotJson, "")) };
        let mut faults = Vec::new();
        for name in ["model", "messages"] {
            if !fields.contains_key(name) {
                faults.push(fault("missing", json!(["body", name]), "Field required", body));
            }
        }
        for (name, value) in fields {
            if !KNOWN.contains(&name.as_str()) {
                let words = "Extra inputs are not permitted";
                faults.push(fault("extra_forbidden", json!(["body", name]), words, value));
            }
        }
        messages(&body["messages"], &mut faults);
        format(&body["response_format"], &mut faults);
        if faults.is_empty() { Ok(chat::ask(body)) } else { Err(invalid(faults)) }
    }

    fn whole(&self, ask: &Ask, reply: &Reply) -> Value {
        let content = match (&reply.thinking, &ask.tool) {
            (_, Some(_)) => json!(""),
            (None, None) => json!(reply.content),
            (Some(thought), None) => {
                json!([thinking(thought), { "type": "text", "text": reply.content }])
            }
        };
        let calls = chat::tool_calls(ask, reply).map(|mut calls| {
            calls[0]["index"] = json!(0);
            calls
        });
        let message = json!({ "role": "assistant", "tool_calls": calls, "content": content, "prefix": false });
        let choice =
            json!({ "index": 0, "finish_reason": finish(ask, reply.stop), "message": message });
        let mut whole = json!({
            "id": reply.id,
            "created": reply.created,
            "model": ask.model,
            "object": "chat.completion",
            "choices": if reply.empty { json!([]) } else { json!([choice]) },
        });
        if reply.usage {
            whole["usage"] = usage(reply);
        }
        if reply.strange {
            chat::estrange(&mut whole);
        }
        whole
    }

    fn stream(&self, ask: &Ask, reply: &Reply) -> Vec<Event> {
        let chunk = |choices: Value| {
            let mut chunk = json!({
                "id": reply.id,
                "object": "chat.completion.chunk",
                "created": reply.created,
                "model": ask.model,
                "choices": choices,
            });
            if reply.strange {
                chat::estrange(&mut chunk);
            }
            chunk
        };
        let delta = |delta: Value, finish: Value| {
            chunk(json!([{ "index": 0, "delta": delta, "finish_reason": finish }]))
        };
        if reply.empty {
            let mut only = chunk(json!([]));
            only["usage"] = usage(reply);
            return chat::close(vec![Event::data(only)], reply);
        }
        let mut events = vec![delta(json!({ "role": "assistant", "content": "" }), Value::Null)];
        for piece in pieces(reply.thinking.as_deref().unwrap_or_default()) {
            events.push(delta(json!({ "content": [thinking(&piece)] }), Value::Null));
        }
        // A call of a tool comes whole, and not in pieces.
        let mut told = match chat::tool_calls(ask, reply) {
            None => chat::deltas(ask, reply, "content"),
            Some(mut calls) => {
                calls[0]["index"] = json!(0);
                vec![json!({ "content": "", "tool_calls": calls })]
            }
        };
        let last = told.pop().unwrap_or(json!({ "content": "" }));
        events.extend(told.into_iter().map(|told| delta(told, Value::Null)));
        let mut closing = delta(last, json!(finish(ask, reply.stop)));
        if reply.usage {
            closing["usage"] = usage(reply);
        }
        events.push(closing);
        chat::close(events.into_iter().map(Event::data).collect(), reply)
    }

    fn refuse(&self, trouble: Trouble, model: &str) -> Refusal {
        let invalid = "invalid_request_error";
        match trouble {
            Trouble::NotJson => {
                let at = json!(["body", 0]);
                let mut faulty = fault("json_invalid", at, "JSON decode error", &json!({}));
                faulty["ctx"] = json!({ "error": "Expecting value" });
                self::invalid(vec![faulty])
            }
            // The gateway in front answers these in its own, shorter form.
            Trouble::Unauthorized => plain(401, json!({ "detail": "Unauthorized" })),
            Trouble::Forbidden => plain(403, json!({ "detail": "Forbidden" })),
            Trouble::UnknownPath => {
                plain(404, json!({ "message": "no Route matched with those values" }))
            }
            Trouble::UnknownModel => {
                error(400, "invalid_model", "1500", &format!("Invalid model: {model}"))
            }
            Trouble::ContextLength => error(
                400,
                invalid,
                "3051",
                &format!(
                    "Prompt contains 131072 tokens and 0 draft tokens, too large for model with {} maximum context length",
                    self.context()
                ),
            ),
            Trouble::RateLimited => error(429, "rate_limited", "1300", "Rate limit exceeded"),
            Trouble::QuotaSpent => error(
                429,
                "rate_limited",
                "1300",
                "You have exceeded your monthly quota. Please upgrade your plan or wait for it to renew.",
            ),
            Trouble::Overloaded => error(
                429,
                "service_tier_capacity_exceeded",
                "3505",
                "Service tier capacity exceeded for this model.",
            ),
            Trouble::ServerError => {
                error(500, "internal_server_error", "3000", "Internal server error")
            }
            Trouble::Unavailable => {
                error(503, "unreachable_backend", "1100", "Service unavailable.")
            }
        }
    }

    fn broken_stream(&self) -> Event {
        Event::data(error(500, "internal_server_error", "3000", "Internal server error").body)
    }

    fn headers(&self, spent: bool) -> Vec<(&'static str, String)> {
        let remaining = |limit: &str| if spent { "0".to_owned() } else { limit.to_owned() };
        let mut headers = vec![
            ("mistral-correlation-id", token(32)),
            ("x-kong-request-id", token(32)),
            ("x-ratelimit-limit-req-minute", "60".into()),
            ("x-ratelimit-remaining-req-minute", remaining("59")),
            ("x-ratelimit-limit-tokens-minute", "500000".into()),
            ("x-ratelimit-remaining-tokens-minute", remaining("499000")),
        ];
        if spent {
            headers.push(("ratelimit-reset", "1".into()));
        }
        headers
    }

    fn context(&self) -> u64 {
        131_072
    }
}

fn messages(messages: &Value, faults: &mut Vec<Value>) {
    if messages.is_null() {
        return;
    }
    let Some(list) = messages.as_array() else {
        let words = "Input should be a valid list";
        faults.push(fault("list_type", json!(["body", "messages"]), words, messages));
        return;
    };
    for (at, message) in list.iter().enumerate() {
        let role = message["role"].as_str().unwrap_or_default();
        if !["system", "user", "assistant", "tool"].contains(&role) {
            let at = json!(["body", "messages", at]);
            let words = format!(
                "Input tag '{role}' found using 'role' does not match any of the expected tags: 'system', 'user', 'assistant', 'tool'"
            );
            faults.push(fault("union_tag_invalid", at, &words, message));
        } else if role != "assistant" && message.get("content").is_none() {
            let at = json!(["body", "messages", at, role, "content"]);
            faults.push(fault("missing", at, "Field required", message));
        }
        for (name, value) in message.as_object().into_iter().flatten() {
            let known = ["role", "content", "tool_calls", "prefix", "tool_call_id", "name"];
            if !known.contains(&name.as_str()) || (name == "name" && role != "tool") {
                let at = json!(["body", "messages", at, role, name]);
                faults.push(fault("extra_forbidden", at, "Extra inputs are not permitted", value));
            }
        }
    }
}

fn format(format: &Value, faults: &mut Vec<Value>) {
    let here = |rest: &[&str]| {
        let mut at = vec!["body", "response_format"];
        at.extend(rest);
        json!(at)
    };
    match format["type"].as_str() {
        _ if format.is_null() => {}
        Some("text" | "json_object") => {}
        Some("json_schema") => {
            for name in ["name", "schema"] {
                if format["json_schema"].get(name).is_none() {
                    let at = here(&["json_schema", name]);
                    faults.push(fault("missing", at, "Field required", &format["json_schema"]));
                }
            }
        }
        _ => {
            let words = "Input should be 'text', 'json_object' or 'json_schema'";
            faults.push(fault("enum", here(&["type"]), words, &format["type"]));
        }
    }
}

/// A thought, as a chunk of content.
fn thinking(text: &str) -> Value {
    json!({ "type": "thinking", "thinking": [{ "type": "text", "text": text }], "closed": true })
}

fn finish(ask: &Ask, stop: Stop) -> &'static str {
    match stop {
        Stop::End if ask.tool.is_some() => "tool_calls",
        Stop::Filtered => "error",
        stop => chat::finish(stop),
    }
}

fn usage(reply: &Reply) -> Value {
    json!({
        "prompt_tokens": reply.input_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
        "completion_tokens": reply.output_tokens,
        "prompt_tokens_details": { "cached_tokens": 0 },
        "service_tier": "standard",
    })
}

/// One finding of the validator, as pydantic words it.
fn fault(kind: &str, at: Value, words: &str, input: &Value) -> Value {
    json!({ "type": kind, "loc": at, "msg": words, "input": input })
}

fn invalid(faults: Vec<Value>) -> Refusal {
    plain(422, json!({ "detail": faults }))
}

fn error(status: u16, kind: &str, code: &str, text: &str) -> Refusal {
    let body = json!({
        "object": "error", "message": text, "type": kind, "param": null, "code": code,
        "raw_status_code": status,
    });
    plain(status, body)
}

fn plain(status: u16, body: Value) -> Refusal {
    Refusal::new(StatusCode::from_u16(status).unwrap_or_default(), body)
}
