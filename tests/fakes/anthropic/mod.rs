//! Anthropic's messages.

mod request;

use super::wire;
use super::wire::{Ask, Event, Refusal, Reply, Stop, Trouble, Wire, bearer, is_wrong, pieces};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

pub struct Anthropic;

impl Wire for Anthropic {
    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let key = headers.get("x-api-key").and_then(|key| key.to_str().ok());
        let Some(key) = key.filter(|key| !key.is_empty()).or(bearer(headers)) else {
            return Err(error(401, "authentication_error", "x-api-key header is required"));
        };
        if is_wrong(key) {
            return Err(self.refuse(Trouble::Unauthorized, ""));
        }
        match headers.get("anthropic-version").map(|version| version.as_bytes()) {
            Some(b"2023-06-01" | b"2023-01-01") => Ok(()),
            Some(version) => {
                let version = String::from_utf8_lossy(version);
                Err(bad(&format!("anthropic-version: \"{version}\" is not a valid version")))
            }
            None => Err(bad("anthropic-version: header is required")),
        }
    }

    fn read(&self, body: &Value) -> Result<Ask, Refusal> {
        let fields = body.as_object().ok_or_else(|| self.refuse(Trouble::NotJson, ""))?;
        request::read(body, fields)
    }

    fn whole(&self, ask: &Ask, reply: &Reply) -> Value {
        let mut message = begun(ask, reply);
        let blocks = if reply.empty { Vec::new() } else { blocks(ask, reply) };
        message["content"] = Value::Array(blocks);
        message["stop_reason"] = json!(stop_reason(ask, reply));
        message["stop_details"] = stop_details(reply);
        if reply.usage {
            message["usage"]["output_tokens"] = json!(reply.output_tokens);
        }
        message
    }

    fn stream(&self, ask: &Ask, reply: &Reply) -> Vec<Event> {
        let named = |name: &'static str, mut data: Value| {
            data["type"] = json!(name);
            Event::named(name, data)
        };
        let mut events = vec![
            named("message_start", json!({ "message": begun(ask, reply) })),
            named("ping", json!({})),
        ];
        if reply.strange {
            events.push(named("mood_change", json!({ "mood": "cheerful" })));
        }
        let blocks = if reply.empty { Vec::new() } else { blocks(ask, reply) };
        for (index, mut block) in blocks.into_iter().enumerate() {
            let told = told(&mut block, reply);
            let opened = json!({ "index": index, "content_block": block });
            events.push(named("content_block_start", opened));
            for delta in told {
                let delta = json!({ "index": index, "delta": delta });
                events.push(named("content_block_delta", delta));
            }
            events.push(named("content_block_stop", json!({ "index": index })));
        }
        let mut last = json!({
            "delta": {
                "stop_reason": stop_reason(ask, reply), "stop_sequence": null,
                "stop_details": stop_details(reply), "container": null,
            },
            "usage": { "output_tokens": 0 },
        });
        if reply.usage {
            last["usage"] = json!({
                "input_tokens": reply.input_tokens,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": reply.output_tokens,
            });
        } else if let Some(last) = last.as_object_mut() {
            last.remove("usage");
        }
        events.push(named("message_delta", last));
        events.push(named("message_stop", json!({})));
        events
    }

    fn refuse(&self, trouble: Trouble, model: &str) -> Refusal {
        let retried = |mut refusal: Refusal| {
            refusal.headers.push(("x-should-retry", "true".into()));
            refusal
        };
        match trouble {
            Trouble::NotJson => {
                bad("The request body is not valid JSON: expected value: line 1 column 1 (char 0)")
            }
            Trouble::Unauthorized => error(401, "authentication_error", "invalid x-api-key"),
            Trouble::Forbidden => error(
                403,
                "permission_error",
                "Your API key does not have permission to use the specified resource.",
            ),
            Trouble::UnknownPath => error(404, "not_found_error", "Not Found"),
            Trouble::UnknownModel => error(404, "not_found_error", &format!("model: {model}")),
            Trouble::ContextLength => {
                let most = self.context();
                bad(&format!("prompt is too long: {} tokens > {most} maximum", most + 8310))
            }
            Trouble::RateLimited => retried(error(
                429,
                "rate_limit_error",
                "This request would exceed the rate limit for your organization of 50 requests per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage.",
            )),
            Trouble::QuotaSpent => bad(
                "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
            ),
            Trouble::Overloaded => retried(error(529, "overloaded_error", "Overloaded")),
            Trouble::ServerError => retried(error(500, "api_error", "Internal server error")),
            Trouble::Unavailable => retried(error(503, "api_error", "Service unavailable")),
        }
    }

    fn broken_stream(&self) -> Event {
        let overloaded = json!({ "type": "overloaded_error", "message": "Overloaded" });
        Event::named("error", json!({ "type": "error", "error": overloaded }))
    }

    fn headers(&self, spent: bool) -> Vec<(&'static str, String)> {
        let reset = super::now() + chrono::Duration::seconds(i64::from(spent));
        let reset = reset.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut headers = vec![
            ("request-id", request_id()),
            ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000".to_owned()),
        ];
        for (limit, remaining, until, most) in [
            (
                "anthropic-ratelimit-requests-limit",
                "anthropic-ratelimit-requests-remaining",
                "anthropic-ratelimit-requests-reset",
                50,
            ),
            (
                "anthropic-ratelimit-tokens-limit",
                "anthropic-ratelimit-tokens-remaining",
                "anthropic-ratelimit-tokens-reset",
                48_000,
            ),
            (
                "anthropic-ratelimit-input-tokens-limit",
                "anthropic-ratelimit-input-tokens-remaining",
                "anthropic-ratelimit-input-tokens-reset",
                40_000,
            ),
            (
                "anthropic-ratelimit-output-tokens-limit",
                "anthropic-ratelimit-output-tokens-remaining",
                "anthropic-ratelimit-output-tokens-reset",
                8_000,
            ),
        ] {
            headers.push((limit, most.to_string()));
            headers.push((remaining, if spent { 0 } else { most - 1 }.to_string()));
            headers.push((until, reset.clone()));
        }
        headers
    }

    fn context(&self) -> u64 {
        200_000
    }
}

