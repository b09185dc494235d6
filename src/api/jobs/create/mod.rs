//! `POST /v1/jobs`: takes a recording as a stream of bytes, never whole in memory, and makes it a job.

mod form;
mod options;

pub use form::{broken_off, file_name, text};
pub use options::read as read_options;

use super::view::JobView;
use crate::actors::engine::{Accepted, Submission, Uploaded};
use crate::api::caller::Caller;
use crate::api::input::Parted;
use crate::api::problem::{Problem, ProblemView, kinds, too_large};
use crate::api::router::Api;
use crate::clock;
use crate::domain::options::JobOptions;
use crate::telemetry::metrics::UPLOADED_BYTES;
use axum::Json;
use axum::extract::multipart::Field;
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, FixedOffset};
use form::{Form, Part};
use std::time::Duration;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the form may need beside the recording: its other parts, and what separates them.
const BESIDE_FILE_BYTES: u64 = 256 * 1024;
/// How long the rest of a refused upload is read: a sender that still sends would not see the answer.
pub const LINGER: Duration = Duration::from_secs(2);
const KEY_CHARS_MAX: usize = 255;

/// The form of an upload. The recording may be its first part or its last.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; it is read part by part")]
pub struct UploadForm {
    /// The recording: WAV, MP3, M4A, FLAC, OGG or Opus.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// As JSON.
    options: Option<JobOptions>,
    /// When the file was last written, with an offset; used where neither the recording nor its name says
    /// when it was spoken.
    last_modified: Option<DateTime<FixedOffset>>,
}

/// The engine enforces the size of an upload; axum's own limit is for bodies that are read at once.
pub fn create_route() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(create_job)).layer(DefaultBodyLimit::disable())
}

/// Hand in a recording.
///
/// It is looked at for a moment before the answer. The same upload again is answered with the job that it
/// already is, unless that one failed or was cancelled.
#[utoipa::path(post, path = "/v1/jobs", tag = "jobs",
    params(("Idempotency-Key" = Option<String>, Header,
        description = "1 to 255 visible ASCII characters; an upload repeated with its key is one job")),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 200, body = JobView, description = "The same upload is this job already"),
        (status = 202, body = JobView, description = "A new job", headers(("Location" = String))),
        (status = 400, body = ProblemView, content_type = "application/problem+json",
            description = "No form, or a file that is not audio, empty or damaged"),
        (status = 413, body = ProblemView, content_type = "application/problem+json", description = "Too large, or too long"),
        (status = 415, body = ProblemView, content_type = "application/problem+json",
            description = "A container or codec that is not supported"),
        (status = 422, body = ProblemView, content_type = "application/problem+json",
            description = "Options that cannot be used, or a key that was used for another upload"),
        (status = 429, body = ProblemView, content_type = "application/problem+json",
            description = "Too many of your jobs wait; `Retry-After` says when to come again"),
        (status = 503, body = ProblemView, content_type = "application/problem+json",
            description = "Busy; `Retry-After` says when to come again"),
        (status = 507, body = ProblemView, content_type = "application/problem+json", description = "The disk is full")))]
pub async fn create_job(
    State(api): State<Api>,
    caller: Caller,
    headers: HeaderMap,
    Parted(mut parts): Parted,
) -> Result<Response, Problem> {
    let idempotency_key = idempotency_key(&headers)?;
    let expected = check_length(&headers, api.engine.config().server.max_upload_bytes)?;
    let form = match read(&api, &caller, expected, &mut parts).await {
        Ok(form) => form,
        Err(problem) => {
            discard(&mut parts).await;
            return Err(problem);
        }
    };
    let bytes = form.file.1.bytes;
    let submission = Submission {
        tenant: caller.tenant,
        file_name: form.file.0,
        uploaded: form.file.1,
        last_modified: form.last_modified,
        options: form.options,
        idempotency_key,
    };
    let accepted = api.engine.submit(submission).await?;
    if !accepted.existed {
        api.metrics.record(|| UPLOADED_BYTES.add(bytes));
    }
    Ok(self::accepted(accepted))
}

type File = (String, Uploaded);

