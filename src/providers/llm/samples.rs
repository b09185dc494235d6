//! Transcripts and drafts for the tests of this room.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use crate::domain::transcript::{Segment, Transcript};
use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

/// One segment a second.
pub fn transcript(said: &[&str]) -> Transcript {
    let segments = said.iter().zip(0u64..).map(|(text, second)| Segment {
        id: 0,
        start_ms: second * 1_000,
        end_ms: second * 1_000 + 1_000,
        text: (*text).to_owned(),
        language: "en".to_owned(),
        avg_logprob: 0.0,
        no_speech_prob: 0.0,
        speaker: None,
        words: Vec::new(),
        tokens: Vec::new(),
    });
    Transcript::stitch("en".to_owned(), "base".to_owned(), 0, segments)
}

pub fn recorded_at() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-05-03T22:40:00+02:00").unwrap()
}

/// A whole answer, linked to the first segment.
pub fn draft() -> Value {
    let line = json!({ "text": "Something was said.", "segments": [0] });
    json!({
        "title": "A memo", "summary": [line], "mood": "", "people": [], "places": [], "todos": [],
        "sections": [{ "heading": "First", "sentences": [line] }],
        "tags": ["Big idea"], "quotes": [], "open_questions": [],
    })
}
