//! The text of a call as it comes: a delta for each segment, joined exactly the text that ends the stream.

use super::answer::{LanguageView, LogprobView, UsageView, languages, logprobs, usage_in_tokens};
use super::call::Call;
use super::refusal::Refusal;
use crate::domain::record::{EventKind, JobEvent};
use crate::domain::transcript::Segment;
use async_stream::stream;
use axum::response::sse::{Event, KeepAlive};
use axum::response::{IntoResponse, Response, Sse};
use serde::Serialize;
use std::convert::Infallible;

#[derive(Serialize)]
#[serde(tag = "type")]
enum Said {
    #[serde(rename = "transcript.text.delta")]
    Delta {
        delta: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        logprobs: Option<Vec<LogprobView>>,
    },
    #[serde(rename = "transcript.text.done")]
    Done {
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        languages: Option<Vec<LanguageView>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        logprobs: Option<Vec<LogprobView>>,
        usage: UsageView,
    },
}

/// Ends with `[DONE]`, where both SDKs stop reading. The call, and with it the job's right to live, belongs
/// to the stream: when its reader goes away, so does the call.
pub fn stream(mut call: Call) -> Response {
    let keep_alive = KeepAlive::new().interval(call.api().engine.config().server.sse_keep_alive());
    let events = stream! {
        let mut heard: Vec<Segment> = Vec::new();
        let mut text = String::new();
        let ended = loop {
            match call.next().await {
                Ok(Some(page)) => {
                    for segment in page.iter().filter_map(segment) {
                        let said = delta(&call, segment.clone(), &text);
                        if let Said::Delta { delta, .. } = &said {
                            text.push_str(delta);
                        }
                        heard.push(segment);
                        yield Ok::<Event, Infallible>(event(&said));
                    }
                }
                Ok(None) => break call.outcome().await,
                Err(refusal) => break Err(refusal),
            }
        };
        match ended {
            Ok(job) => {
                let logprobs = call.wish.logprobs.then(|| logprobs(&heard, true));
                let languages = languages(&call.wish, &heard);
                let usage = usage_in_tokens(&job, &heard);
                yield Ok(event(&Said::Done { text, languages, logprobs, usage }));
                yield Ok(Event::default().data("[DONE]"));
            }
            Err(refusal) => yield Ok(failure(&refusal)),
        }
    };
    Sse::new(events).keep_alive(keep_alive).into_response()
}

fn segment(event: &JobEvent) -> Option<Segment> {
    let is_segment = event.kind == EventKind::Segment;
    is_segment.then(|| serde_json::from_value(event.data.clone()).ok()).flatten()
}

/// A segment as the text has it: behind one space, unless it is the first.
fn delta(call: &Call, segment: Segment, before: &str) -> Said {
    let first = before.is_empty();
    let space = if first { "" } else { " " };
    let delta = format!("{space}{}", segment.text.trim());
    let logprobs = call.wish.logprobs.then(|| logprobs(&[segment], first));
    Said::Delta { delta, logprobs }
}

fn event(said: &Said) -> Event {
    Event::default().data(serde_json::to_string(said).unwrap_or_default())
}

/// An error in a stream is what both SDKs raise.
fn failure(refusal: &Refusal) -> Event {
    Event::default().data(serde_json::to_string(&refusal.view()).unwrap_or_default())
}
