//! `GET /v1/events`: what happens to all jobs, from now on or from any position, without a gap.

use super::follow::{FollowQuery, begin_after, tell};
use super::journal::{Page, Told};
use super::partial::Partials;
use crate::api::caller::Caller;
use crate::api::input::Query;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::record::FeedEvent;
use crate::store::{Store, StoreError, events};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::{Stream, StreamExt, stream};
use serde_json::json;
use std::convert::Infallible;

/// Events that are read at once.
const PAGE: i64 = 200;

/// The journal of all jobs.
struct Feed {
    store: Store,
    tenant: TenantId,
    /// The position of the last event that was told.
    told: i64,
}

impl Told for Feed {
    type Event = FeedEvent;

    async fn next_page(&mut self) -> Result<Page<FeedEvent>, StoreError> {
        let page = events::feed(&self.store, &self.tenant, self.told, PAGE).await?;
        let Some(last) = page.last() else { return Ok(Page::UpToDate) };
        self.told = last.position;
        Ok(Page::Events(page))
    }

    fn wakes_by(&self) -> Option<JobId> {
        None
    }
}

/// Follow all jobs.
///
/// Server-Sent Events: `id` is the position of the event among those of all jobs, which only grows; `event` its kind
/// (`state`, `progress`, `segment`, `note`, `cost`, `gap`), `data` JSON: `{job_id, seq, data}`, with the job's own
/// number and data of the event. Without a position it begins now, and says so first in an `id` without an event. A
/// removed job takes its events with it. The stream ends when the server stops: then `Last-Event-ID` goes on where it broke.
#[utoipa::path(get, path = "/v1/events", tag = "jobs",
    params(FollowQuery, ("Last-Event-ID" = Option<i64>, Header, description = "Begin after this event")),
    responses((status = 200, body = String, content_type = "text/event-stream"),
        (status = 400, body = ProblemView, content_type = "application/problem+json", description = "No position")))]
pub async fn follow_all_events(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<FollowQuery>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let after = begin_after(&headers, &query)?;
    // Listening begins before reading: whatever happens in between wakes us.
    let changes = api.engine.changes();
    let (store, tenant) = (api.engine.store().clone(), caller.tenant);
    let newest = events::newest(&store, &tenant).await?;
    // A position that is still to come was told by another database.
    let told = after.map_or(newest, |after| after.min(newest));
    let begun = stream::iter([Ok(Event::default().id(told.to_string()))]);
    let events = begun.chain(tell(Feed { store, tenant, told }, changes, Partials::none(), to_sse));
    let keep_alive = KeepAlive::new().interval(api.engine.config().server.sse_keep_alive());
    Ok(Sse::new(events.take_until(api.stop.clone().cancelled_owned())).keep_alive(keep_alive))
}

fn to_sse(entry: &FeedEvent) -> Event {
    let FeedEvent { position, job, event } = entry;
    let data = json!({ "job_id": job, "seq": event.seq, "data": event.data });
    Event::default().id(position.to_string()).event(event.kind.as_str()).data(data.to_string())
}
