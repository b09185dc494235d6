//! Who runs, when, and what happens after a failure: the supervised engine behind every door.
//! It never speaks HTTP and writes no SQL; the outside world it reaches through the providers.
//! Start reading at [`engine::Engine`], the handle of the doors; then at [`jobs::job`], the life of one job.

pub mod cluster;
pub mod engine;
pub mod ingest;
pub mod janitor;
pub mod jobs;
pub mod llm;
pub mod pulls;
mod root;
pub mod supervise;
pub mod whisper;
pub mod writer;
