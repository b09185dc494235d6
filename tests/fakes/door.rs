//! The way of one call: admitted, understood, answered well, and then spoilt as its fault wants.

use super::body::{self, End, Pace};
use super::calls::Ticket;
use super::connection::Scissors;
use super::script::{Fault, RetryAfter, Turn, part};
use super::wire::{Ask, Event, Provider, Refusal, Reply, Stop, Trouble, Wire, token, tokens};
use super::{Stage, answer, anthropic, local, material, mistral, now, openai};
use axum::body::Bytes;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use std::time::Duration;

type Wires = (State<Stage>, ConnectInfo<Scissors>);

pub async fn openai(wires: Wires, headers: HeaderMap, body: Bytes) -> Response {
    call(Provider::Openai, wires, &headers, &body).await
}

pub async fn anthropic(wires: Wires, headers: HeaderMap, body: Bytes) -> Response {
    call(Provider::Anthropic, wires, &headers, &body).await
}

pub async fn mistral(wires: Wires, headers: HeaderMap, body: Bytes) -> Response {
    call(Provider::Mistral, wires, &headers, &body).await
}

pub async fn local(wires: Wires, headers: HeaderMap, body: Bytes) -> Response {
    call(Provider::Local, wires, &headers, &body).await
}

pub fn wire(provider: Provider) -> &'static dyn Wire {
    match provider {
        Provider::Openai => &openai::OpenAi,
        Provider::Anthropic => &anthropic::Anthropic,
        Provider::Mistral => &mistral::Mistral,
        Provider::Local => &local::Local,
    }
}

async fn call(
    provider: Provider,
    (State(stage), ConnectInfo(scissors)): Wires,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let ticket = stage.calls.open(provider, headers, body);
    let wire = wire(provider);
    let response = match understood(wire, headers, body) {
        Err(refusal) => body::refused(wire, refusal),
        Ok((ask, named)) => {
            let turn = match named {
                Some(fault) => Turn { fault: Some(fault), answer: None },
                None => stage.script().take(provider),
            };
            match turn.fault {
                Some(Fault::Hang) => std::future::pending().await,
                Some(Fault::CutBeforeHeaders) => {
                    scissors.cut();
                    Response::default()
                }
                Some(ref fault) if let Some(error) = error(wire, &ask, fault) => error,
                _ => return good(wire, &ask, &turn, ticket).await,
            }
        }
    };
    ticket.answers(response.status().as_u16());
    ticket.sent();
    response
}

/// The request, and the fault that its model's name asks for.
fn understood(
    wire: &dyn Wire,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Ask, Option<Fault>), Refusal> {
    wire.admit(headers)?;
    let body: Result<Value, _> = serde_json::from_slice(body);
    let mut body = body.map_err(|_| wire.refuse(Trouble::NotJson, ""))?;
    let model = body["model"].as_str().unwrap_or_default().to_owned();
    let (name, fault) = part(&model);
    if fault.is_some() {
        body["model"] = json!(name);
    }
    let ask = wire.read(&body)?;
    if ask.model.contains("no-such") {
        return Err(wire.refuse(Trouble::UnknownModel, &ask.model));
    }
    if tokens(&ask.prompt) > wire.context() {
        return Err(wire.refuse(Trouble::ContextLength, &ask.model));
    }
    Ok((ask, fault))
}

/// The error answer that a fault is, if it is one.
fn error(wire: &dyn Wire, ask: &Ask, fault: &Fault) -> Option<Response> {
    let trouble = match fault {
        Fault::RateLimited(form) => return Some(limited(wire, ask, *form)),
        Fault::BadGateway => return Some(body::bad_gateway()),
        Fault::InsufficientQuota => Trouble::QuotaSpent,
        Fault::Overloaded => Trouble::Overloaded,
        Fault::ServerError => Trouble::ServerError,
        Fault::Unavailable => Trouble::Unavailable,
        Fault::Unauthorized => Trouble::Unauthorized,
        Fault::Forbidden => Trouble::Forbidden,
        Fault::ModelNotFound => Trouble::UnknownModel,
        Fault::ContextLength => Trouble::ContextLength,
        _ => return None,
    };
    Some(body::refused(wire, wire.refuse(trouble, &ask.model)))
}

fn limited(wire: &dyn Wire, ask: &Ask, form: RetryAfter) -> Response {
    let mut refusal = wire.refuse(Trouble::RateLimited, &ask.model);
    refusal.headers.extend(body::retry_after(form));
    let response = body::refused(wire, refusal);
    // Only that form is to say when to come back.
    if form == RetryAfter::ResetHeaders { response } else { body::without_resets(response) }
}

