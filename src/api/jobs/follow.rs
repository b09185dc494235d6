//! `GET /v1/jobs/{id}/events`: what happens to a job, from any point of its history, without a gap.

use super::find;
use super::journal::{Journal, Page, Told, changed};
use super::partial::Partials;
use crate::api::caller::Caller;
use crate::api::input::{Path, Query};
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use crate::domain::ids::JobId;
use crate::domain::record::JobEvent;
use crate::telemetry;
use async_stream::stream;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::{Stream, StreamExt};
use serde::Deserialize;
use std::convert::Infallible;
use tokio::sync::broadcast::Receiver;
use utoipa::IntoParams;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct FollowQuery {
    /// Begin after this event.
    #[param(minimum = 0)]
    pub after: Option<i64>,
    /// The same as the header, for browsers, which cannot set it at first.
    #[param(minimum = 0)]
    pub last_event_id: Option<i64>,
}

/// Follow a job.
///
/// Server-Sent Events: `id` is the number of the event (1, 2, 3, … without a gap), `event` its kind
/// (`state`, `progress`, `segment`, `note`, `gap`), `data` JSON. While a stretch of speech is heard, `partial` tells
/// its words so far, `{start_ms, end_ms, text}`: without an `id`, never told again, each in place of the one before
/// it, all of them void once the segments of that stretch have come. The stream ends after the event of a final state,
/// or when the server stops: then `Last-Event-ID` goes on where it broke.
#[utoipa::path(get, path = "/v1/jobs/{id}/events", tag = "jobs",
    params(("id" = JobId, Path, description = "The job to follow"), FollowQuery,
        ("Last-Event-ID" = Option<i64>, Header, description = "Begin after this event")),
    responses((status = 200, body = String, content_type = "text/event-stream"),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job")))]
pub async fn follow_events(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
    Query(query): Query<FollowQuery>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let told = begin_after(&headers, &query)?.unwrap_or(0);
    // Listening begins before reading: whatever happens in between wakes us.
    let changes = api.engine.changes();
    let partials = Partials::of(id, api.engine.partials());
    find(&api, &caller, id).await?;
    let journal = Journal::after(api.engine.store().clone(), caller.tenant, id, told);
    // A listener that stayed would keep the server from ending.
    let events =
        tell(journal, changes, partials, to_sse).take_until(api.stop.clone().cancelled_owned());
    let keep_alive = KeepAlive::new().interval(api.engine.config().server.sse_keep_alive());
    Ok(Sse::new(events).keep_alive(keep_alive))
}

/// Behind which event a listener begins, if it says so.
pub fn begin_after(headers: &HeaderMap, query: &FollowQuery) -> Result<Option<i64>, Problem> {
    let header = headers.get("last-event-id").filter(|id| !id.is_empty());
    let header = header.map(|id| id.to_str().ok().and_then(|id| id.parse().ok()).unwrap_or(-1));
    let after = header.or(query.last_event_id).or(query.after);
    if after.is_some_and(|after| after < 0) {
        let detail = "events are numbered 1, 2, 3, …; begin after 0 to see all of them";
        return Err(Problem::new(&kinds::BAD_REQUEST, detail));
    }
    Ok(after)
}

/// What a listener has waited for.
enum Come {
    Partial(Event),
    /// Whether there can be another one.
    Change(bool),
}

/// Reads whatever there is, then waits for a change, or for words of what is under way. A change only says "look"; the journal says what.
pub fn tell<J: Told>(
    mut journal: J,
    mut changes: Receiver<JobId>,
    mut partials: Partials,
    to_sse: impl Fn(&J::Event) -> Event,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream! {
        loop {
            let page = match journal.next_page().await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(error = telemetry::chain(&error), "cannot read events");
                    return;
                }
            };
            match page {
                Page::Events(events) => {
                    while let Some(partial) = partials.ready() {
                        yield Ok(partial);
                    }
                    for event in events {
                        yield Ok(to_sse(&event));
                    }
                }
                Page::UpToDate => loop {
                    let come = tokio::select! {
                        biased;
                        partial = partials.next() => Come::Partial(partial),
                        goes_on = changed(&mut changes, journal.wakes_by()) => Come::Change(goes_on),
                    };
                    match come {
                        Come::Partial(partial) => yield Ok(partial),
                        Come::Change(true) => break,
                        Come::Change(false) => return,
                    }
                },
                Page::Over => return,
            }
        }
    }
}

fn to_sse(event: &JobEvent) -> Event {
    let data = event.data.to_string();
    Event::default().id(event.seq.to_string()).event(event.kind.as_str()).data(data)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn begin(header: Option<&str>, query: FollowQuery) -> Option<i64> {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert("last-event-id", value.parse().unwrap());
        }
        begin_after(&headers, &query).ok().map(|after| after.unwrap_or(0))
    }

    #[test]
    fn a_listener_begins_where_it_says_and_its_header_wins() {
        let query = |after, last_event_id| FollowQuery { after, last_event_id };
        assert_eq!(begin(None, query(None, None)), Some(0));
        assert_eq!(begin(None, query(Some(3), None)), Some(3));
        assert_eq!(begin(None, query(Some(3), Some(4))), Some(4));
        assert_eq!(begin(Some("5"), query(Some(3), Some(4))), Some(5));
        assert_eq!(begin(Some(""), query(Some(3), None)), Some(3));
        assert_eq!(begin(Some("five"), query(Some(3), None)), None);
        assert_eq!(begin(None, query(Some(-1), None)), None);
    }
}
