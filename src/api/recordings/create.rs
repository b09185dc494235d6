//! `POST /v1/recordings`: begins a recording, before its first byte is there.

use super::view::RecordingView;
use crate::actors::engine::{Beginning, EngineError};
use crate::api::caller::Caller;
use crate::api::input::JsonBody;
use crate::api::jobs;
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use crate::domain::options::{Fault, JobOptions};
use crate::domain::recording::is_media_type;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, FixedOffset};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

const WORDS: &str = "word_timestamps";

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecording {
    /// What the recorder makes, such as `audio/webm;codecs=opus`: the `mimeType` of a MediaRecorder.
    media_type: String,
    /// When the speaking began, with the speaker's offset from UTC; now where absent.
    recorded_at: Option<DateTime<FixedOffset>>,
    /// What its job is asked. `word_timestamps` is true unless it is given.
    #[serde(default)]
    #[schema(value_type = Option<JobOptions>)]
    options: Map<String, Value>,
}

/// Begin a recording.
///
/// Its bytes follow piece by piece. It outlives this server and the sender: an open recording that gets no more pieces is
/// finished after a while as it is.
#[utoipa::path(post, path = "/v1/recordings", tag = "recordings", request_body = NewRecording,
    responses(
        (status = 201, body = RecordingView, description = "It is open", headers(("Location" = String))),
        (status = 400, body = ProblemView, content_type = "application/problem+json",
            description = "No JSON, or a media type that is neither sound nor film"),
        (status = 409, body = ProblemView, content_type = "application/problem+json", description = "Too many are open"),
        (status = 422, body = ProblemView, content_type = "application/problem+json", description = "Options that cannot be used"),
        (status = 507, body = ProblemView, content_type = "application/problem+json", description = "The disk is full")))]
pub async fn create_recording(
    State(api): State<Api>,
    caller: Caller,
    JsonBody(new): JsonBody<NewRecording>,
) -> Result<Response, Problem> {
    let beginning = read(caller, new)?;
    let begun = api.engine.begin_recording(beginning).await.map_err(in_options)?;
    let location = format!("/v1/recordings/{}", begun.id);
    let view = Json(RecordingView::from(begun));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], view).into_response())
}

fn read(caller: Caller, new: NewRecording) -> Result<Beginning, Problem> {
    let NewRecording { media_type, recorded_at, mut options } = new;
    if !is_media_type(&media_type) {
        let detail = "must be `audio/…` or `video/…`, such as `audio/webm;codecs=opus`";
        return Err(Problem::new(&kinds::BAD_REQUEST, "the recording cannot be begun")
            .error("/media_type", detail));
    }
    // Whoever records wants to hear it again, word by word.
    options.entry(WORDS).or_insert(Value::Bool(true));
    let options = jobs::read_options(options).map_err(below_options)?;
    Ok(Beginning { tenant: caller.tenant, media_type, recorded_at, options })
}

fn in_options(error: EngineError) -> Problem {
    below_options(error.into())
}

/// The options are a part of this body: so are the places of their faults.
fn below_options(problem: Problem) -> Problem {
    let below = |fault: Fault| Fault { pointer: format!("/options{}", fault.pointer), ..fault };
    let errors = problem.errors.iter().cloned().map(below).collect();
    problem.errors(errors)
}
