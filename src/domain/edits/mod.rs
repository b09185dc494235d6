//! A person's corrections of a transcript: laid over what Whisper heard, with the words brought back to their times.

mod align;
#[cfg(test)]
mod tests;

use super::Timestamp;
use super::options::Fault;
use super::transcript::{Segment, Transcript};
use align::realigned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// A segment is a sentence or two: a longer text was pasted by mistake.
pub const TEXT_CHARS_MAX: usize = 5_000;

/// The new text of one segment. An empty one says that nothing was said there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The segment's id in the transcript.
    pub id: u32,
    pub text: String,
}

/// One version of a transcript after Whisper's own, and what it changed in the version before.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// 1, 2, 3, … of this transcript.
    pub version: u32,
    pub created_at: Timestamp,
    pub edits: Vec<Edit>,
}

/// A transcript as it stands in one version.
#[derive(Debug, Clone, PartialEq)]
pub struct Revised {
    pub version: u32,
    /// Whether any of it differs from what Whisper heard.
    pub edited: bool,
    pub transcript: Transcript,
}

/// All faults at once, each with a pointer into `segments` of the request.
pub fn faults(transcript: &Transcript, edits: &[Edit]) -> Vec<Fault> {
    let known: BTreeSet<u32> = transcript.segments.iter().map(|segment| segment.id).collect();
    let (mut seen, mut faults) = (BTreeSet::new(), Vec::new());
    for (index, edit) in edits.iter().enumerate() {
        let mut fault = |key: &str, detail: String| {
            faults.push(Fault { pointer: format!("/segments/{index}/{key}"), detail });
        };
        if !known.contains(&edit.id) {
            fault("id", format!("the transcript has no segment {}", edit.id));
        }
        if !seen.insert(edit.id) {
            fault("id", format!("segment {} stands here twice", edit.id));
        }
        if edit.text.chars().count() > TEXT_CHARS_MAX {
            fault("text", format!("at most {TEXT_CHARS_MAX} characters"));
        }
        if edit.text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            fault("text", "a control character is no text".to_owned());
        }
    }
    faults
}

/// What of the edits would change something in this transcript; texts are kept on one line.
pub fn changes(transcript: &Transcript, edits: &[Edit]) -> Vec<Edit> {
    let old: BTreeMap<u32, String> = transcript
        .segments
        .iter()
        .map(|segment| (segment.id, on_one_line(&segment.text)))
        .collect();
    let edits = edits.iter().map(|edit| Edit { id: edit.id, text: on_one_line(&edit.text) });
    edits.filter(|edit| old.get(&edit.id).is_some_and(|old| *old != edit.text)).collect()
}

/// Lays the revisions, in their order, over what Whisper heard. The last word on a segment counts, and its words are
/// aligned with what was heard, never with an earlier correction: taking one back gives the very first words again.
pub fn revise(heard: Transcript, revisions: &[Revision]) -> Revised {
    let version = revisions.last().map_or(0, |revision| revision.version);
    let texts: BTreeMap<u32, &str> = revisions
        .iter()
        .flat_map(|revision| &revision.edits)
        .map(|edit| (edit.id, edit.text.as_str()))
        .collect();
    let mut edited = false;
    let segments: Vec<Segment> = heard
        .segments
        .iter()
        .map(|segment| match texts.get(&segment.id) {
            Some(text) if on_one_line(text) != on_one_line(&segment.text) => {
                edited = true;
                corrected(segment, on_one_line(text))
            }
            _ => segment.clone(),
        })
        .collect();
    if !edited {
        return Revised { version, edited, transcript: heard };
    }
    let said = segments.iter().map(|segment| segment.text.trim()).filter(|text| !text.is_empty());
    let text = said.collect::<Vec<_>>().join(" ");
    Revised { version, edited, transcript: Transcript { text, segments, ..heard } }
}

/// The tokens were those of the old text.
fn corrected(heard: &Segment, text: String) -> Segment {
    let words = match heard.words.as_slice() {
        [] => Vec::new(),
        words => realigned(words, &text, heard.start_ms..heard.end_ms),
    };
    Segment { text, words, tokens: Vec::new(), ..heard.clone() }
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
