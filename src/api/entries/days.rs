//! `GET /v1/days`: the days that have entries, with their number.

use crate::api::caller::Caller;
use crate::api::input::Query;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::store::entries;
use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct DaysQuery {
    /// This day and later.
    pub from: Option<NaiveDate>,
    /// This day and earlier.
    pub to: Option<NaiveDate>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DayCounts {
    pub items: Vec<DayCount>,
}

#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayCount {
    /// Of the speaker's wall clock.
    pub day: NaiveDate,
    pub count: i64,
}

/// Count the entries of days.
///
/// Newest first; a day without an entry is left out. What lies in the trash does not count.
#[utoipa::path(get, path = "/v1/days", tag = "entries", params(DaysQuery),
    responses((status = 200, body = DayCounts),
        (status = 400, body = ProblemView, content_type = "application/problem+json",
            description = "A day that cannot be understood")))]
pub async fn list_days(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<DaysQuery>,
) -> Result<Json<DayCounts>, Problem> {
    let store = api.engine.store();
    let counted = entries::count_days(store, &caller.tenant, query.from, query.to).await?;
    let items = counted.into_iter().map(|(day, count)| DayCount { day, count }).collect();
    Ok(Json(DayCounts { items }))
}
