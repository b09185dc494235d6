//! The pure heart: ids, jobs, the job state machine, transcripts and notes, as values.
//! It never reads a clock, a file or a socket, and knows neither SQL nor HTTP nor actors.
//! Start reading at [`job_state`], the life of a job.

pub mod amendment;
pub mod captions;
pub mod digest;
pub mod dispatch;
pub mod edits;
pub mod failure;
pub mod ids;
pub mod job;
pub mod job_state;
pub mod llm;
pub mod note;
pub mod options;
pub mod record;
pub mod recording;
pub mod rerun;
pub mod retry;
pub mod search;
pub mod transcript;

/// A moment in UTC; the engine's clock gives it, the domain only compares it.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
