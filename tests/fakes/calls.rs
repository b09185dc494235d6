//! Remembers the calls that came, without their keys, and how each ended.

use super::wire::Provider;
use axum::http::HeaderMap;
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Clone, Default)]
pub struct Calls(Arc<Mutex<Vec<Call>>>);

struct Call {
    provider: Provider,
    headers: Value,
    body: Value,
    status: Option<u16>,
    outcome: Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Open,
    /// All that was to be sent was sent, faults included.
    Sent,
    /// The client went away before that.
    Left,
}

/// One call while it lasts; when it is dropped before `sent`, the client has left.
pub struct Ticket {
    calls: Calls,
    at: usize,
}

impl Calls {
    pub fn open(&self, provider: Provider, headers: &HeaderMap, body: &[u8]) -> Ticket {
        let text = || Value::from(String::from_utf8_lossy(body));
        let body = serde_json::from_slice(body).unwrap_or_else(|_| text());
        let outcome = Outcome::Open;
        let mut calls = self.lock();
        calls.push(Call { provider, headers: redacted(headers), body, status: None, outcome });
        Ticket { calls: self.clone(), at: calls.len() - 1 }
    }

    pub fn clear(&self) {
        self.lock().clear();
    }

    pub fn view(&self) -> Value {
        let calls = self.lock();
        let mut counts = Map::new();
        for call in calls.iter() {
            let count = counts.entry(json!(call.provider).as_str().unwrap_or_default());
            let count = count.or_insert(json!(0));
            *count = json!(count.as_u64().unwrap_or_default() + 1);
        }
        let view = |call: &Call| {
            let outcome = match call.outcome {
                Outcome::Open => "open",
                Outcome::Sent => "sent",
                Outcome::Left => "client_left",
            };
            json!({
                "provider": call.provider, "headers": call.headers, "body": call.body,
                "status": call.status, "outcome": outcome,
            })
        };
        let views: Vec<_> = calls.iter().map(view).collect();
        json!({ "count": views.len(), "counts": counts, "calls": views })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    pub fn answers(&self, status: u16) {
        self.change(|call| call.status = Some(status));
    }

    pub fn sent(&self) {
        self.change(|call| call.outcome = Outcome::Sent);
    }

    /// After a reset there is nothing to change.
    fn change(&self, change: impl FnOnce(&mut Call)) {
        if let Some(call) = self.calls.lock().get_mut(self.at) {
            change(call);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.change(|call| {
            if call.outcome == Outcome::Open {
                call.outcome = Outcome::Left;
            }
        });
    }
}

fn redacted(headers: &HeaderMap) -> Value {
    let secret = |name: &str| matches!(name, "authorization" | "x-api-key");
    let shown = |name: &str, value: &[u8]| match secret(name) {
        true => json!("redacted"),
        false => json!(String::from_utf8_lossy(value)),
    };
    let headers = headers
        .iter()
        .map(|(name, value)| (name.to_string(), shown(name.as_str(), value.as_bytes())));
    Value::Object(headers.collect())
}
