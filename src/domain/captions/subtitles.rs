//! SubRip and WebVTT: captions with their lines and times, written as players take them.

use super::Style;
use super::cues::divide;
use super::lines::{join, lay_out};
use super::spoken::{Spoken, words};
use super::timing::times;
use crate::domain::transcript::Transcript;
use std::fmt::Write;
use std::ops::Range;

/// A transcript as captions: what stands in each line, and when.
#[derive(Debug)]
pub struct Captions<'a> {
    words: Vec<Spoken<'a>>,
    cues: Vec<Cue>,
    highlight: bool,
}

#[derive(Debug)]
struct Cue {
    words: Range<usize>,
    /// Ranges within the words of this caption.
    lines: Vec<Range<usize>>,
    shown_ms: Range<u64>,
}

/// How a player is told that a text is no markup.
type Escape = fn(&str) -> String;

/// SubRip, in the default style.
pub fn srt(transcript: &Transcript) -> String {
    Captions::new(transcript, &Style::default()).srt()
}

/// WebVTT, in the default style.
pub fn vtt(transcript: &Transcript) -> String {
    Captions::new(transcript, &Style::default()).vtt()
}

impl<'a> Captions<'a> {
    pub fn new(transcript: &'a Transcript, style: &Style) -> Self {
        let words = words(transcript, style.line_width);
        let ranges = divide(&words, style);
        let shown = times(&words, &ranges, transcript.duration_ms);
        let cues = ranges.into_iter().zip(shown).map(|(range, shown_ms)| {
            let lines = lay_out(&words[range.clone()], style);
            Cue { words: range, lines, shown_ms }
        });
        let cues = cues.collect();
        Self { words, cues, highlight: style.highlight }
    }

    /// SubRip. It knows no escapes: an arrow within a text is written so that no player takes it for times.
    pub fn srt(&self) -> String {
        let mut page = String::new();
        let escape: Escape = |text| text.replace("-->", "->");
        for (number, (shown, text)) in (1..).zip(self.shown(escape)) {
            let _infallible = write!(page, "{number}\n{}\n{text}\n\n", arrow(&shown, ','));
        }
        page
    }

    /// WebVTT.
    pub fn vtt(&self) -> String {
        let mut page = String::from("WEBVTT\n\n");
        let escape: Escape =
            |text| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        for (shown, text) in self.shown(escape) {
            let _infallible = write!(page, "{}\n{text}\n\n", arrow(&shown, '.'));
        }
        page
    }

    /// Each caption with its times; with highlights, one for each word in turn.
    pub(super) fn shown(&self, escape: Escape) -> Vec<(Range<u64>, String)> {
        let mut shown = Vec::new();
        for cue in &self.cues {
            if !self.highlight {
                shown.push((cue.shown_ms.clone(), self.text(cue, None, escape)));
                continue;
            }
            let held = &self.words[cue.words.clone()];
            let mut from = cue.shown_ms.start;
            for index in 0..held.len() {
                let until = match held.get(index + 1) {
                    Some(next) => next.start_ms.min(cue.shown_ms.end),
                    None => cue.shown_ms.end,
                };
                // A word without length passes unseen; the next one takes its place.
                if until > from {
                    shown.push((from..until, self.text(cue, Some(index), escape)));
                    from = until;
                }
            }
        }
        shown
    }

    fn text(&self, cue: &Cue, lit: Option<usize>, escape: Escape) -> String {
        let held = &self.words[cue.words.clone()];
        let line = |line: &Range<usize>| {
            join(&held[line.clone()], |index, word| match lit {
                Some(lit) if lit == line.start + index => format!("<u>{}</u>", escape(word)),
                _ => escape(word),
            })
        };
        cue.lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

fn arrow(shown: &Range<u64>, mark: char) -> String {
    format!("{} --> {}", time(shown.start, mark), time(shown.end, mark))
}

pub(super) fn time(ms: u64, mark: char) -> String {
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{mark}{ms:03}")
}
