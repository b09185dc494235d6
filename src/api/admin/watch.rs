//! `GET /v1/admin/actors/events`: the tree of actors live, as what has changed since the last look.

use super::actors::{ActorTree, ActorsQuery, look, part_of, unknown};
use crate::actors::supervise::{ActorView, Part};
use crate::api::input::Query;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use async_stream::stream;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::{Stream, StreamExt};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use utoipa::ToSchema;

/// Looks a second are enough for an eye, and whoever reads more slowly is sent fewer.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// Actors told of at once; the others are told of with the next look.
const CHANGES_MAX: usize = 200;

/// What has changed.
#[derive(Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct ActorChanges {
    /// As they are now, without their children.
    pub actors: Vec<ActorView>,
    /// Paths of actors that are not there any more, or not shown.
    pub gone: Vec<String>,
}

/// Follow the actors.
///
/// Server-Sent Events: first `tree` with the same as `GET /v1/admin/actors`, then `change` with the actors that have
/// changed, each without its children, and the paths of those that are gone; at most four a second. A reader that is
/// slow is sent fewer, and misses none of what still holds. The stream begins anew after it broke.
#[utoipa::path(get, path = "/v1/admin/actors/events", tag = "node", params(ActorsQuery),
    responses((status = 200, body = ActorChanges, content_type = "text/event-stream"),
        (status = 400, body = ProblemView, content_type = "application/problem+json", description = "A filter that cannot be understood"),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such actor")))]
pub async fn follow_actors(
    State(api): State<Api>,
    Query(query): Query<ActorsQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let part = part_of(query)?;
    let tree = look(&api, &part).ok_or_else(|| unknown(&part.root))?;
    let keep_alive = KeepAlive::new().interval(api.engine.config().server.sse_keep_alive());
    let stopped = api.stop.clone().cancelled_owned();
    Ok(Sse::new(tell(api, part, tree).take_until(stopped)).keep_alive(keep_alive))
}

fn tell(api: Api, part: Part, tree: ActorTree) -> impl Stream<Item = Result<Event, Infallible>> {
    stream! {
        yield Ok(to_sse("tree", &tree));
        let (mut told, mut state) = (flat(tree.root), tree.state);
        let mut looks = tokio::time::interval(BETWEEN_LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            // The actor at the top may be one of a job that is over.
            let Some(tree) = look(&api, &part) else { break };
            if tree.state != state {
                state = tree.state;
                yield Ok(to_sse("tree", &tree));
                told = flat(tree.root);
                continue;
            }
            let changes = changes(&mut told, flat(tree.root));
            if changes != ActorChanges::default() {
                yield Ok(to_sse("change", &changes));
            }
        }
    }
}

fn to_sse(kind: &str, data: &impl Serialize) -> Event {
    Event::default().event(kind).data(serde_json::to_string(data).unwrap_or_default())
}

/// Every actor of a tree by its path, without its children.
fn flat(root: ActorView) -> BTreeMap<String, ActorView> {
    let (mut all, mut open) = (BTreeMap::new(), vec![root]);
    while let Some(mut actor) = open.pop() {
        open.append(&mut actor.children);
        all.insert(actor.path.clone(), actor);
    }
    all
}

/// What the listener has to be told, and from then on knows.
fn changes(
    told: &mut BTreeMap<String, ActorView>,
    now: BTreeMap<String, ActorView>,
) -> ActorChanges {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (told.keys().collect(), now.keys().collect());
    let gone: Vec<String> = before.difference(&after).map(|path| (*path).clone()).collect();
    gone.iter().for_each(|path| drop(told.remove(path)));
    // The latency is that of a whole kind, and no reason to tell of each of its actors.
    let is_same = |actor: &ActorView, known: &ActorView| {
        ActorView { latency_us: known.latency_us.clone(), ..actor.clone() } == *known
    };
    let is_new =
        |actor: &ActorView| told.get(&actor.path).is_none_or(|known| !is_same(actor, known));
    let actors: Vec<ActorView> = now.into_values().filter(is_new).take(CHANGES_MAX).collect();
    for actor in &actors {
        told.insert(actor.path.clone(), actor.clone());
    }
    ActorChanges { actors, gone }
}
