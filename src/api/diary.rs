//! What the lists of the diary have in common: the words that are looked for, and a place in it as a cursor.

use super::page::refused;
use super::problem::Problem;
use crate::domain::search::{self, QUERY_CHARS_MAX, TERMS_MAX, Term};
use crate::store::notes::Place;
use chrono::NaiveDateTime;

/// How a page's end is written; the order of the list is the order of this text.
const CURSOR: &str = "%Y%m%dT%H%M%S";

/// What `q` looks for; a blank one looks for nothing.
pub fn terms(q: Option<&str>) -> Result<Vec<Term>, Problem> {
    let Some(q) = q.filter(|q| !q.trim().is_empty()) else { return Ok(Vec::new()) };
    if q.chars().count() > QUERY_CHARS_MAX {
        return Err(refused("q", &format!("must have at most {QUERY_CHARS_MAX} characters")));
    }
    let terms = search::terms(q);
    if terms.is_empty() {
        return Err(refused("q", "must hold a word"));
    }
    if terms.len() > TERMS_MAX {
        return Err(refused("q", &format!("must have at most {TERMS_MAX} words and phrases")));
    }
    Ok(terms)
}

pub fn to_cursor(place: Place) -> String {
    format!("{}_{}", place.spoken_at.format(CURSOR), place.job)
}

pub fn from_cursor(cursor: &str) -> Option<Place> {
    let (spoken_at, job) = cursor.split_once('_')?;
    let spoken_at = NaiveDateTime::parse_from_str(spoken_at, CURSOR).ok()?;
    Some(Place { spoken_at, job: job.parse().ok()? })
}
