//! `GET /v1/admin/audit`: who has told this server to do what, and how it ended.

use crate::api::caller::Caller;
use crate::api::input::Query;
use crate::api::page;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::store::audit;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct AuditQuery {
    /// Entries in a page, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditPage {
    pub items: Vec<AuditView>,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AuditView {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// Who: until there are keys, everybody who may act is `local`.
    pub tenant: String,
    /// What: `restart_actor`, `resize_pool`, `drain`, `cancel_job`.
    pub action: String,
    pub target: String,
    /// `done`, or why not.
    pub outcome: String,
}

/// List what was done.
///
/// Every action on the node and its actors, newest first, those that were refused as well.
#[utoipa::path(get, path = "/v1/admin/audit", tag = "node", params(AuditQuery),
    responses((status = 200, body = AuditPage),
        (status = 400, body = ProblemView, content_type = "application/problem+json", description = "A page that cannot be understood")))]
pub async fn list_audit(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditPage>, Problem> {
    let size = page::size(query.limit)?;
    let before = page::cursor(query.cursor, |cursor| cursor.parse::<i64>().ok())?;
    let store = api.engine.store();
    let mut found = audit::list(store, &caller.tenant, before, size as i64 + 1).await?;
    let next_cursor = page::cut(&mut found, size, |entry| entry.id.to_string());
    let tenant = caller.tenant.as_str();
    let view = |entry: audit::Entry| AuditView {
        id: entry.id,
        at: entry.at,
        tenant: tenant.to_owned(),
        action: entry.action,
        target: entry.target,
        outcome: entry.outcome,
    };
    Ok(Json(AuditPage { items: found.into_iter().map(view).collect(), next_cursor }))
}
