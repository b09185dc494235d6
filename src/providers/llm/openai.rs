//! OpenAI, through the `async-openai` client with our own lenient types, and without the retries it would make by itself.

use super::ask::{Answer, Ask, Broken, Told};
use super::chat;
use super::door::{Door, call_name};
use super::error::LlmError;
use super::stream::{Bits, hear_out};
use super::{Provider, stream::Bit};
use crate::config::ProviderConfig;
use crate::domain::llm::ProviderId;
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use async_openai::traits::RequestOptionsBuilder;
use async_trait::async_trait;
use futures::{StreamExt, stream};
use serde_json::Value;
use tower::BoxError;

pub struct Openai {
    door: Door,
    client: Client<OpenAIConfig>,
}

impl Openai {
    pub fn new(config: &ProviderConfig, max_answer_bytes: usize) -> Result<Self, LlmError> {
        let door = Door::new(config, "v1", max_answer_bytes)?;
        let to = OpenAIConfig::new().with_api_base(&door.base_url).with_api_key(door.key.reveal());
        let out = door.clone();
        // In place of the client's own service, which would call again without asking.
        let service = tower::service_fn(move |request: HttpRequestFactory| {
            let door = out.clone();
            async move { once(&door, request).await.map_err(BoxError::from) }
        });
        let client = Client::build(door.client.clone(), to).with_http_service(service);
        Ok(Self { door, client })
    }

    async fn open(&self, ask: &Ask) -> Result<Bits, LlmError> {
        let body = chat::body_with_usage(ask, "max_completion_tokens");
        let name = call_name(&ask.key().hash);
        let named = self.client.chat().header("idempotency-key", name);
        let chat = named.map_err(meant)?;
        let events = chat.create_stream_byot::<_, Value>(body).await.map_err(meant)?;
        let door = self.door.clone();
        let bits = events.map(move |event| match event.map_err(meant) {
            Ok(event) => match chat::read(&event, &door) {
                Ok(bits) => bits.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            },
            Err(error) => vec![Err::<Bit, _>(error)],
        });
        Ok(bits.flat_map(stream::iter).boxed())
    }
}

#[async_trait]
impl Provider for Openai {
    fn id(&self) -> ProviderId {
        ProviderId::Openai
    }

    fn model(&self) -> &str {
        &self.door.model
    }

    async fn ask(&self, ask: &Ask, told: Told<'_>) -> Result<Answer, Broken> {
        hear_out(self.door.bounds, self.open(ask), told).await
    }
}

async fn once(door: &Door, request: HttpRequestFactory) -> Result<reqwest::Response, LlmError> {
    let request = request.build().await.map_err(meant)?;
    let response = door.client.execute(request).await.map_err(|error| door.unsent(error))?;
    door.admit(response).await
}

/// What our own service said comes back boxed; the rest is the client's reading of the stream.
fn meant(error: OpenAIError) -> LlmError {
    match error {
        OpenAIError::Boxed(inner) => match inner.downcast::<LlmError>() {
            Ok(error) => *error,
            Err(_) => LlmError::Cut,
        },
        OpenAIError::JSONDeserialize(..) => {
            LlmError::Malformed { reason: "an event of the stream is no JSON".to_owned() }
        }
        OpenAIError::Reqwest(error) if error.is_builder() => {
            LlmError::SetUp { source: error.without_url() }
        }
        OpenAIError::Reqwest(_) | OpenAIError::StreamError(_) => LlmError::Cut,
        OpenAIError::ApiError(error) => LlmError::Server { status: error.status_code.as_u16() },
        OpenAIError::InvalidArgument(_)
        | OpenAIError::FileSaveError(_)
        | OpenAIError::FileReadError(_) => {
            LlmError::Malformed { reason: "the client refused the request".to_owned() }
        }
    }
}
