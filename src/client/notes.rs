//! The diary as a list, as the commands ask for it.

use super::error::ClientError;
use super::{Client, Page};
use crate::domain::ids::JobId;
use chrono::{DateTime, FixedOffset, NaiveDate};
use reqwest::Method;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NoteItem {
    pub id: JobId,
    pub title: String,
    pub recorded_at: DateTime<FixedOffset>,
    pub day: NaiveDate,
    pub summary: String,
    pub mood: Option<String>,
    pub tags: Vec<String>,
    pub people: Vec<String>,
    pub places: Vec<String>,
    pub todos: usize,
    pub file_name: String,
    pub duration_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<NoteMatch>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NoteMatch {
    pub source: String,
    pub text: String,
    pub start_ms: Option<u64>,
    pub end_ms: Option<u64>,
    pub marks: Vec<Mark>,
}

/// A stretch of a text, in characters.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Mark {
    pub start: usize,
    pub end: usize,
}

impl Client {
    /// One page of the diary, newest day first.
    pub async fn notes(&self, query: &[(&str, String)]) -> Result<Page<NoteItem>, ClientError> {
        let request = self.request(Method::GET, "/v1/notes").query(query);
        let answer = self.send(request).await?;
        self.json(answer).await
    }
}
