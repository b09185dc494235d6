//! A server of one's own that answers as OpenAI does: llama.cpp's, with what Ollama and vLLM do alike.

use super::chat;
use super::wire::{Ask, Event, Refusal, Reply, Trouble, Wire, bearer, is_wrong, pieces};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

pub struct Local;

impl Wire for Local {
    /// It asks for no key; one that is shown has to be right.
    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        match bearer(headers) {
            Some(key) if is_wrong(key) => Err(self.refuse(Trouble::Unauthorized, "")),
            _ => Ok(()),
        }
    }

    /// Fields that it does not know are passed over.
    fn read(&self, body: &Value) -> Result<Ask, Refusal> {
        if !body.is_object() {
            return Err(self.refuse(Trouble::NotJson, ""));
        }
        if !body["messages"].is_array() {
            let words = if body.get("messages").is_none() {
                "'messages' is required"
            } else {
                "'messages' must be an array"
            };
            return Err(error(400, "invalid_request_error", words));
        }
        let format = &body["response_format"];
        match format["type"].as_str() {
            None if format.is_null() => {}
            Some("text" | "json_object" | "json_schema") => {}
            other => {
                let other = other.unwrap_or_default();
                let words = format!(
                    "response_format type must be one of \"text\" or \"json_object\", but got: {other}"
                );
                return Err(error(400, "invalid_request_error", &words));
            }
        }
        let mut ask = chat::ask(body);
        if ask.model.is_empty() {
            ask.model = "gpt-3.5-turbo".into();
        }
        Ok(ask)
    }

    fn whole(&self, ask: &Ask, reply: &Reply) -> Value {
        let mut message = json!({ "role": "assistant", "content": reply.content });
        if let Some(thought) = &reply.thinking {
            message["reasoning_content"] = json!(thought);
        }
        if let Some(calls) = chat::tool_calls(ask, reply) {
            message["content"] = Value::Null;
            message["tool_calls"] = calls;
        }
        let choice = json!({ "finish_reason": finish(ask, reply), "index": 0, "message": message });
        let choices = if reply.empty { json!([]) } else { json!([choice]) };
        let mut whole = frame(ask, reply, "chat.completion", choices);
        if reply.usage {
            whole["usage"] = usage(reply);
            whole["timings"] = timings(reply);
        }
        whole
    }

    fn stream(&self, ask: &Ask, reply: &Reply) -> Vec<Event> {
        let chunk = |choices: Value| frame(ask, reply, "chat.completion.chunk", choices);
        let delta = |delta: Value, finish: Value| {
            chunk(json!([{ "finish_reason": finish, "index": 0, "delta": delta }]))
        };
        let mut chunks = Vec::new();
        if reply.empty {
            chunks.push(chunk(json!([])));
        } else {
            let opening = json!({ "role": "assistant", "content": null });
            chunks.push(delta(opening, Value::Null));
            for piece in pieces(reply.thinking.as_deref().unwrap_or_default()) {
                chunks.push(delta(json!({ "reasoning_content": piece }), Value::Null));
            }
            for told in chat::deltas(ask, reply, "content") {
                chunks.push(delta(told, Value::Null));
            }
            chunks.push(delta(json!({}), json!(finish(ask, reply))));
        }
        if reply.usage && ask.include_usage {
            let mut last = chunk(json!([]));
            last["usage"] = usage(reply);
            last["timings"] = timings(reply);
            chunks.push(last);
        }
        chat::close(chunks.into_iter().map(Event::data).collect(), reply)
    }

    fn refuse(&self, trouble: Trouble, model: &str) -> Refusal {
        match trouble {
            Trouble::NotJson => error(
                500,
                "server_error",
                "[json.exception.parse_error.101] parse error at line 1, column 1: syntax error while parsing value - invalid literal",
            ),
            Trouble::Unauthorized => error(401, "authentication_error", "Invalid API Key"),
            Trouble::Forbidden => error(403, "permission_error", "Forbidden"),
            Trouble::UnknownPath => error(404, "not_found_error", "File Not Found"),
            Trouble::UnknownModel => error(
                404,
                "not_found_error",
                &format!("model \"{model}\" not found, try pulling it first"),
            ),
            Trouble::ContextLength => {
                let (tokens, most) = (self.context() + 1407, self.context());
                let words = format!(
                    "request ({tokens} tokens) exceeds the available context size ({most} tokens), try increasing it"
                );
                let mut refusal = error(400, "exceed_context_size_error", &words);
                refusal.body["error"]["n_prompt_tokens"] = json!(tokens);
                refusal.body["error"]["n_ctx"] = json!(most);
                refusal
            }
            Trouble::RateLimited | Trouble::QuotaSpent => {
                error(429, "rate_limit_error", "Too many requests")
            }
            Trouble::Overloaded => error(
                503,
                "unavailable_error",
                "server busy, please try again.  maximum pending requests exceeded",
            ),
            Trouble::ServerError => error(500, "server_error", "Compute error."),
            Trouble::Unavailable => error(503, "unavailable_error", "Loading model"),
        }
    }

    fn broken_stream(&self) -> Event {
        Event::data(error(500, "server_error", "Compute error.").body)
    }

    fn headers(&self, _spent: bool) -> Vec<(&'static str, String)> {
        vec![("server", "llama.cpp".into())]
    }

    fn context(&self) -> u64 {
        32_768
    }
}

fn frame(ask: &Ask, reply: &Reply, object: &str, choices: Value) -> Value {
    let mut frame = json!({
        "choices": choices,
        "created": reply.created,
        "id": format!("chatcmpl-{}", reply.id),
        "model": ask.model,
        "system_fingerprint": "b6730-fake",
        "object": object,
    });
    if reply.strange {
        chat::estrange(&mut frame);
    }
    frame
}

fn finish(ask: &Ask, reply: &Reply) -> &'static str {
    match (chat::finish(reply.stop), &ask.tool) {
        ("stop", Some(_)) => "tool_calls",
        (finish, _) => finish,
    }
}

fn usage(reply: &Reply) -> Value {
    json!({
        "completion_tokens": reply.output_tokens,
        "prompt_tokens": reply.input_tokens,
        "total_tokens": reply.input_tokens + reply.output_tokens,
    })
}

fn timings(reply: &Reply) -> Value {
    json!({
        "prompt_n": reply.input_tokens, "prompt_ms": 12.5,
        "predicted_n": reply.output_tokens, "predicted_ms": 340.25, "predicted_per_second": 42.1,
    })
}

fn error(status: u16, kind: &str, text: &str) -> Refusal {
    let error = json!({ "code": status, "message": text, "type": kind });
    Refusal::new(StatusCode::from_u16(status).unwrap_or_default(), json!({ "error": error }))
}
