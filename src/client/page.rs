//! Lists that the server gives page by page.

use super::ClientError;
use serde::Deserialize;

/// The most that the server puts into one page.
const MOST: usize = 200;

type Query = Vec<(&'static str, String)>;

#[derive(Debug, Clone, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Where the next one begins, if there is one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// Asks for page after page until there are `limit`, or no more: one long page of all of them.
    pub async fn gather(
        limit: usize,
        query: &[(&'static str, String)],
        ask: impl AsyncFn(Query) -> Result<Self, ClientError>,
    ) -> Result<Self, ClientError> {
        let mut all = Self { items: Vec::new(), next_cursor: None };
        loop {
            let mut query = query.to_vec();
            query.push(("limit", (limit - all.items.len()).min(MOST).to_string()));
            query.extend(all.next_cursor.take().map(|cursor| ("cursor", cursor)));
            let page = ask(query).await?;
            all.items.extend(page.items);
            all.next_cursor = page.next_cursor;
            if all.next_cursor.is_none() || all.items.len() >= limit {
                return Ok(all);
            }
        }
    }
}
