//! The way out: one HTTP client a provider, without retries, redirects or anything else that calls twice.

use super::denial::Denied;
use super::error::LlmError;
use super::sse::Reader;
use super::stream::{Bit, Bits, Bounds};
use crate::config::{ProviderConfig, Secret};
use crate::domain::digest::hex;
use futures::{StreamExt, stream};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// An error's body is read this far, and no further.
const BODY_BYTES_MAX: usize = 64 * 1024;

#[derive(Clone)]
pub struct Door {
    pub client: Client,
    pub base_url: String,
    pub model: String,
    pub key: Secret,
    pub bounds: Bounds,
    connect: Duration,
}

/// What an event of the stream means, in the words of one wire format.
pub type Reading = fn(&Value, &Door) -> Result<Vec<Bit>, LlmError>;

impl Door {
    pub fn new(
        config: &ProviderConfig,
        version: &str,
        max_answer_bytes: usize,
    ) -> Result<Self, LlmError> {
        let mut client = Client::builder()
            .connect_timeout(config.connect_timeout())
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("diarist/", env!("CARGO_PKG_VERSION")));
        if config.is_loopback() {
            // What is meant for this machine does not leave it through a proxy.
            client = client.no_proxy();
        }
        let client = client.build().map_err(|source| LlmError::SetUp { source })?;
        Ok(Self {
            client,
            base_url: with_version(&config.base_url, version),
            model: config.model.clone(),
            key: config.api_key.clone(),
            bounds: Bounds {
                first_token: config.first_token_timeout(),
                total: config.timeout.0,
                max_bytes: max_answer_bytes,
            },
            connect: config.connect_timeout(),
        })
    }

    /// The headers of every call: who asks, and which call this is, for whoever remembers calls on the way.
    pub fn headers(&self, key_header: &'static str, prefix: &str, call: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let key = self.key.reveal();
        if !key.is_empty()
            && let Ok(mut value) = HeaderValue::from_str(&format!("{prefix}{key}"))
        {
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(key_header), value);
        }
        if let Ok(value) = HeaderValue::from_str(call) {
            headers.insert(HeaderName::from_static("idempotency-key"), value);
        }
        headers
    }

    /// Sends one request, and reads its events by the given wire format.
    pub async fn open(
        &self,
        path: &str,
        headers: HeaderMap,
        body: &Value,
        reading: Reading,
    ) -> Result<Bits, LlmError> {
        let url = format!("{}/{path}", self.base_url);
        let sent = self.client.post(url).headers(headers).json(body).send().await;
        let response = self.admit(sent.map_err(|error| self.unsent(error))?).await?;
        let mut bytes = response.bytes_stream();
        let mut reader = Some(Reader::default());
        let events = async_stream::stream! {
            while let Some(piece) = bytes.next().await {
                // Whatever breaks from here on, an answer was under way.
                let piece = piece.map_err(|_| LlmError::Cut);
                let took = piece.and_then(|piece| match &mut reader {
                    Some(reader) => reader.take(&piece).map_err(|_| LlmError::Truncated),
                    None => Ok(Vec::new()),
                });
                yield took;
            }
            yield Ok(reader.take().and_then(Reader::end).into_iter().collect());
        };
        let door = self.clone();
        let bits = events.map(move |took| match took {
            Ok(events) => read(&events, reading, &door),
            Err(error) => vec![Err(error)],
        });
        Ok(bits.flat_map(stream::iter).boxed())
    }

    /// An answer that is none becomes an error with a meaning.
    pub async fn admit(&self, response: Response) -> Result<Response, LlmError> {
        if response.status().is_success() {
            return Ok(response);
        }
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        let mut pieces = response.bytes_stream();
        while let Some(Ok(piece)) = pieces.next().await {
            body.extend_from_slice(&piece);
            if body.len() > BODY_BYTES_MAX {
                break;
            }
        }
        let denied = Denied {
            status,
            headers: &headers,
            body: &body,
            model: &self.model,
            key: self.key.reveal(),
        };
        Err(denied.to_error())
    }

    /// A request that never got an answer.
    pub fn unsent(&self, error: reqwest::Error) -> LlmError {
        let source = error.without_url();
        match (source.is_connect(), source.is_timeout()) {
            (true, true) => LlmError::ConnectTimeout { within: self.connect },
            (true, false) => LlmError::Unreachable { source },
            // The connection stood: the request may have been read.
            (false, _) => LlmError::Cut,
        }
    }
}

/// One call by one name, however often it is sent.
pub fn call_name(hash: &str) -> String {
    format!("diarist-{}", hex(&Sha256::digest(hash)))
}

fn read(events: &[String], reading: Reading, door: &Door) -> Vec<Result<Bit, LlmError>> {
    let mut bits = Vec::new();
    for event in events.iter().filter(|event| event.as_str() != "[DONE]") {
        let said = serde_json::from_str(event)
            .map_err(|_| LlmError::Malformed { reason: "an event of the stream is no JSON".into() })
            .and_then(|event| reading(&event, door));
        match said {
            Ok(said) => bits.extend(said.into_iter().map(Ok)),
            Err(error) => bits.push(Err(error)),
        }
    }
    bits
}

/// People give the address with or without the version of the API; both mean the same.
fn with_version(base_url: &str, version: &str) -> String {
    let base = base_url.trim_end_matches('/');
    let path = base.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    match path {
        Some((_, path)) if path.split('/').any(|part| part == version) => base.to_owned(),
        _ => format!("{base}/{version}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_means_the_same_with_and_without_its_version() {
        for given in ["http://h:1", "http://h:1/", "http://h:1/v1", "http://h:1/v1/"] {
            assert_eq!(with_version(given, "v1"), "http://h:1/v1");
        }
        assert_eq!(with_version("https://h/proxy", "v1"), "https://h/proxy/v1");
        assert_eq!(with_version("https://h/openai/v1", "v1"), "https://h/openai/v1");
    }
}
