//! `GET /v1/jobs/{id}/transcript`: what was said, once all of it is known, in any of its versions.

use super::find;
use crate::api::caller::Caller;
use crate::api::input::{Path, Query};
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use crate::domain::captions;
use crate::domain::edits::Revised;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::domain::transcript::Transcript;
use crate::store::transcripts;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TranscriptFormat {
    #[default]
    Json,
    Text,
    Srt,
    Vtt,
    Tsv,
    Md,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct TranscriptQuery {
    #[param(inline, default = "json")]
    pub format: TranscriptFormat,
    /// 0 for the text as Whisper heard it; the newest where absent.
    pub version: Option<u32>,
}

/// A transcript in one of its versions.
#[derive(Debug, Serialize, ToSchema)]
pub struct TranscriptView {
    /// 0 as Whisper heard it; each correction is one more.
    pub version: u32,
    /// Whether any of it differs from what Whisper heard.
    pub edited: bool,
    #[serde(flatten)]
    pub transcript: Transcript,
}

impl From<Revised> for TranscriptView {
    fn from(Revised { version, edited, transcript }: Revised) -> Self {
        Self { version, edited, transcript }
    }
}

/// Take the transcript.
///
/// Also of a job whose note failed: its text is complete all the same.
#[utoipa::path(get, path = "/v1/jobs/{id}/transcript", tag = "jobs",
    params(("id" = JobId, Path, description = "The job"), TranscriptQuery),
    responses(
        (status = 200, description = "In the format that was asked for", content(
            (TranscriptView = "application/json"), (String = "text/plain"),
            (String = "application/x-subrip"), (String = "text/vtt"),
            (String = "text/tab-separated-values"), (String = "text/markdown"))),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job, or no such version"),
        (status = 409, body = ProblemView, content_type = "application/problem+json", description = "Not complete yet")))]
pub async fn show_transcript(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
    Query(query): Query<TranscriptQuery>,
) -> Result<Response, Problem> {
    let job = find(&api, &caller, id).await?;
    if !job.state.has_whole_text() {
        return Err(not_ready(&job));
    }
    let found = transcripts::version(api.engine.store(), &job, query.version).await?;
    let revised = found.ok_or_else(|| {
        let detail = format!("the transcript has no version {}", query.version.unwrap_or_default());
        Problem::new(&kinds::UNKNOWN_VERSION, detail).hint("…/transcript/versions lists them")
    })?;
    Ok(rendered(revised, query.format))
}

pub(super) fn not_ready(job: &Job) -> Problem {
    let detail = format!("the transcript is not complete: the job is {}", job.state.status());
    let problem = Problem::new(&kinds::TRANSCRIPT_NOT_READY, detail);
    match job.error() {
        Some(error) => problem.hint(error.message),
        None if job.state.is_over() => problem.hint("retry the job"),
        None => problem.hint("follow its events; it is complete when the job is done"),
    }
}

fn rendered(revised: Revised, format: TranscriptFormat) -> Response {
    let transcript = &revised.transcript;
    let (media_type, text) = match format {
        TranscriptFormat::Json => return Json(TranscriptView::from(revised)).into_response(),
        TranscriptFormat::Text => ("text/plain; charset=utf-8", captions::text(transcript)),
        TranscriptFormat::Srt => ("application/x-subrip; charset=utf-8", captions::srt(transcript)),
        TranscriptFormat::Vtt => ("text/vtt; charset=utf-8", captions::vtt(transcript)),
        TranscriptFormat::Tsv => {
            ("text/tab-separated-values; charset=utf-8", captions::tsv(transcript))
        }
        TranscriptFormat::Md => ("text/markdown; charset=utf-8", captions::markdown(transcript)),
    };
    ([(header::CONTENT_TYPE, media_type)], text).into_response()
}

#[cfg(test)]
mod tests {
    use crate::domain::failure::Failure;
    use crate::domain::job_state::{Cancelled, Failed, JobState, Stage, Work};

    #[test]
    fn a_text_is_given_when_it_is_complete_whatever_became_of_the_note() {
        let work = |stage| Work { stage, attempt: 1, wants_note: true };
        let failed = |stage| {
            JobState::Failed(Failed { work: work(stage), why: Failure::give_up("x", "x", "") })
        };
        let cancelled = |stage| JobState::Cancelled(Cancelled { work: work(stage) });
        for (state, complete) in [
            (JobState::new(true), false),
            (failed(Stage::Transcribe), false),
            (failed(Stage::Compose), true),
            (cancelled(Stage::Ingest), false),
            (cancelled(Stage::Compose), true),
            (JobState::Done, true),
        ] {
            assert_eq!(state.has_whole_text(), complete, "{state:?}");
        }
    }
}
