//! Every way the engine can refuse what a door asks of it.

use crate::domain::failure::Failure;
use crate::domain::ids::{JobId, RecordingId};
use crate::domain::options::Fault;
use crate::providers::models::ModelError;
use crate::providers::storage::UploadError;
use crate::store::StoreError;
use std::io;

#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the engine cannot start: {reason}")]
    Start { reason: String },
    #[error("the options cannot be used")]
    Options { faults: Vec<Fault> },
    #[error("the model {name} is not installed on this server")]
    ModelMissing { name: String },
    #[error("cannot look for the model {name}")]
    Models { name: String, source: ModelError },
    /// The look at the upload says that it is no recording that can be used.
    #[error("{}", .0.message)]
    Recording(Failure),
    #[error("this idempotency key was used for another upload")]
    KeyReused,
    #[error("there is no recording {recording}")]
    UnknownRecording { recording: RecordingId },
    #[error("the recording has {offset} bytes, and the next piece begins there")]
    WrongOffset { offset: u64 },
    #[error("recording {recording} is finished: it is job {job}")]
    RecordingFinished { recording: RecordingId, job: JobId },
    #[error("{most} recordings are open, and no more may be")]
    TooManyRecordings { most: u32 },
    #[error("the piece was given up: it stalled, or was sent again meanwhile")]
    PieceGivenUp,
    #[error("the piece broke off before its end")]
    PieceBroken,
    #[error("there is no job {job}")]
    UnknownJob { job: JobId },
    #[error("job {job} is {status}")]
    WrongState { job: JobId, status: &'static str },
    #[error("the transcript of job {job} is not complete: the job is {status}")]
    NotTranscribed { job: JobId, status: &'static str },
    #[error("the transcript of job {job} stands at version {newest}, not {base}")]
    VersionConflict { job: JobId, base: u32, newest: u32 },
    #[error("the corrections cannot be used")]
    Edits { faults: Vec<Fault> },
    #[error("{reason}")]
    UnknownModel { reason: String },
    #[error("a pool lets 1 to {most} work at once")]
    PoolSize { most: usize },
    #[error("there is no actor {path}")]
    UnknownActor { path: String },
    #[error("{reason}")]
    NotRestarted { reason: String },
    #[error("this node takes no work any more")]
    NotTaking,
    #[error("{most} jobs wait already, and no more are taken")]
    QueueFull { most: i64 },
    #[error("{most} of your jobs wait already, and no more are taken")]
    TooManyJobs { most: i64 },
    #[error("the engine is too busy to look at the upload")]
    Busy,
    #[error("cannot take the upload")]
    Upload {
        #[from]
        source: UploadError,
    },
    #[error("the recording of job {job} is not in the data folder")]
    RecordingMissing { job: JobId, source: io::Error },
    #[error("cannot keep the recording in the data folder")]
    Keep { source: io::Error },
    #[error("the database did not do its part")]
    Store {
        #[from]
        source: StoreError,
    },
}
