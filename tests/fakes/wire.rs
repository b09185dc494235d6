//! What the four wire formats share: a request once it is understood, and an answer before it is written down.

use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whose API a call speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    Openai,
    Anthropic,
    Mistral,
    Local,
}

/// One API, as its public documentation and its official SDK describe it.
pub trait Wire: Sync {
    /// Whether the caller showed what the provider asks for.
    fn admit(&self, headers: &HeaderMap) -> Result<(), Refusal>;
    /// Understands a request, or refuses it with the provider's own words.
    fn read(&self, body: &Value) -> Result<Ask, Refusal>;
    /// The answer as one JSON body.
    fn whole(&self, ask: &Ask, reply: &Reply) -> Value;
    /// The answer as server-sent events.
    fn stream(&self, ask: &Ask, reply: &Reply) -> Vec<Event>;
    fn refuse(&self, trouble: Trouble, model: &str) -> Refusal;
    /// What a stream that has begun says when the provider gives up on it.
    fn broken_stream(&self) -> Event;
    /// The headers of every answer. `spent`: the limits are used up.
    fn headers(&self, spent: bool) -> Vec<(&'static str, String)>;
    /// Tokens that fit into a model.
    fn context(&self) -> u64;
}

/// A valid request.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    pub model: String,
    pub stream: bool,
    /// Whether a stream is to tell its usage; some providers do so unasked.
    pub include_usage: bool,
    /// The JSON schema that the answer has to follow.
    pub schema: Option<Value>,
    /// Any JSON object will do.
    pub any_json: bool,
    /// The answer is to be the input of this tool.
    pub tool: Option<String>,
    pub prompt: String,
    pub max_tokens: Option<u64>,
}

/// What the model said, and how it ended.
#[derive(Clone, Debug)]
pub struct Reply {
    pub id: String,
    pub created: i64,
    pub content: String,
    pub thinking: Option<String>,
    pub stop: Stop,
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub usage: bool,
    /// Without any choice or block of content.
    pub empty: bool,
    /// With values, fields and events that no documentation names.
    pub strange: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    End,
    Length,
    Refused,
    Filtered,
    Unknown,
}

/// Why a provider does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    NotJson,
    Unauthorized,
    Forbidden,
    UnknownPath,
    UnknownModel,
    ContextLength,
    RateLimited,
    QuotaSpent,
    Overloaded,
    ServerError,
    Unavailable,
}

/// An error answer.
#[derive(Debug)]
pub struct Refusal {
    pub status: StatusCode,
    pub headers: Vec<(&'static str, String)>,
    pub body: Value,
}

impl Refusal {
    pub fn new(status: StatusCode, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }
}

/// One server-sent event.
#[derive(Clone, Debug)]
pub struct Event {
    pub name: Option<&'static str>,
    pub data: String,
}

impl Event {
    pub fn data(data: impl ToString) -> Self {
        Self { name: None, data: data.to_string() }
    }

    pub fn named(name: &'static str, data: impl ToString) -> Self {
        Self { name: Some(name), data: data.to_string() }
    }

    /// As a server writes it.
    pub fn frame(&self) -> String {
        let name = self.name.map(|name| format!("event: {name}\n")).unwrap_or_default();
        format!("{name}data: {}\n\n", self.data)
    }

    /// The same event in the rarest form that the standard allows: comments, CRLF, no blank after
    /// the colon, fields in another order, and data on two lines.
    pub fn odd_frame(&self) -> String {
        let name = self.name.map(|name| format!("event:{name}\r\n")).unwrap_or_default();
        let data = match self.data.strip_prefix('{') {
            Some(rest) => format!("data:{{\r\ndata:{rest}"),
            None => format!("data:{}", self.data),
        };
        format!(": keep-alive\r\n\r\nretry:3000\r\n{data}\r\n{name}\r\n")
    }
}

/// Four characters a token, rounded up: deterministic, and near enough to be plausible.
pub fn tokens(text: &str) -> u64 {
    (text.chars().count() as u64).div_ceil(4)
}

/// A text in the small pieces that a model says it in; their borders fall anywhere.
pub fn pieces(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let lengths = [3, 7, 5, 11].into_iter().cycle();
    let (mut at, mut pieces) = (0, Vec::new());
    for length in lengths {
        if at >= chars.len() {
            break;
        }
        let end = (at + length).min(chars.len());
        pieces.push(chars[at..end].iter().collect());
        at = end;
    }
    pieces
}

/// The token that a request shows as `Authorization: Bearer …`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("authorization")?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(str::trim).filter(|key| !key.is_empty())
}

/// Keys are not kept here: one that says so is wrong, any other is right.
pub fn is_wrong(key: &str) -> bool {
    key.contains("wrong")
}

/// Letters and digits for an id.
pub fn token(length: usize) -> String {
    std::iter::repeat_with(fastrand::alphanumeric).take(length).collect()
}
