//! Sends what a call gets, at the pace and up to the point that its fault wants.

use super::calls::Ticket;
use super::script::RetryAfter;
use super::wire::{Refusal, Wire};
use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use std::io::{Error, ErrorKind};
use std::time::Duration;

/// How an answer is sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    pub before: Duration,
    pub between: Duration,
    pub end: End,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum End {
    #[default]
    Whole,
    /// Half of the frames and half a frame, then the connection is closed.
    Cut,
    /// Half of the frames, then nothing more.
    Hang,
    /// Half of the frames, then an orderly end.
    Early,
}

/// An answer in frames: the events of a stream, or one JSON body.
pub fn answer(
    wire: &dyn Wire,
    kind: &'static str,
    frames: Vec<Bytes>,
    pace: Pace,
    ticket: Ticket,
) -> Response {
    let mut response = Response::new(Body::from_stream(paced(frames, pace, ticket)));
    put(&mut response, wire.headers(false));
    put(&mut response, vec![("content-type", kind.to_owned())]);
    if kind.starts_with("text/event-stream") {
        put(&mut response, vec![("cache-control", "no-cache".to_owned())]);
    }
    response
}

fn paced(
    frames: Vec<Bytes>,
    pace: Pace,
    ticket: Ticket,
) -> impl futures::Stream<Item = Result<Bytes, Error>> {
    let shown = if pace.end == End::Whole { frames.len() } else { frames.len() / 2 };
    async_stream::stream! {
        tokio::time::sleep(pace.before).await;
        for (at, frame) in frames.iter().take(shown).enumerate() {
            if at > 0 {
                tokio::time::sleep(pace.between).await;
            }
            yield Ok(frame.clone());
        }
        match pace.end {
            End::Whole | End::Early => ticket.sent(),
            End::Hang => std::future::pending().await,
            End::Cut => {
                if let Some(frame) = frames.get(shown) {
                    yield Ok(frame.slice(..frame.len() / 2));
                }
                // What was said so far goes out before the connection ends.
                tokio::time::sleep(Duration::from_millis(20)).await;
                ticket.sent();
                yield Err(ErrorKind::ConnectionReset.into());
            }
        }
    }
}

/// An error answer of this provider.
pub fn refused(wire: &dyn Wire, refusal: Refusal) -> Response {
    let spent = refusal.status == StatusCode::TOO_MANY_REQUESTS;
    let mut response = (refusal.status, axum::Json(refusal.body)).into_response();
    put(&mut response, wire.headers(spent));
    put(&mut response, refusal.headers);
    response
}

/// What a gateway in front of the provider says when nobody is behind it.
pub fn bad_gateway() -> Response {
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n";
    (StatusCode::BAD_GATEWAY, Html(page)).into_response()
}

/// The headers by which a 429 says when to come back.
pub fn retry_after(form: RetryAfter) -> Option<(&'static str, String)> {
    let date = |seconds| {
        let at = super::now() + chrono::Duration::seconds(seconds);
        at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    Some(match form {
        RetryAfter::Seconds => ("retry-after", "2".to_owned()),
        RetryAfter::Fraction => ("retry-after", "0.5".to_owned()),
        RetryAfter::Date => ("retry-after", date(2)),
        RetryAfter::PastDate => ("retry-after", date(-60)),
        RetryAfter::Millis => ("retry-after-ms", "250".to_owned()),
        RetryAfter::Absurd => ("retry-after", "31536000".to_owned()),
        RetryAfter::Garbage => ("retry-after", "soon".to_owned()),
        RetryAfter::ResetHeaders | RetryAfter::None => return None,
    })
}

fn put(response: &mut Response, headers: Vec<(&'static str, String)>) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
}

/// Takes away what a provider's own headers say about when the limits are full again.
pub fn without_resets(mut response: Response) -> Response {
    let names: Vec<_> = response.headers().keys().cloned().collect();
    for name in names.iter().filter(|name| is_reset(name.as_str())) {
        response.headers_mut().remove(name);
    }
    response
}

fn is_reset(name: &str) -> bool {
    name.contains("ratelimit") && name.contains("reset")
}
