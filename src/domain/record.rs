//! The journal of a job: what happened, numbered without a gap, as every listener is told it.

use super::ids::JobId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One entry of the journal; its `seq` is the SSE event id.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct JobEvent {
    /// 1, 2, 3, … of this job.
    pub seq: i64,
    pub at: chrono::DateTime<chrono::Utc>,
    pub kind: EventKind,
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
}

/// An event among those of all jobs.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedEvent {
    /// Grows from event to event over all jobs of a tenant; removed jobs leave gaps.
    pub position: i64,
    pub job: JobId,
    pub event: JobEvent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EventKind {
    State,
    Progress,
    Segment,
    Note,
    /// A stretch of the recording that could not be heard.
    Gap,
    /// A call of a language model has ended; what it used, and what that costs.
    Cost,
}

impl EventKind {
    pub const ALL: [Self; 6] =
        [Self::State, Self::Progress, Self::Segment, Self::Note, Self::Gap, Self::Cost];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Progress => "progress",
            Self::Segment => "segment",
            Self::Note => "note",
            Self::Gap => "gap",
            Self::Cost => "cost",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}
