//! `GET /v1/jobs/{id}/note`: the diary note, once it is composed.

use super::find;
use crate::api::caller::Caller;
use crate::api::input::{Path, Query};
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::domain::note::{Note, markdown};
use crate::store::notes;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

const MARKDOWN: &str = "text/markdown; charset=utf-8";

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoteFormat {
    #[default]
    Json,
    Markdown,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct NoteQuery {
    #[param(inline, default = "json")]
    pub format: NoteFormat,
}

/// Take the note.
#[utoipa::path(get, path = "/v1/jobs/{id}/note", tag = "jobs",
    params(("id" = JobId, Path, description = "The job"), NoteQuery),
    responses(
        (status = 200, description = "In the format that was asked for", content(
            (Note = "application/json"), (String = "text/markdown"))),
        (status = 404, body = ProblemView, content_type = "application/problem+json",
            description = "No such job, or it was not asked for a note"),
        (status = 409, body = ProblemView, content_type = "application/problem+json", description = "Not composed yet")))]
pub async fn show_note(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
    Query(query): Query<NoteQuery>,
) -> Result<Response, Problem> {
    let job = find(&api, &caller, id).await?;
    let note = notes::get(api.engine.store(), &caller.tenant, id).await?;
    let note = note.ok_or_else(|| missing(&job))?;
    Ok(match query.format {
        NoteFormat::Json => Json(note).into_response(),
        NoteFormat::Markdown => {
            ([(header::CONTENT_TYPE, MARKDOWN)], markdown::render(&note)).into_response()
        }
    })
}

fn missing(job: &Job) -> Problem {
    if !job.options.note {
        return Problem::new(&kinds::NO_NOTE, "the job was sent with `note: false`")
            .hint("its transcript may be what you want; or send the recording again");
    }
    let detail = format!("there is no note yet: the job is {}", job.state.status());
    let problem = Problem::new(&kinds::NOTE_NOT_READY, detail);
    match job.error() {
        Some(error) => problem.hint(error.message),
        None if job.state.is_over() => problem.hint("retry the job"),
        None => problem.hint("follow its events; the note is there when the job is done"),
    }
}