async fn read(
    api: &Api,
    caller: &Caller,
    expected: u64,
    parts: &mut Multipart,
) -> Result<Form<File>, Problem> {
    api.engine.admit(&caller.tenant).await?;
    api.engine.room_for_upload(expected)?;
    let mut draft = form::Draft::default();
    while let Some(mut field) = parts.next_field().await.map_err(|why| broken_off(&why))? {
        let name = field.name().unwrap_or_default().to_owned();
        match draft.begin(&name)? {
            Part::File => {
                let name = file_name(field.file_name());
                draft.file = Some((name, receive(api, &mut field).await?));
            }
            Part::Options => draft.options = options::parse(&text(&mut field).await?)?,
            Part::LastModified => {
                draft.last_modified = Some(form::last_modified(&text(&mut field).await?)?);
            }
        }
    }
    draft.complete()
}

/// Streams a recording to the data folder.
pub async fn receive(api: &Api, field: &mut Field<'_>) -> Result<Uploaded, Problem> {
    let mut upload = api.engine.begin_upload().await?;
    while let Some(chunk) = field.chunk().await.map_err(|why| broken_off(&why))? {
        upload.write(&chunk).await?;
    }
    Ok(upload.finish().await?)
}

/// Reads on for a moment: too late to be heard, where the sender has gone.
pub async fn discard(parts: &mut Multipart) {
    let rest = async {
        while let Ok(Some(mut field)) = parts.next_field().await {
            while let Ok(Some(_)) = field.chunk().await {}
        }
    };
    let _ = tokio::time::timeout(LINGER, rest).await;
}

/// 202 for a new job, 200 for one that was there.
pub fn accepted(Accepted { job, existed }: Accepted) -> Response {
    let location = format!("/v1/jobs/{}", job.id);
    let view = Json(JobView::new(job, clock::now()));
    let status = if existed { StatusCode::OK } else { StatusCode::ACCEPTED };
    (status, [(header::LOCATION, location)], view).into_response()
}

/// Refuses what says itself that it is too large, before its first byte is read; gives what it says, or 0.
pub fn check_length(headers: &HeaderMap, limit: u64) -> Result<u64, Problem> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let length = length.and_then(|length| length.parse::<u64>().ok()).unwrap_or(0);
    if length > limit.saturating_add(BESIDE_FILE_BYTES) {
        Err(too_large(limit))
    } else {
        Ok(length)
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(key) = given.next() else { return Ok(None) };
    let plain = key.to_str().ok().filter(|key| {
        (1..=KEY_CHARS_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    });
    match plain.filter(|_| given.next().is_none()) {
        Some(key) => Ok(Some(key.to_owned())),
        None => {
            let detail = format!(
                "`Idempotency-Key` must be one value of 1 to {KEY_CHARS_MAX} visible ASCII characters"
            );
            Err(Problem::new(&kinds::BAD_REQUEST, detail))
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn with(name: &'static str, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_key_is_one_short_visible_name() {
        let longest = "k".repeat(KEY_CHARS_MAX);
        let key = |values: &[&str]| idempotency_key(&with("idempotency-key", values));
        assert_eq!(key(&[]).unwrap(), None);
        assert_eq!(key(&["abc-1"]).unwrap().as_deref(), Some("abc-1"));
        assert_eq!(key(&[&longest]).unwrap().as_deref(), Some(longest.as_str()));
        for bad in [&[""][..], &["two words"], &["é"], &["a", "b"], &[&(longest.clone() + "k")]] {
            assert_eq!(key(bad).unwrap_err().kind.status, 400, "{bad:?}");
        }
    }

    #[test]
    fn an_upload_that_says_that_it_is_too_large_is_refused_at_once() {
        let length = |bytes: u64| {
            let headers = with("content-length", &[&bytes.to_string()]);
            check_length(&headers, 1 << 20).map_err(|problem| problem.kind.status.as_u16())
        };
        let most = (1 << 20) + BESIDE_FILE_BYTES;
        assert_eq!(length(most), Ok(most));
        assert_eq!(length(most + 1), Err(413));
        assert_eq!(check_length(&HeaderMap::new(), 1).ok(), Some(0));
    }
}
