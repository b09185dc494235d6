//! Turns a transcript into a diary note, with a language model or without one.
//! It never reads a file, a clock or the store, and decides nothing about a job: what it needs comes in as arguments.
//! Start at [`Provider`], the port; [`course`] decides whom to ask next; [`extractive::compose`] is the floor.

mod anthropic;
mod ask;
mod chat;
pub mod course;
mod denial;
mod door;
mod draft;
mod error;
pub mod extractive;
mod local;
mod mistral;
mod openai;
mod patience;
mod price;
mod prompt;
mod schema;
mod sse;
mod staff;
mod stream;
mod weave;

#[cfg(test)]
mod samples;

pub use ask::{Answer, Ask, Broken, Told, Turn};
pub use error::LlmError;
pub use price::{PriceError, PriceList};
pub use prompt::template;
pub use staff::Staff;

use crate::domain::llm::ProviderId;
use async_trait::async_trait;

/// Whoever can be asked for one structured answer.
///
/// A provider tries once, within its own timeouts, and keeps nothing between calls. Whether to ask again, whom to ask
/// instead, what it may cost and whether the answer is already known is decided by those who hold it.
#[async_trait]
pub trait Provider: Send + Sync {
    fn id(&self) -> ProviderId;

    fn model(&self) -> &str;

    /// Asks, and hears the answer out; `told` gets each piece of it as it comes.
    async fn ask(&self, ask: &Ask, told: Told<'_>) -> Result<Answer, Broken>;
}
