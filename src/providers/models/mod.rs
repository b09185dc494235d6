//! Finds, fetches, converts and keeps the Whisper models that the workers load.
//!
//! It never runs a model or code that came with one, and never counts a file as installed before
//! its manifest stands beside it. Start reading in `library/`, then in `pull/` and `import/`, which
//! say how a model gets there.

mod archive;
pub mod catalog;
mod convert;
mod ct2;
mod download;
pub mod error;
mod fingerprint;
mod ggml;
#[cfg(test)]
mod hub_double;
pub mod import;
mod layout;
pub mod library;
mod mel;
mod packages;
pub mod pull;
mod q8_0;
mod quantization;
pub mod recommend;
mod scan;
#[cfg(test)]
mod synthetic;
mod vocabulary;

pub use catalog::{Catalog, ModelEntry};
pub use error::ModelError;
pub use import::import;
pub use library::{Installed, Library};
pub use pull::{PullEvent, pull};
pub use quantization::{Quantization, Quantize};
