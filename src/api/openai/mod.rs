//! The door for OpenAI's clients: their paths, their shapes, their errors; behind it, jobs like any other.
//! It never does what `/v1/jobs` could not do, and knows nothing of SDKs beyond what they send and expect.
//! Start reading at `transcribe`; `wish` says what a form may ask for, `call` how a job follows its caller.

mod answer;
mod call;
mod form;
mod list_models;
mod refusal;
mod show_model;
mod stream;
mod transcribe;
mod translate;
mod wish;

pub use call::Calls;
pub use list_models::*;
pub use refusal::{RefusalView, owns, render};
pub use show_model::*;
pub use transcribe::transcriptions_route;
pub use translate::translations_route;
