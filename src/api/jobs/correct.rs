//! `PUT /v1/jobs/{id}/transcript`: a person's corrections become its next version.

use super::transcript::TranscriptView;
use crate::api::caller::Caller;
use crate::api::input::{JsonBody, Path};
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::edits::Edit;
use crate::domain::ids::JobId;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The version that was corrected; it has to be the newest.
    pub base_version: u32,
    /// The segments that changed; all others stay as they are.
    pub segments: Vec<Edit>,
}

/// Correct the transcript.
///
/// What Whisper heard stays as version 0. Equal words keep their times, new ones take those of the words that they
/// replace, and a search finds the corrected text. Where nothing changes there is no new version.
#[utoipa::path(put, path = "/v1/jobs/{id}/transcript", tag = "jobs",
    params(("id" = JobId, Path, description = "The job")), request_body = Correction,
    responses((status = 200, body = TranscriptView, description = "The newest version"),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job"),
        (status = 409, body = ProblemView, content_type = "application/problem+json",
            description = "Not complete yet, or somebody else has corrected it meanwhile"),
        (status = 422, body = ProblemView, content_type = "application/problem+json",
            description = "A segment that is not there, or a text that cannot be used")))]
pub async fn correct_transcript(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
    JsonBody(correction): JsonBody<Correction>,
) -> Result<Json<TranscriptView>, Problem> {
    let Correction { base_version, segments } = correction;
    let revised = api.engine.correct(&caller.tenant, id, base_version, &segments).await?;
    Ok(Json(revised.into()))
}
