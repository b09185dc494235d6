//! OpenAI's chat completions.

mod request;

use super::wire::{Ask, Event, Refusal, Reply, Stop, Trouble, Wire, bearer, is_wrong};
use super::{chat, wire};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

pub struct OpenAi;

const SERVER_ERROR: &str =
    "The server had an error while processing your request. Sorry about that!";
const NOT_JSON: &str = "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)";

impl Wire for OpenAi {
    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match bearer(headers) {
            Some(key) if !is_wrong(key) => Ok(()),
            Some(key) => {
                let shown = format!("{}***{}", head(key, 7), tail(key, 4));
                Err(refusal(
                    401,
                    "invalid_request_error",
                    Value::Null,
                    json!("invalid_api_key"),
                    &format!(
                        "Incorrect API key provided: {shown}. You can find your API key at https://platform.openai.com/account/api-keys."
                    ),
                ))
            }
            None => Err(refusal(
                401,
                "invalid_request_error",
                Value::Null,
                Value::Null,
                "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. You can obtain an API key from https://platform.openai.com/account/api-keys.",
            )),
        }
    }

    fn read(&self, body: &Value) -> Result<Ask, Refusal> {
        let fields = body.as_object().ok_or_else(|| self.refuse(Trouble::NotJson, ""))?;
        request::read(body, fields)
    }

    fn whole(&self, ask: &Ask, reply: &Reply) -> Value {
        let refused = reply.stop == Stop::Refused;
        let said = if refused || ask.tool.is_some() { Value::Null } else { json!(reply.content) };
        let refusal = if refused { json!(reply.content) } else { Value::Null };
        let mut message = json!({
            "role": "assistant", "content": said, "refusal": refusal, "annotations": [],
        });
        if let Some(calls) = chat::tool_calls(ask, reply).filter(|_| !refused) {
            message["tool_calls"] = calls;
        }
        let choice = json!({
            "index": 0, "message": message, "logprobs": null, "finish_reason": chat::finish(reply.stop),
        });
        let mut whole = json!({
            "id": format!("chatcmpl-{}", reply.id),
            "object": "chat.completion",
            "created": reply.created,
            "model": ask.model,
            "choices": if reply.empty { json!([]) } else { json!([choice]) },
            "service_tier": "default",
            "system_fingerprint": null,
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
        let tells_usage = ask.include_usage && reply.usage;
        let chunk = |choices: Value, usage: Value| {
            let mut chunk = json!({
                "id": format!("chatcmpl-{}", reply.id),
                "object": "chat.completion.chunk",
                "created": reply.created,
                "model": ask.model,
                "service_tier": "default",
                "system_fingerprint": null,
                "choices": choices,
                "obfuscation": "x7Qd",
            });
            if tells_usage {
                chunk["usage"] = usage;
            }
            if reply.strange {
                chat::estrange(&mut chunk);
            }
            Event::data(chunk)
        };
        let delta = |delta: Value, finish: Value| {
            let choice =
                json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish });
            chunk(json!([choice]), Value::Null)
        };
        let mut events = Vec::new();
        if !reply.empty {
            let field = if reply.stop == Stop::Refused { "refusal" } else { "content" };
            let opening = match ask.tool {
                Some(_) => Value::Null,
                None => json!(""),
            };
            events.push(delta(
                json!({ "role": "assistant", "content": opening, "refusal": null }),
                Value::Null,
            ));
            let told = chat::deltas(ask, reply, field);
            events.extend(told.into_iter().map(|told| delta(told, Value::Null)));
            events.push(delta(json!({}), json!(chat::finish(reply.stop))));
        } else {
            events.push(chunk(json!([]), Value::Null));
        }
        if tells_usage {
            events.push(chunk(json!([]), usage(reply)));
        }
        chat::close(events, reply)
    }

    fn refuse(&self, trouble: Trouble, model: &str) -> Refusal {
        let invalid = "invalid_request_error";
        let (status, kind, code, text): (_, _, Option<&str>, String) = match trouble {
            Trouble::NotJson => (400, invalid, None, NOT_JSON.into()),
            Trouble::Unauthorized => (401, invalid, Some("invalid_api_key"), "Incorrect API key provided: sk-fake***. You can find your API key at https://platform.openai.com/account/api-keys.".into()),
            Trouble::Forbidden => (403, "request_forbidden", Some("unsupported_country_region_territory"), "Country, region, or territory not supported".into()),
            Trouble::UnknownPath => (404, invalid, None, "Invalid URL".into()),
            Trouble::UnknownModel => (404, invalid, Some("model_not_found"), format!("The model `{model}` does not exist or you do not have access to it.")),
            Trouble::ContextLength => (400, invalid, Some("context_length_exceeded"), format!("This model's maximum context length is {} tokens. However, your messages resulted in 131072 tokens. Please reduce the length of the messages.", self.context())),
            Trouble::RateLimited => (429, "requests", Some("rate_limit_exceeded"), format!("Rate limit reached for {model} in organization org-fake on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms. Visit https://platform.openai.com/account/rate-limits to learn more.")),
            Trouble::QuotaSpent => (429, "insufficient_quota", Some("insufficient_quota"), "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.".into()),
            Trouble::Overloaded => (503, "service_unavailable_error", None, "That model is currently overloaded with other requests. You can retry your request, or contact us through our help center at help.openai.com if the error persists.".into()),
            Trouble::ServerError => (500, "server_error", None, SERVER_ERROR.into()),
            Trouble::Unavailable => (503, "server_error", None, "The engine is currently overloaded, please try again later".into()),
        };
        let about = trouble == Trouble::ContextLength;
        let param = if about { json!("messages") } else { Value::Null };
        refusal(status, kind, param, json!(code), &text)
    }

    fn broken_stream(&self) -> Event {
        Event::data(refusal(500, "server_error", Value::Null, Value::Null, SERVER_ERROR).body)
    }

    fn headers(&self, spent: bool) -> Vec<(&'static str, String)> {
        let remaining = |limit: &str| if spent { "0".to_owned() } else { limit.to_owned() };
        vec![
            ("x-request-id", format!("req_{:032x}", fastrand::u128(..))),
            ("openai-organization", "org-fake".into()),
            ("openai-processing-ms", "42".into()),
            ("openai-version", "2020-10-01".into()),
            ("x-ratelimit-limit-requests", "500".into()),
            ("x-ratelimit-limit-tokens", "200000".into()),
            ("x-ratelimit-remaining-requests", remaining("499")),
            ("x-ratelimit-remaining-tokens", remaining("199000")),
            ("x-ratelimit-reset-requests", if spent { "1s" } else { "120ms" }.into()),
            ("x-ratelimit-reset-tokens", if spent { "1m1.5s" } else { "300ms" }.into()),
        ]
    }

    fn context(&self) -> u64 {
        128_000
    }
}

fn usage(reply: &Reply) -> Value {
    let thought = reply.thinking.as_deref().map_or(0, wire::tokens);
    json!({
        "prompt_tokens": reply.input_tokens,
        "completion_tokens": reply.output_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
        "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
        "completion_tokens_details": {
            "reasoning_tokens": thought, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        },
    })
}

fn bad(param: Value, code: &str, text: &str) -> Refusal {
    refusal(400, "invalid_request_error", param, json!(code), text)
}

fn refusal(status: u16, kind: &str, param: Value, code: Value, text: &str) -> Refusal {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    let error = json!({ "message": text, "type": kind, "param": param, "code": code });
    Refusal::new(status, json!({ "error": error }))
}

fn head(key: &str, count: usize) -> String {
    key.chars().take(count).collect()
}

fn tail(key: &str, count: usize) -> String {
    key.chars().skip(key.chars().count().saturating_sub(count)).collect()
}
