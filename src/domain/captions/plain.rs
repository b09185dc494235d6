//! The plain forms: one segment a line, and one segment a row of tab-separated values.

use crate::domain::transcript::{Segment, Transcript};
use std::fmt::Write;

/// One segment a line.
pub fn text(transcript: &Transcript) -> String {
    let mut page = String::new();
    for (_, line) in spoken(transcript) {
        page.push_str(&line);
        page.push('\n');
    }
    page
}

/// Start and end in milliseconds, and the text, as openai-whisper writes them.
pub fn tsv(transcript: &Transcript) -> String {
    let mut page = String::from("start\tend\ttext\n");
    for (segment, line) in spoken(transcript) {
        let _infallible = writeln!(page, "{}\t{}\t{line}", segment.start_ms, segment.end_ms);
    }
    page
}

/// The segments that say something, each on one line.
pub(super) fn spoken(transcript: &Transcript) -> impl Iterator<Item = (&Segment, String)> {
    let line = |segment: &Segment| segment.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = transcript.segments.iter().map(move |segment| (segment, line(segment)));
    lines.filter(|(_, line)| !line.is_empty())
}
