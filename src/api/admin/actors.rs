//! `GET /v1/admin/actors`: the true tree of actors, with what each is doing and how often it has failed.

use crate::actors::engine::Gate;
use crate::actors::supervise::{ActorView, KindView, Part};
use crate::api::input::Query;
use crate::api::problem::{Problem, ProblemView, kinds};
use crate::api::router::Api;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const SHOWN_MAX: usize = 1_000;

#[derive(Debug, Default, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ActorsQuery {
    /// The actor at the top, such as `root/jobs`.
    #[param(default = "root")]
    pub path: Option<String>,
    /// Levels below it.
    pub depth: Option<usize>,
    /// Only actors of this kind, with whoever is above them.
    pub kind: Option<String>,
    /// Children shown of one actor, 1 to 1000; the others are counted. Those out of the ordinary are shown first.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    pub limit: Option<usize>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ActorTree {
    /// This start of this node; a restart is another one.
    pub node: String,
    pub uptime_ms: u64,
    /// `open` where the node takes work, `draining` where it only finishes what is under way, `broken` where it has
    /// to be started anew.
    pub state: &'static str,
    pub root: ActorView,
    /// All kinds of actors that there have been, each as a whole: no filter leaves any of them out.
    pub kinds: Vec<KindView>,
}

/// Show the actors.
///
/// The tree as it is now: state, mailbox, latency, restarts and last failure of each actor; never what it works on.
#[utoipa::path(get, path = "/v1/admin/actors", tag = "node", params(ActorsQuery),
    responses((status = 200, body = ActorTree),
        (status = 400, body = ProblemView, content_type = "application/problem+json", description = "A filter that cannot be understood"),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such actor")))]
pub async fn show_actors(
    State(api): State<Api>,
    Query(query): Query<ActorsQuery>,
) -> Result<Json<ActorTree>, Problem> {
    let part = part_of(query)?;
    look(&api, &part).map(Json).ok_or_else(|| unknown(&part.root))
}

pub(super) fn part_of(query: ActorsQuery) -> Result<Part, Problem> {
    let ActorsQuery { path, depth, kind, limit } = query;
    let limit = limit.unwrap_or(Part::LIMIT);
    if !(1..=SHOWN_MAX).contains(&limit) {
        let detail = format!("limit = {limit}: 1 to {SHOWN_MAX} children of an actor can be shown");
        return Err(Problem::new(&kinds::BAD_REQUEST, detail));
    }
    let root = path.unwrap_or_else(|| "root".to_owned());
    Ok(Part { root, depth: depth.unwrap_or(usize::MAX), kind, limit })
}

pub(super) fn look(api: &Api, part: &Part) -> Option<ActorTree> {
    let state = match api.engine.gate() {
        Gate::Open => "open",
        Gate::Draining => "draining",
        Gate::Broken => "broken",
    };
    Some(ActorTree {
        node: api.engine.node().to_string(),
        uptime_ms: u64::try_from(api.engine.uptime().as_millis()).unwrap_or(u64::MAX),
        state,
        root: api.engine.actors_in(part)?,
        kinds: api.engine.actor_kinds(),
    })
}

pub(super) fn unknown(path: &str) -> Problem {
    Problem::new(&kinds::UNKNOWN_ACTOR, format!("there is no actor {path}"))
        .hint("`diarist admin actors` and GET /v1/admin/actors show the paths; an actor of a job ends with its job")
}