/// The answer to a valid request, with the faults that leave it a 200.
async fn good(wire: &dyn Wire, ask: &Ask, turn: &Turn, ticket: Ticket) -> Response {
    let fault = turn.fault.as_ref();
    let reply = reply(ask, turn);
    let pace = pace(fault);
    ticket.answers(200);
    if !ask.stream {
        tokio::time::sleep(pace.before).await;
        let mut text = wire.whole(ask, &reply).to_string();
        if fault == Some(&Fault::MalformedBody) {
            text = text.replacen(':', ";", 2);
        }
        let rest = text.split_off(text.floor_char_boundary(text.len() / 2));
        let frames = vec![text.into(), rest.into()];
        let pace = Pace { before: Duration::ZERO, ..pace };
        return body::answer(wire, "application/json", frames, pace, ticket);
    }
    let mut events = wire.stream(ask, &reply);
    match fault {
        Some(Fault::OverloadedMidStream) => {
            events.truncate(events.len() / 2);
            events.push(wire.broken_stream());
        }
        Some(Fault::MalformedBody) => {
            let middle = events.len() / 2;
            events[middle].data = events[middle].data.replacen(':', ";", 2);
        }
        _ => {}
    }
    let frames = match fault {
        Some(Fault::OddFraming) => odd(&events),
        _ => events.iter().map(|event| event.frame().into()).collect(),
    };
    body::answer(wire, "text/event-stream; charset=utf-8", frames, pace, ticket)
}

/// The oddest lawful framing, torn into pieces that keep to no border, not even of a character.
fn odd(events: &[Event]) -> Vec<Bytes> {
    let text: String = events.iter().map(Event::odd_frame).collect();
    text.as_bytes().chunks(61).map(Bytes::copy_from_slice).collect()
}

fn pace(fault: Option<&Fault>) -> Pace {
    let ms = |ms: &u64| Duration::from_millis(*ms);
    let end = |end: End| Pace { end, ..Pace::default() };
    match fault {
        Some(Fault::SlowFirstToken(wait)) => Pace { before: ms(wait), ..Pace::default() },
        Some(Fault::SlowTokens(wait)) => Pace { between: ms(wait), ..Pace::default() },
        Some(Fault::HangMidStream) => end(End::Hang),
        Some(Fault::CutStream) => end(End::Cut),
        Some(Fault::EndEarly) => end(End::Early),
        // Each piece in a packet of its own.
        Some(Fault::OddFraming) => Pace { between: ms(&1), ..Pace::default() },
        _ => Pace::default(),
    }
}

/// What the model says, and how it ends.
fn reply(ask: &Ask, turn: &Turn) -> Reply {
    let fault = turn.fault.as_ref();
    let thinking = (fault == Some(&Fault::Thinking))
        .then(|| "The speaker tells of a day. I keep to their words.".to_owned());
    let mut reply = Reply {
        id: token(24),
        created: now().timestamp(),
        content: content(ask, turn),
        thinking,
        stop: Stop::End,
        input_tokens: tokens(&ask.prompt) + 3,
        output_tokens: 0,
        usage: fault != Some(&Fault::UsageMissing),
        empty: fault == Some(&Fault::EmptyChoices),
        strange: fault == Some(&Fault::UnknownValues),
    };
    match fault {
        Some(Fault::Refusal) => {
            reply.content = "I'm sorry, but I can't help with that.".into();
            reply.stop = Stop::Refused;
        }
        Some(Fault::ContentFilter) => {
            halve(&mut reply.content);
            reply.stop = Stop::Filtered;
        }
        Some(Fault::LengthCut) => {
            halve(&mut reply.content);
            reply.stop = Stop::Length;
        }
        Some(Fault::MalformedContent) => halve(&mut reply.content),
        Some(Fault::FencedContent) => {
            reply.content = format!("Here is your note:\n```json\n{}\n```\n", reply.content);
        }
        Some(Fault::EmptyContent) => reply.content.clear(),
        Some(Fault::UnknownValues) => reply.stop = Stop::Unknown,
        _ => {}
    }
    let thought = reply.thinking.as_deref().map_or(0, tokens);
    if let Some(most) = ask.max_tokens.filter(|most| tokens(&reply.content) + thought > *most) {
        let most = usize::try_from(most.saturating_sub(thought) * 4).unwrap_or(usize::MAX);
        reply.content = reply.content.chars().take(most).collect();
        reply.stop = Stop::Length;
    }
    reply.output_tokens = (tokens(&reply.content) + thought).max(1);
    reply
}

/// The scripted answer, a value of the schema, or a sentence.
fn content(ask: &Ask, turn: &Turn) -> String {
    match &turn.answer {
        Some(Value::String(text)) => return text.clone(),
        Some(answer) => return answer.to_string(),
        None => {}
    }
    let segments = material::segments(&ask.prompt);
    let spoilt = turn.fault == Some(Fault::WrongSchema);
    match &ask.schema {
        Some(schema) => {
            let value = answer::write(schema, &segments);
            if spoilt { answer::spoil(&value).to_string() } else { value.to_string() }
        }
        None if ask.any_json => json!({ "answer": "A plausible answer." }).to_string(),
        None => match segments.first() {
            Some(segment) => format!("The day began so: {}", segment.text),
            None => "A plausible answer.".to_owned(),
        },
    }
}

fn halve(text: &mut String) {
    text.truncate(text.floor_char_boundary(text.len() / 2));
}
