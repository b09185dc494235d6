//! `PATCH /v1/recordings/{id}`: the next piece of a recording, on the disk before it is answered.

use crate::actors::engine::{EngineError, Place};
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::jobs::LINGER;
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use crate::domain::ids::RecordingId;
use crate::telemetry::metrics::UPLOADED_BYTES;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");

/// The engine enforces the size of a recording; axum's own limit is for bodies that are read at once.
pub fn append_route() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(append_recording)).layer(DefaultBodyLimit::disable())
}

/// Send the next piece.
///
/// A piece is taken whole or not at all, and what is answered `204` survives a power cut. It begins where the
/// recording ends; a sender that does not know where that is, sends from where the answer says.
#[utoipa::path(patch, path = "/v1/recordings/{id}", tag = "recordings",
    params(("id" = RecordingId, Path, description = "The recording"),
        ("Upload-Offset" = u64, Header, description = "Where the piece begins: the bytes that were kept before")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The bytes as they are"),
    responses(
        (status = 204, description = "Kept for good", headers(("Upload-Offset" = u64, description = "Where the next piece begins"))),
        (status = 400, body = ProblemView, content_type = "application/problem+json",
            description = "No `Upload-Offset`, or a piece that broke off"),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such recording"),
        (status = 409, body = ProblemView, content_type = "application/problem+json",
            description = "The piece does not begin where the recording ends (`wrong_offset`), or the recording is finished",
            headers(("Upload-Offset" = u64, description = "With `wrong_offset`: where the next piece begins"))),
        (status = 413, body = ProblemView, content_type = "application/problem+json", description = "The recording would be too large"),
        (status = 503, body = ProblemView, content_type = "application/problem+json",
            description = "The piece was given up: it stalled, or was sent again meanwhile"),
        (status = 507, body = ProblemView, content_type = "application/problem+json", description = "The disk is full")))]
pub async fn append_recording(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<RecordingId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let place = place(&headers)?;
    let mut body = body.into_data_stream();
    let taken = api.engine.append_recording(&caller.tenant, id, place, &mut body).await;
    let offset = match taken {
        Ok(offset) => offset,
        Err(error) => {
            // A sender that still sends would not see the answer.
            let rest = async { while let Some(Ok(_)) = body.next().await {} };
            let _ = tokio::time::timeout(LINGER, rest).await;
            return refused(error);
        }
    };
    api.metrics.record(|| UPLOADED_BYTES.add(offset - place.offset));
    Ok((StatusCode::NO_CONTENT, [(UPLOAD_OFFSET, HeaderValue::from(offset))]).into_response())
}

fn refused(error: EngineError) -> Result<Response, Problem> {
    let EngineError::WrongOffset { offset } = error else { return Err(error.into()) };
    let mut answer = Problem::from(error).into_response();
    answer.headers_mut().insert(UPLOAD_OFFSET, HeaderValue::from(offset));
    Ok(answer)
}

fn place(headers: &HeaderMap) -> Result<Place, Problem> {
    let number = |name: &HeaderName| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    let offset = number(&UPLOAD_OFFSET).ok_or_else(|| {
        let detail = "`Upload-Offset` must be the number of bytes that the recording has";
        Problem::new(&kinds::BAD_REQUEST, detail)
    })?;
    Ok(Place { offset, expected_bytes: number(&header::CONTENT_LENGTH).unwrap_or(0) })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_piece_says_where_it_begins() {
        let with = |offset: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("upload-offset", offset.parse().unwrap());
            headers.insert("content-length", "5".parse().unwrap());
            place(&headers).map(|place| (place.offset, place.expected_bytes)).ok()
        };
        assert_eq!(with("0"), Some((0, 5)));
        assert_eq!(with("18446744073709551615"), Some((u64::MAX, 5)));
        for bad in ["", "-1", "1.5", "18446744073709551616", "0x1"] {
            assert_eq!(with(bad), None, "{bad}");
        }
        assert!(place(&HeaderMap::new()).is_err());
    }
}
