//! A recording as the API shows it.

use crate::domain::failure::JobError;
use crate::domain::ids::{JobId, RecordingId};
use crate::domain::options::JobOptions;
use crate::domain::recording::Recording;
use chrono::{DateTime, FixedOffset, SubsecRound, Utc};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RecordingView {
    pub id: RecordingId,
    /// What the recorder says it makes.
    pub media_type: String,
    /// The bytes that are kept for good: where the next piece begins.
    pub offset: u64,
    /// With the speaker's offset from UTC.
    pub recorded_at: DateTime<FixedOffset>,
    pub state: RecordingState,
    /// The job that it has become.
    pub job_id: Option<JobId>,
    /// What its job will be asked.
    pub options: JobOptions,
    /// Why it could not become a job when it was finished; its bytes are kept all the same.
    pub error: Option<JobError>,
    pub created_at: DateTime<Utc>,
    /// When bytes were kept last.
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RecordingState {
    Open,
    Finished,
}

impl From<Recording> for RecordingView {
    fn from(recording: Recording) -> Self {
        let open = recording.job.is_none();
        Self {
            id: recording.id,
            media_type: recording.media_type,
            offset: recording.offset,
            recorded_at: recording.recorded_at,
            state: if open { RecordingState::Open } else { RecordingState::Finished },
            job_id: recording.job,
            options: recording.options,
            error: recording.refusal,
            // As the store keeps them.
            created_at: recording.created_at.trunc_subsecs(3),
            updated_at: recording.updated_at.trunc_subsecs(3),
        }
    }
}
