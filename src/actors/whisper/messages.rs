//! What can be asked of the whisper pool, and what its devices report.

use crate::actors::supervise::Reply;
use crate::domain::dispatch::Lane;
use crate::domain::failure::Failure;
use crate::domain::ids::JobId;
use crate::domain::job::ChunkRange;
use crate::domain::options;
use crate::providers::whisper::protocol::ChunkText;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum PoolMsg {
    /// A job will need this model soon.
    Warm(Weights),
    Do(Task),
    /// The job needs no more answers: whatever waits or runs for it ends now.
    Abort(JobId),
    /// The node ends: what waits for the job is given back, what runs for it goes on to its end.
    Withdraw(JobId),
    /// More, or fewer, may be heard at once.
    Resized,
    Finished {
        id: u64,
        outcome: Outcome,
    },
}

/// A model file, known by its content: another file in the same place is another model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    pub path: PathBuf,
    pub sha256: String,
}

/// One piece of listening, and who waits for it.
pub struct Task {
    pub job: JobId,
    pub lane: Lane,
    pub model: Weights,
    pub sound: Sound,
    pub what: What,
    /// A worker died over it before: it runs alone, so that it cannot take others with it.
    pub suspect: bool,
    pub reply: Reply<Outcome>,
}

#[derive(Debug, Clone)]
pub struct Sound {
    pub pcm: PathBuf,
    pub range: ChunkRange,
}

#[derive(Debug, Clone)]
pub enum What {
    Transcribe {
        language: String,
        task: options::Task,
        word_timestamps: bool,
        prompt: Option<String>,
        temperature: options::Temperature,
        tokens: bool,
    },
    /// Tells the language, of these where there are any.
    Detect { among: Vec<String> },
}

/// What has been heard of a chunk so far. It is for those who watch, and kept nowhere.
#[derive(Clone)]
pub struct Partial {
    pub job: JobId,
    pub range: ChunkRange,
    pub text: Arc<str>,
}

/// How a piece of listening ended.
#[derive(Debug)]
pub enum Outcome {
    Heard(Heard),
    /// The worker process died while it worked on this; maybe because of it.
    Died,
    Failed(Failure),
}

#[derive(Debug)]
pub enum Heard {
    Text(ChunkText),
    Language { code: String, cpu_ms: u64 },
}
