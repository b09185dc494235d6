//! A transcript to read: Markdown in paragraphs, each with the time at which it begins.

use super::plain::spoken;
use crate::domain::note::markdown::{clock, inline};
use crate::domain::transcript::{Segment, Transcript};
use std::fmt::Write;

/// A silence of this length begins a new paragraph.
const BREATH_MS: u64 = 2_000;
/// A paragraph of so many characters ends with its sentence.
const PARAGRAPH_CHARS: usize = 500;

pub fn markdown(transcript: &Transcript) -> String {
    let Transcript { language, model, duration_ms, .. } = transcript;
    let mut page = format!("*{}, {language}, {}*\n", clock(*duration_ms), inline(model));
    for paragraph in paragraphs(transcript) {
        let speaker =
            paragraph.speaker.map_or_else(String::new, |who| format!(" {}:", inline(who)));
        let _infallible = write!(
            page,
            "\n**{}**{speaker} {}\n",
            clock(paragraph.start_ms),
            inline(&paragraph.text)
        );
    }
    for gap in &transcript.gaps {
        let (start, end) = (clock(gap.start_ms), clock(gap.end_ms));
        let _infallible =
            write!(page, "\n*{start}–{end} could not be heard: {}*\n", inline(&gap.reason));
    }
    page
}

struct Paragraph<'a> {
    start_ms: u64,
    end_ms: u64,
    speaker: Option<&'a str>,
    text: String,
}

fn paragraphs(transcript: &Transcript) -> Vec<Paragraph<'_>> {
    let mut paragraphs: Vec<Paragraph<'_>> = Vec::new();
    for (segment, line) in spoken(transcript) {
        match paragraphs.last_mut() {
            Some(open) if !ends(open, segment) => {
                open.text.push(' ');
                open.text.push_str(&line);
                open.end_ms = segment.end_ms;
            }
            _ => paragraphs.push(Paragraph {
                start_ms: segment.start_ms,
                end_ms: segment.end_ms,
                speaker: segment.speaker.as_deref(),
                text: line,
            }),
        }
    }
    paragraphs
}

fn ends(open: &Paragraph<'_>, next: &Segment) -> bool {
    let full =
        open.text.len() >= PARAGRAPH_CHARS && open.text.ends_with(['.', '?', '!', '…', '。']);
    let silence = next.start_ms.saturating_sub(open.end_ms) >= BREATH_MS;
    full || silence || open.speaker != next.speaker.as_deref()
}
