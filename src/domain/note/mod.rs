//! The diary note: structured first, Markdown second. Knows no model, no prompt and no file; start at [`Note`].

pub mod markdown;

use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The template of the notes that are composed.
pub const TEMPLATE: &str = "diary";

/// What is kept of a memo: every sentence is linked to the transcript segments that carry it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Note {
    pub title: String,
    /// When the memo was spoken, with the speaker's offset: its date is the memo's day.
    pub recorded_at: DateTime<FixedOffset>,
    /// The few sentences that carry the memo.
    pub summary: String,
    pub sections: Vec<Section>,
    pub mood: Option<String>,
    pub people: Vec<String>,
    pub places: Vec<String>,
    pub todos: Vec<Todo>,
    pub tags: Vec<String>,
    pub quotes: Vec<Quote>,
    pub open_questions: Vec<String>,
    pub composer: Composer,
    /// Share of the transcript's words that the note's sections carry, 0 to 1. Of a reworded note: the share whose
    /// segments its sentences name.
    pub coverage: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Section {
    pub heading: String,
    pub sentences: Vec<Sentence>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Sentence {
    pub text: String,
    /// Ids of the transcript segments that this sentence comes from.
    pub segments: Vec<u32>,
    pub start_ms: u64,
    pub end_ms: u64,
    pub support: Support,
}

/// How a sentence of the note stands to the transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// The speaker's own words.
    Verbatim,
    /// A language model's own wording of the segments that it names.
    Reworded,
}

/// Something that the speaker means to do, or promised.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Todo {
    pub text: String,
    /// The day it is due, resolved against the day of the memo.
    pub due: Option<NaiveDate>,
    pub segments: Vec<u32>,
    pub start_ms: u64,
    pub end_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Quote {
    pub text: String,
    pub start_ms: u64,
    pub end_ms: u64,
}

/// Who composed the note, so that a reader knows how far to trust it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Composer {
    pub provider: String,
    pub model: Option<String>,
    pub template: String,
    pub version: u32,
    /// Who should have composed it, and did not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Tried>,
}

/// A language model that was to compose the note, and why it did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tried {
    pub provider: String,
    pub outcome: TriedOutcome,
    /// In a few words, such as `rate limited`.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TriedOutcome {
    NotAsked,
    NoAnswer,
    /// There was an answer, and no note could be made of it.
    Unusable,
}
