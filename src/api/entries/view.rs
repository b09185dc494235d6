//! An entry as a list shows it: a job with what its note says in short.

use crate::api::jobs::{JobStatus, Progress};
use crate::api::notes::{NoteMatch, said_once};
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::failure::JobError;
use crate::domain::ids::JobId;
use crate::domain::job_state::Stage;
use crate::store::entries::Entry;
use crate::store::search::Match;
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

const SUMMARY_CHARS_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EntryItem {
    /// Of the job.
    pub id: JobId,
    /// The person's own, else the note's, else the file's name without its extension.
    pub title: String,
    /// The memo's day, by the speaker's wall clock.
    pub day: NaiveDate,
    /// When the memo was spoken, with the speaker's offset.
    pub recorded_at: DateTime<FixedOffset>,
    pub duration_ms: Option<u64>,
    pub file_name: String,
    pub status: JobStatus,
    pub stage: Option<Stage>,
    pub progress: Progress,
    /// Why it failed, or what it waits for.
    pub error: Option<JobError>,
    pub has_note: bool,
    /// The first 200 characters of it; `null` without a note.
    pub summary: Option<String>,
    pub mood: Option<String>,
    pub tags: Vec<String>,
    pub model: String,
    pub language: Option<String>,
    /// Since when it lies in the trash.
    pub trashed_at: Option<DateTime<Utc>>,
    /// Whether a person has changed the transcript.
    pub edited: bool,
    pub created_at: DateTime<Utc>,
    /// With `q`: the sentences that say any of it, in the order of time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub matches: Option<Vec<NoteMatch>>,
}

impl EntryItem {
    pub fn new(entry: Entry, matches: Option<Vec<Match>>, now: Timestamp) -> Self {
        let Entry { job, spoken_at, note, tags, is_edited } = entry;
        let name = job.name().to_owned();
        let (title, summary, mood) = match note {
            Some(note) => (Some(note.title), Some(in_short(note.summary)), note.mood),
            None => (None, None, None),
        };
        Self {
            title: job.title.clone().or(title).unwrap_or(name),
            day: spoken_at.date(),
            recorded_at: job.recorded_at.unwrap_or_else(|| clock::in_local_zone(job.created_at)),
            duration_ms: job.audio.duration_ms,
            status: JobStatus::from(&job.state),
            stage: job.state.work().map(|work| work.stage),
            progress: Progress::of(&job, now),
            error: job.error(),
            has_note: summary.is_some(),
            summary,
            mood,
            tags,
            trashed_at: job.trashed_at,
            edited: is_edited,
            created_at: job.created_at,
            matches: matches.map(|matches| said_once(&matches)),
            id: job.id,
            file_name: job.file_name,
            model: job.model.name,
            language: job.language,
        }
    }
}

fn in_short(summary: String) -> String {
    if summary.chars().count() <= SUMMARY_CHARS_MAX {
        return summary;
    }
    let begun: String = summary.chars().take(SUMMARY_CHARS_MAX - 1).collect();
    // A word that was cut in two is left out.
    let whole = begun.rsplit_once(' ').map_or(begun.as_str(), |(whole, _)| whole);
    format!("{whole}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_summary_is_cut_between_two_words() {
        let exact = "é".repeat(SUMMARY_CHARS_MAX);
        assert_eq!(in_short(exact.clone()), exact);
        let long = in_short("word ".repeat(60));
        assert!(long.ends_with("word…") && long.chars().count() <= SUMMARY_CHARS_MAX, "{long}");
        let one = in_short("w".repeat(300));
        assert_eq!(one.chars().count(), SUMMARY_CHARS_MAX);
    }
}
