//! `GET /v1/notes`: the diary, newest day first, page by page; or the notes that say something.

use super::view::NoteItem;
use crate::api::caller::Caller;
use crate::api::diary::{from_cursor, terms, to_cursor};
use crate::api::input::Query;
use crate::api::page;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::domain::ids::JobId;
use crate::store::notes::{self, Filter};
use crate::store::search::{self, Match};
use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct NotesQuery {
    /// Of this day.
    pub day: Option<NaiveDate>,
    /// Of this day and later.
    pub from: Option<NaiveDate>,
    /// Of this day and earlier.
    pub to: Option<NaiveDate>,
    /// Words that note and transcript say together; `"in a row"`, `begin*`. Case and accents make no difference.
    #[param(max_length = 500)]
    pub q: Option<String>,
    /// One of the note's tags.
    pub tag: Option<String>,
    /// Notes in a page, 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NotePage {
    pub items: Vec<NoteItem>,
    /// Where the next page begins; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// List notes.
///
/// Newest day first. With `q`, each note comes with the sentences that say what was looked for, and their times.
#[utoipa::path(get, path = "/v1/notes", tag = "notes", params(NotesQuery),
    responses((status = 200, body = NotePage),
        (status = 400, body = ProblemView, content_type = "application/problem+json",
            description = "A filter that cannot be understood")))]
pub async fn list_notes(
    State(api): State<Api>,
    caller: Caller,
    Query(query): Query<NotesQuery>,
) -> Result<Json<NotePage>, Problem> {
    let (filter, size) = filter(query)?;
    let store = api.engine.store();
    let mut found = notes::list(store, &caller.tenant, &filter).await?;
    let next_cursor = page::cut(&mut found, size, |kept| to_cursor(kept.place()));
    let jobs: Vec<JobId> = found.iter().map(|kept| kept.job).collect();
    let mut matches: HashMap<JobId, Vec<Match>> = HashMap::new();
    for found in search::matches(store, &caller.tenant, &jobs, &filter.terms).await? {
        matches.entry(found.job).or_default().push(found);
    }
    let asked = !filter.terms.is_empty();
    let items = found.into_iter().map(|kept| {
        let said = asked.then(|| matches.remove(&kept.job).unwrap_or_default());
        NoteItem::new(kept, said)
    });
    Ok(Json(NotePage { items: items.collect(), next_cursor }))
}

fn filter(query: NotesQuery) -> Result<(Filter, usize), Problem> {
    let size = page::size(query.limit)?;
    let before = page::cursor(query.cursor, from_cursor)?;
    let filter = Filter {
        from: query.day.into_iter().chain(query.from).max(),
        to: query.day.into_iter().chain(query.to).min(),
        tag: query.tag,
        terms: terms(query.q.as_deref())?,
        before,
        limit: size as i64 + 1,
    };
    Ok((filter, size))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::domain::search::{QUERY_CHARS_MAX, TERMS_MAX};
    use axum::extract::FromRequestParts;
    use axum::http::Request;

    async fn read(query: &str) -> Result<(Filter, usize), Problem> {
        let request = Request::get(format!("/v1/notes?{query}")).body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let Query(query) = Query::<NotesQuery>::from_request_parts(&mut parts, &()).await?;
        filter(query)
    }

    #[tokio::test]
    async fn a_filter_says_what_it_asks_for() {
        let id = "0198c0de-0000-7000-8000-000000000001";
        let query = format!(
            "from=2026-05-01&to=2026-05-31&tag=work&q=lunch+%22on+Sunday%22&limit=7&cursor=20260503T224000_{id}"
        );
        let (filter, size) = read(&query).await.unwrap();
        assert_eq!((size, filter.limit), (7, 8));
        assert_eq!(filter.from.unwrap().to_string(), "2026-05-01");
        assert_eq!(filter.to.unwrap().to_string(), "2026-05-31");
        assert_eq!(filter.terms.len(), 2);
        let place = filter.before.unwrap();
        assert_eq!(place.job.to_string(), id);
        assert_eq!(from_cursor(&to_cursor(place)), Some(place));
        let (filter, _) = read("day=2026-05-03&from=2026-05-01").await.unwrap();
        assert_eq!(filter.from, filter.to);
    }

    #[tokio::test]
    async fn limits_hold_at_their_edge_and_nonsense_is_refused() {
        let long = |chars: usize| format!("q={}", "a".repeat(chars));
        let many = |terms: usize| format!("q={}", vec!["a"; terms].join("+"));
        for (query, good) in [
            ("limit=1".to_owned(), true),
            ("limit=200".to_owned(), true),
            ("limit=0".to_owned(), false),
            ("limit=201".to_owned(), false),
            ("day=yesterday".to_owned(), false),
            ("cursor=here".to_owned(), false),
            ("q=%2A%22%29".to_owned(), false),
            ("status=done".to_owned(), false),
            (long(QUERY_CHARS_MAX), true),
            (long(QUERY_CHARS_MAX + 1), false),
            (many(TERMS_MAX), true),
            (many(TERMS_MAX + 1), false),
        ] {
            let refused = read(&query).await.err();
            assert_eq!(refused.is_none(), good, "{query}");
            assert!(refused.is_none_or(|problem| problem.kind.status == 400), "{query}");
        }
    }
}
