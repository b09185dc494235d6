//! A stage as the API shows it.

use crate::domain::job_state::Stage;
use crate::store::stages::Standing;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct StagesView {
    /// In the order of a job's life.
    pub items: Vec<StageView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StageView {
    pub stage: Stage,
    /// Since when nothing new begins there; `null` where it is not paused.
    pub paused_at: Option<DateTime<Utc>>,
    /// Jobs that wait for their turn there.
    pub waiting: i64,
    pub running: i64,
}

impl From<Vec<Standing>> for StagesView {
    fn from(standing: Vec<Standing>) -> Self {
        let view = |Standing { stage, paused_at, waiting, running }| StageView {
            stage,
            paused_at,
            waiting,
            running,
        };
        Self { items: standing.into_iter().map(view).collect() }
    }
}