/// The message as its stream begins: everything but what is said.
fn begun(ask: &Ask, reply: &Reply) -> Value {
    let mut message = json!({
        "model": ask.model,
        "id": format!("msg_{}", reply.id),
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "stop_details": null,
        "container": null,
    });
    if reply.usage {
        message["usage"] = json!({
            "input_tokens": reply.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "cache_creation": { "ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0 },
            "output_tokens": 1,
            "service_tier": if reply.strange { "hyperspace" } else { "standard" },
            "inference_geo": "not_available",
        });
    }
    if reply.strange {
        message["x_future"] = json!({ "nested": [1, null, "two"] });
    }
    message
}

fn blocks(ask: &Ask, reply: &Reply) -> Vec<Value> {
    let mut blocks = Vec::new();
    if let Some(thinking) = &reply.thinking {
        blocks.push(json!({ "type": "thinking", "thinking": thinking, "signature": "c2lnbmVk" }));
    }
    if reply.strange {
        blocks.push(json!({ "type": "hologram", "beams": 3 }));
    }
    match &ask.tool {
        Some(name) if reply.stop != Stop::Refused => {
            // What was cut off is no JSON any more; the API then gives what it could read.
            let input: Value = serde_json::from_str(&reply.content).unwrap_or(json!({}));
            blocks.push(json!({
                "type": "tool_use", "id": format!("toolu_{}", reply.id), "name": name, "input": input,
            }));
        }
        _ => blocks.push(json!({ "type": "text", "text": reply.content })),
    }
    blocks
}

/// Takes what a block says out of it, and gives it as deltas.
fn told(block: &mut Value, reply: &Reply) -> Vec<Value> {
    let deltas = |text: &str, kind: &str, field: &str| -> Vec<Value> {
        pieces(text).iter().map(|piece| json!({ "type": kind, field: piece })).collect()
    };
    match block["type"].as_str() {
        Some("text") => {
            block["text"] = json!("");
            deltas(&reply.content, "text_delta", "text")
        }
        Some("tool_use") => {
            block["input"] = json!({});
            let mut told = vec![json!({ "type": "input_json_delta", "partial_json": "" })];
            told.extend(deltas(&reply.content, "input_json_delta", "partial_json"));
            told
        }
        Some("thinking") => {
            let thought = block["thinking"].take();
            let signed = json!({ "type": "signature_delta", "signature": block["signature"] });
            block["thinking"] = json!("");
            block["signature"] = json!("");
            let mut told =
                deltas(thought.as_str().unwrap_or_default(), "thinking_delta", "thinking");
            told.push(signed);
            told
        }
        _ => vec![json!({ "type": "hologram_delta", "beams": 1 })],
    }
}

fn stop_reason(ask: &Ask, reply: &Reply) -> &'static str {
    match reply.stop {
        Stop::End if ask.tool.is_some() => "tool_use",
        Stop::End => "end_turn",
        Stop::Length => "max_tokens",
        Stop::Refused | Stop::Filtered => "refusal",
        Stop::Unknown => "ran_out_of_ink",
    }
}

fn stop_details(reply: &Reply) -> Value {
    match reply.stop {
        Stop::Refused | Stop::Filtered => {
            json!({ "type": "refusal", "category": "general_harms", "explanation": null })
        }
        _ => Value::Null,
    }
}

fn bad(text: &str) -> Refusal {
    error(400, "invalid_request_error", text)
}

fn error(status: u16, kind: &str, text: &str) -> Refusal {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    let error = json!({ "type": kind, "message": text });
    let id = request_id();
    let body = json!({ "type": "error", "error": error, "request_id": id });
    let mut refusal = Refusal::new(status, body);
    refusal.headers.push(("request-id", id));
    refusal
}

fn request_id() -> String {
    format!("req_{}", wire::token(24))
}
