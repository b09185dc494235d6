//! What every list has in common: pages of a bounded size, and a cursor that says where the next one begins.

use super::problem::{Problem, kinds};

const LIMIT: i64 = 50;
const LIMIT_MAX: i64 = 200;

/// Refuses a parameter of a list.
pub fn refused(name: &str, why: &str) -> Problem {
    Problem::new(&kinds::BAD_REQUEST, "the filter cannot be used").error(format!("/{name}"), why)
}

/// How many items a page holds. The store is asked for one more: it tells whether there is another page.
pub fn size(limit: Option<i64>) -> Result<usize, Problem> {
    size_up_to(LIMIT_MAX, limit)
}

/// The same for a list with a limit of its own.
pub fn size_up_to(most: i64, limit: Option<i64>) -> Result<usize, Problem> {
    let limit = limit.unwrap_or(LIMIT);
    let in_bounds = usize::try_from(limit).ok().filter(|_| (1..=most).contains(&limit));
    in_bounds.ok_or_else(|| refused("limit", &format!("must be 1 to {most}")))
}

/// The cursor of a page, as its list reads it.
pub fn cursor<T>(
    given: Option<String>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Problem> {
    let Some(given) = given else { return Ok(None) };
    let wrong = || refused("cursor", "must be the next_cursor of a page");
    read(&given).map(Some).ok_or_else(wrong)
}

/// Cuts what was found to a page, and says where the next one begins.
pub fn cut<T>(found: &mut Vec<T>, size: usize, cursor: impl Fn(&T) -> String) -> Option<String> {
    let more = found.len() > size;
    found.truncate(size);
    found.last().filter(|_| more).map(cursor)
}
