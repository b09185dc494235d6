//! `GET /v1/entries`: the diary with everything in it, newest day first, page by page; or the entries that say something.

use super::view::EntryItem;
use crate::api::caller::Caller;
use crate::api::diary::{from_cursor, terms, to_cursor};
use crate::api::input::Query;
use crate::api::jobs::JobStatus;
use crate::api::page;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::clock;
use crate::domain::ids::JobId;
use crate::store::entries::{self, Filter};
use crate::store::search::{self, Match};
use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

const LIMIT_MAX: i64 = 500;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct EntriesQuery {
    /// Words that title, note and transcript say together; `"in a row"`, `begin*`. Case and accents make no difference.
    #[param(max_length = 500)]
    pub q: Option<String>,
    /// One of the entry's tags.
    pub tag: Option<String>,
    /// Of this day.
    pub day: Option<NaiveDate>,
    /// Of this day and later.
    pub from: Option<NaiveDate>,
    /// Of this day and earlier.
    pub to: Option<NaiveDate>,
    pub status: Option<JobStatus>,
    /// Those in the trash, rather than all others.
    #[param(default = false)]
    pub trash: bool,
    /// Entries in a page, 1 to 500.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct EntryPage {
    pub items: Vec<EntryItem>,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
    /// Entries that fit the filter, on all pages together.
    pub total: i64,
}

/// List entries.
///
/// Every job, with a note or without, newest day first. With `q`, each entry comes with the sentences that say what was
/// looked for, and their times.
#[utoipa::path(get, path = "/v1/entries", tag = "entries", params(EntriesQuery),
    responses((status = 200, body = EntryPage),
        (status = 400, body = ProblemView, content_type = "application/problem+json",
            description = "A filter that cannot be understood")))]
pub async fn list_entries(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<EntriesQuery>,
) -> Result<Json<EntryPage>, Problem> {
    let (filter, size) = filter(query)?;
    let store = api.engine.store();
    let total = entries::count(store, &caller.tenant, &filter).await?;
    let mut found = entries::list(store, &caller.tenant, &filter).await?;
    let next_cursor = page::cut(&mut found, size, |entry| to_cursor(entry.place()));
    let jobs: Vec<JobId> = found.iter().map(|entry| entry.job.id).collect();
    let mut matches: HashMap<JobId, Vec<Match>> = HashMap::new();
    for found in search::matches(store, &caller.tenant, &jobs, &filter.terms).await? {
        matches.entry(found.job).or_default().push(found);
    }
    let (asked, now) = (!filter.terms.is_empty(), clock::now());
    let items = found.into_iter().map(|entry| {
        let said = asked.then(|| matches.remove(&entry.job.id).unwrap_or_default());
        EntryItem::new(entry, said, now)
    });
    Ok(Json(EntryPage { items: items.collect(), next_cursor, total }))
}

fn filter(query: EntriesQuery) -> Result<(Filter, usize), Problem> {
    let size = page::size_up_to(LIMIT_MAX, query.limit)?;
    let filter = Filter {
        from: query.day.into_iter().chain(query.from).max(),
        to: query.day.into_iter().chain(query.to).min(),
        tag: query.tag,
        status: query.status.map(JobStatus::as_str),
        terms: terms(query.q.as_deref())?,
        is_trashed: query.trash,
        before: page::cursor(query.cursor, from_cursor)?,
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
        let request = Request::get(format!("/v1/entries?{query}")).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let Query(query) = Query::<EntriesQuery>::from_request_parts(&mut parts, &()).await?;
        filter(query)
    }

    #[tokio::test]
    async fn a_filter_says_what_it_asks_for() {
        let id = "0198c0de-0000-7000-8000-000000000001";
        let query = format!(
            "status=failed&trash=true&tag=work&q=lunch+%22on+Sunday%22&day=2026-05-03&from=2026-05-01&limit=500&cursor=20260503T224000_{id}"
        );
        let (filter, size) = read(&query).await.unwrap();
        assert_eq!((size, filter.limit), (500, 501));
        assert_eq!((filter.status, filter.is_trashed), (Some("failed"), true));
        assert_eq!((filter.from, filter.terms.len()), (filter.to, 2));
        assert_eq!(to_cursor(filter.before.unwrap()), format!("20260503T224000_{id}"));
        let (plain, size) = read("q=+").await.unwrap();
        assert_eq!((plain.terms.len(), plain.is_trashed, size), (0, false, 50));
    }

    #[tokio::test]
    async fn nonsense_is_refused() {
        for query in [
            "limit=0",
            "limit=501",
            "status=sleeping",
            "trash=maybe",
            "day=yesterday",
            "cursor=here",
            "q=%2A%22%29",
            "state=done",
        ] {
            assert_eq!(read(query).await.unwrap_err().kind.status, 400, "{query}");
        }
    }
}
