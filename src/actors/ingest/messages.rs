//! What can be asked of ingest, and what its decoders report.

use crate::actors::supervise::Reply;
use crate::domain::failure::Failure;
use crate::domain::ids::JobId;
use crate::providers::audio::decode::DecodeReport;
use crate::providers::audio::error::AudioError;
use crate::providers::audio::worker::DecodeRequest;
use std::time::Duration;

#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum IngestMsg {
    /// Look at a file, or decode it.
    Decode(Asked),
    /// The job needs its sound no more: whatever runs for it ends now.
    Abort(JobId),
    /// More, or fewer, may be decoded at once.
    Resized,
    Finished(Ticket, Result<DecodeReport, AudioError>),
}

/// One piece of decoding, and who waits for it.
pub struct Asked {
    /// `None` for the look at an upload that is no job yet.
    pub job: Option<JobId>,
    pub request: DecodeRequest,
    pub timeout: Duration,
    pub reply: Reply<Answer>,
}

pub type Answer = Result<DecodeReport, Failure>;

/// Numbers the pieces of decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);
