//! A note as a list shows it, and where it says what was looked for.

use crate::domain::ids::JobId;
use crate::store::notes::Kept;
use crate::store::passages::Source;
use crate::store::search::Match;
use chrono::{DateTime, FixedOffset, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

/// Sentences that are shown of one note; who wants more opens it.
const MATCHES_MAX: usize = 20;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NoteItem {
    /// The job that made the note.
    pub id: JobId,
    pub title: String,
    /// When the memo was spoken, with the speaker's offset.
    pub recorded_at: DateTime<FixedOffset>,
    /// The memo's day.
    pub day: NaiveDate,
    pub summary: String,
    pub mood: Option<String>,
    pub tags: Vec<String>,
    pub people: Vec<String>,
    pub places: Vec<String>,
    pub todos: usize,
    /// What the sender called the recording.
    pub file_name: String,
    pub duration_ms: Option<u64>,
    pub links: NoteLinks,
    /// With `q`: the sentences that say any of it, in the order of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub matches: Option<Vec<NoteMatch>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteLinks {
    pub note: String,
    pub job: String,
    pub transcript: String,
    pub audio: String,
}

/// A sentence that says what was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteMatch {
    pub source: MatchSource,
    pub text: String,
    /// Where it is in the recording; a title is nowhere.
    pub start_ms: Option<u64>,
    pub end_ms: Option<u64>,
    /// The words that were looked for.
    pub marks: Vec<Mark>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum MatchSource {
    Title,
    Note,
    Transcript,
}

/// A stretch of a text, in characters; `end` is the first one that is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Mark {
    pub start: usize,
    pub end: usize,
}

impl NoteItem {
    pub fn new(kept: Kept, matches: Option<Vec<Match>>) -> Self {
        let Kept { job, note, file_name, audio } = kept;
        let of = |what: &str| format!("/v1/jobs/{job}{what}");
        Self {
            id: job,
            title: note.title,
            recorded_at: note.recorded_at,
            day: note.recorded_at.date_naive(),
            summary: note.summary,
            mood: note.mood,
            tags: note.tags,
            people: note.people,
            places: note.places,
            todos: note.todos.len(),
            file_name,
            duration_ms: audio.duration_ms,
            links: NoteLinks {
                note: of("/note"),
                job: of(""),
                transcript: of("/transcript"),
                audio: of("/audio"),
            },
            matches: matches.map(|matches| said_once(&matches)),
        }
    }
}

/// The note says much in the words of the transcript: a sentence that the note has is not shown again as spoken.
pub fn said_once(matches: &[Match]) -> Vec<NoteMatch> {
    let in_note: Vec<_> = matches
        .iter()
        .filter(|found| found.source == Source::Note)
        .filter_map(|found| found.span_ms.clone())
        .collect();
    let is_new = |found: &&Match| {
        let overlaps = |span: &std::ops::Range<u64>| {
            in_note.iter().any(|shown| span.start < shown.end && shown.start < span.end)
        };
        found.source != Source::Transcript || !found.span_ms.as_ref().is_some_and(overlaps)
    };
    matches.iter().filter(is_new).take(MATCHES_MAX).map(NoteMatch::of).collect()
}

impl NoteMatch {
    fn of(found: &Match) -> Self {
        Self {
            source: match found.source {
                Source::Title => MatchSource::Title,
                Source::Note => MatchSource::Note,
                Source::Transcript => MatchSource::Transcript,
            },
            text: found.text.clone(),
            start_ms: found.span_ms.as_ref().map(|span| span.start),
            end_ms: found.span_ms.as_ref().map(|span| span.end),
            marks: found.marks.iter().map(|m| Mark { start: m.start, end: m.end }).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_of_the_note_is_not_shown_again_as_spoken_and_the_rest_is() {
        let found = |source, span_ms: Option<std::ops::Range<u64>>| Match {
            job: JobId(uuid::Uuid::nil()),
            source,
            span_ms,
            text: "said".to_owned(),
            marks: std::iter::once(0..4).collect(),
        };
        let shown = said_once(&[
            found(Source::Title, None),
            found(Source::Note, Some(0..2_000)),
            found(Source::Transcript, Some(1_000..3_000)),
            found(Source::Transcript, Some(3_000..4_000)),
        ]);
        let told: Vec<_> = shown.iter().map(|m| (m.source, m.start_ms)).collect();
        assert_eq!(
            told,
            [
                (MatchSource::Title, None),
                (MatchSource::Note, Some(0)),
                (MatchSource::Transcript, Some(3_000))
            ]
        );
        let many = vec![found(Source::Title, None); MATCHES_MAX + 1];
        assert_eq!(said_once(&many).len(), MATCHES_MAX);
    }
}
