//! What was said: segments with times and, on request, words, in the order they were spoken.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A whole recording as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Transcript {
    /// ISO 639-1 code, or `und` where nothing was said.
    pub language: String,
    pub duration_ms: u64,
    /// All segments joined by one space.
    pub text: String,
    pub model: String,
    pub segments: Vec<Segment>,
    /// Stretches that could not be heard, with the reason.
    pub gaps: Vec<Gap>,
}

/// A phrase as Whisper delimits it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    /// 0, 1, 2, … in the order of time.
    pub id: u32,
    pub start_ms: u64,
    pub end_ms: u64,
    pub text: String,
    pub language: String,
    pub avg_logprob: f64,
    pub no_speech_prob: f64,
    pub speaker: Option<String>,
    /// Empty unless word timestamps were asked for.
    pub words: Vec<Word>,
    /// Left out unless tokens were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub tokens: Vec<Token>,
}

/// A piece of text as the model writes it; it may be half a character.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Token {
    pub id: i32,
    pub logprob: f64,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Word {
    pub text: String,
    pub start_ms: u64,
    pub end_ms: u64,
    pub probability: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Gap {
    pub start_ms: u64,
    pub end_ms: u64,
    pub reason: String,
}

/// The language code of a recording in which nothing was said.
pub const UNDETERMINED: &str = "und";

impl Transcript {
    /// Joins segments that are in the order of time, and numbers them.
    pub fn stitch(
        language: String,
        model: String,
        duration_ms: u64,
        segments: impl IntoIterator<Item = Segment>,
    ) -> Self {
        let segments: Vec<Segment> = segments
            .into_iter()
            .zip(0u32..)
            .map(|(segment, id)| Segment { id, ..segment })
            .collect();
        let text = segments.iter().map(|s| s.text.trim()).collect::<Vec<_>>().join(" ");
        Self { language, duration_ms, text, model, segments, gaps: Vec::new() }
    }
}
