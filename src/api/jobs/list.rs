//! `GET /v1/jobs`: the jobs that fit a filter, newest first, page by page.

use super::view::{JobStatus, JobView};
use crate::api::caller::Caller;
use crate::api::input::Query;
use crate::api::page;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::clock;
use crate::domain::ids::JobId;
use crate::domain::job_state::Stage;
use crate::store::jobs::{self, Filter};
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ListQuery {
    pub status: Option<JobStatus>,
    pub stage: Option<Stage>,
    /// Why it failed, or what it waits for: the `code` of its `error`.
    pub code: Option<String>,
    /// One of the job's tags.
    pub tag: Option<String>,
    /// Made at or after this time (RFC 3339).
    pub since: Option<DateTime<Utc>>,
    /// Made before this time (RFC 3339).
    pub until: Option<DateTime<Utc>>,
    /// Those in the trash, rather than all others.
    #[param(default = false)]
    pub trash: bool,
    /// Jobs in a page, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct JobPage {
    pub items: Vec<JobView>,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// List jobs.
///
/// Newest first. A page that says where the next one begins is followed by passing that as `cursor`.
#[utoipa::path(get, path = "/v1/jobs", tag = "jobs", params(ListQuery),
    responses((status = 200, body = JobPage),
        (status = 400, body = ProblemView, content_type = "application/problem+json",
            description = "A filter that cannot be understood")))]
pub async fn list_jobs(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<ListQuery>,
) -> Result<Json<JobPage>, Problem> {
    let (filter, size) = filter(query)?;
    let mut found = jobs::list(api.engine.store(), &caller.tenant, &filter).await?;
    let next_cursor = page::cut(&mut found, size, |job| job.id.to_string());
    let now = clock::now();
    let items = found.into_iter().map(|job| JobView::new(job, now)).collect();
    Ok(Json(JobPage { items, next_cursor }))
}

fn filter(query: ListQuery) -> Result<(Filter, usize), Problem> {
    let size = page::size(query.limit)?;
    let before = page::cursor(query.cursor, |cursor| cursor.parse::<JobId>().ok())?;
    let filter = Filter {
        status: query.status.map(|status| status.as_str().to_owned()),
        stage: query.stage,
        code: query.code,
        tag: query.tag,
        since: query.since,
        until: query.until,
        is_trashed: query.trash,
        before,
        limit: size as i64 + 1,
    };
    Ok((filter, size))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use axum::extract::FromRequestParts;
    use axum::http::Request;

    async fn read(query: &str) -> Result<(Filter, usize), Problem> {
        let request = Request::get(format!("/v1/jobs?{query}")).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let Query(query) = Query::<ListQuery>::from_request_parts(&mut parts, &()).await?;
        filter(query)
    }

    #[tokio::test]
    async fn a_filter_says_what_it_asks_for() {
        let id = "0198c0de-0000-7000-8000-000000000001";
        let query = format!(
            "status=parked&stage=compose&code=llm_limited&tag=work&since=2026-05-03T22:40:00%2B02:00&limit=7&cursor={id}"
        );
        let (filter, size) = read(&query).await.unwrap();
        assert_eq!((size, filter.limit), (7, 8));
        assert_eq!(filter.status.as_deref(), Some("parked"));
        assert_eq!(filter.stage, Some(Stage::Compose));
        assert_eq!(filter.code.as_deref(), Some("llm_limited"));
        assert_eq!(filter.since.unwrap().to_rfc3339(), "2026-05-03T20:40:00+00:00");
        assert_eq!(filter.before.unwrap().to_string(), id);
        assert_eq!(read("").await.unwrap().1, 50);
    }

    #[tokio::test]
    async fn limits_hold_at_their_edge_and_nonsense_is_refused() {
        for (query, good) in [
            ("limit=1", true),
            ("limit=200", true),
            ("limit=0", false),
            ("limit=201", false),
            ("limit=-1", false),
            ("limit=many", false),
            ("status=sleeping", false),
            ("since=yesterday", false),
            ("cursor=here", false),
            ("state=done", false),
            ("trash=true", true),
            ("trash=maybe", false),
        ] {
            let refused = read(query).await.err();
            assert_eq!(refused.is_none(), good, "{query}");
            assert!(refused.is_none_or(|problem| problem.kind.status == 400), "{query}");
        }
    }
}
