//! `GET /v1/jobs/{id}/transcript/versions`: when a transcript was corrected, and how much of it.

use super::find;
use super::transcript::not_ready;
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::ids::JobId;
use crate::store::{revisions, transcripts};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionList {
    /// Oldest first.
    pub items: Vec<VersionItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VersionItem {
    pub version: u32,
    pub created_at: DateTime<Utc>,
    pub source: VersionSource,
    /// Segments that it changed in the version before; of the first one, all that there are.
    pub changed_segments: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum VersionSource {
    Whisper,
    Edit,
}

/// List the versions of the transcript.
#[utoipa::path(get, path = "/v1/jobs/{id}/transcript/versions", tag = "jobs",
    params(("id" = JobId, Path, description = "The job")),
    responses((status = 200, body = VersionList),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job"),
        (status = 409, body = ProblemView, content_type = "application/problem+json", description = "Not complete yet")))]
pub async fn list_versions(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Json<VersionList>, Problem> {
    let job = find(&api, &caller, id).await?;
    if !job.state.has_whole_text() {
        return Err(not_ready(&job));
    }
    let heard = transcripts::heard(api.engine.store(), &job).await?;
    let first = VersionItem {
        version: 0,
        created_at: job.finished_at.unwrap_or(job.created_at),
        source: VersionSource::Whisper,
        changed_segments: heard.segments.len(),
    };
    let revisions = revisions::list(api.engine.store(), &job).await?;
    let edits = revisions.into_iter().map(|revision| VersionItem {
        version: revision.version,
        created_at: revision.created_at,
        source: VersionSource::Edit,
        changed_segments: revision.edits.len(),
    });
    Ok(Json(VersionList { items: std::iter::once(first).chain(edits).collect() }))
}
