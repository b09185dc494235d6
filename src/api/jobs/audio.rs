//! `GET /v1/jobs/{id}/audio`: the recording as it was sent, whole or in part, so that a player can jump.

use super::find;
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::io::SeekFrom;
use std::ops::Range;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

/// What a `Range` header asks for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    /// There are no such bytes.
    Nothing,
}

/// Take the recording.
///
/// Takes `Range: bytes=…` with one range, and `If-Range` with the `ETag`.
#[utoipa::path(get, path = "/v1/jobs/{id}/audio", tag = "jobs",
    params(("id" = JobId, Path, description = "The job"),
        ("Range" = Option<String>, Header, description = "`bytes=0-1023`, `bytes=1024-` or `bytes=-1024`")),
    responses((status = 200, body = Vec<u8>, content_type = "audio/*", description = "The whole recording"),
        (status = 206, body = Vec<u8>, content_type = "audio/*", description = "The part that was asked for"),
        (status = 404, body = ProblemView, content_type = "application/problem+json",
            description = "No such job, or its recording is not there any more"),
        (status = 416, body = ProblemView, content_type = "application/problem+json", description = "No such bytes")))]
pub async fn show_audio(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let job = find(&api, &caller, id).await?;
    let mut file = api.engine.recording(&job).await?;
    let bytes = file.metadata().await.map_or(job.audio.bytes, |meta| meta.len());
    let tag = format!("\"{}\"", job.audio.sha256);
    let (status, part) = match wanted(&headers, &tag, bytes) {
        Wanted::Whole => (StatusCode::OK, 0..bytes),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part),
        Wanted::Nothing => return Ok(refused(bytes)),
    };
    if part.start > 0
        && let Err(error) = file.seek(SeekFrom::Start(part.start)).await
    {
        tracing::error!(job = %id, %error, "cannot read a recording");
        return Err(Problem::internal());
    }
    let length = part.end - part.start;
    let body = Body::from_stream(ReaderStream::new(file.take(length)));
    let mut answer = (status, body).into_response();
    let told = answer.headers_mut();
    told.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(&job)));
    told.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    told.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    // The hash is hexadecimal, and the rest are numbers.
    if let Ok(tag) = HeaderValue::try_from(tag) {
        told.insert(header::ETAG, tag);
    }
    if status == StatusCode::PARTIAL_CONTENT {
        told.insert(header::CONTENT_RANGE, content_range(Some(&part), bytes));
    }
    Ok(answer)
}

fn refused(bytes: u64) -> Response {
    let detail = format!("the recording has {bytes} bytes");
    let mut answer = Problem::new(&kinds::WRONG_RANGE, detail).into_response();
    answer.headers_mut().insert(header::CONTENT_RANGE, content_range(None, bytes));
    answer
}

fn content_range(part: Option<&Range<u64>>, bytes: u64) -> HeaderValue {
    let text = match part {
        Some(part) => format!("bytes {}-{}/{bytes}", part.start, part.end.saturating_sub(1)),
        None => format!("bytes */{bytes}"),
    };
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("bytes */*"))
}

/// A header that cannot be understood, or asks for several parts, is passed over, as RFC 9110 has it.
fn wanted(headers: &HeaderMap, tag: &str, bytes: u64) -> Wanted {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(range) = text(header::RANGE).and_then(|range| range.strip_prefix("bytes=")) else {
        return Wanted::Whole;
    };
    if text(header::IF_RANGE).is_some_and(|known| known != tag) {
        return Wanted::Whole;
    }
    let Some((first, last)) = range.trim().split_once('-') else { return Wanted::Whole };
    let part = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) if first <= last => first..last.saturating_add(1).min(bytes),
        (Ok(first), Err(_)) if last.is_empty() => first..bytes,
        (Err(_), Ok(length)) if first.is_empty() => bytes.saturating_sub(length)..bytes,
        _ => return Wanted::Whole,
    };
    if part.is_empty() { Wanted::Nothing } else { Wanted::Part(part) }
}

fn media_type(job: &Job) -> &'static str {
    match job.audio.format.as_str() {
        "wave" | "wav" => "audio/wav",
        "mp3" | "mp2" | "mp1" => "audio/mpeg",
        "isomp4" | "mp4" | "m4a" => "audio/mp4",
        "flac" => "audio/flac",
        "ogg" => "audio/ogg",
        "aac" | "adts" => "audio/aac",
        "mkv" | "matroska" | "webm" => "audio/webm",
        "aiff" => "audio/aiff",
        "caf" => "audio/x-caf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn asked(range: &str, if_range: Option<&str>) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, range.parse().unwrap());
        if let Some(tag) = if_range {
            headers.insert(header::IF_RANGE, tag.parse().unwrap());
        }
        wanted(&headers, "\"abc\"", 100)
    }

    #[test]
    fn a_range_is_taken_to_the_letter() {
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=10-19", 10..20),
            ("bytes=90-", 90..100),
            ("bytes=90-500", 90..100),
            ("bytes=99-99", 99..100),
            ("bytes=-10", 90..100),
            ("bytes=-500", 0..100),
        ] {
            assert_eq!(asked(range, None), Wanted::Part(part), "{range}");
        }
        for range in ["bytes=100-", "bytes=100-200", "bytes=-0"] {
            assert_eq!(asked(range, None), Wanted::Nothing, "{range}");
        }
        for range in ["bytes=20-10", "bytes=0-1,5-6", "lines=1-2", "bytes=", "bytes=a-b"] {
            assert_eq!(asked(range, None), Wanted::Whole, "{range}");
        }
        assert_eq!(asked("bytes=0-0", Some("\"abc\"")), Wanted::Part(0..1));
        assert_eq!(asked("bytes=0-0", Some("\"old\"")), Wanted::Whole);
    }
}
