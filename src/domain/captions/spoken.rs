//! A transcript as one stream of words, each with its time: Whisper's own where it gave them, else by proportion.

use super::width::{columns, pieces};
use crate::domain::transcript::{Segment, Transcript};

/// A word, or a piece of one that is wider than a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Spoken<'a> {
    pub text: &'a str,
    pub columns: usize,
    pub start_ms: u64,
    pub end_ms: u64,
    /// It goes on where the piece before it ended, without a space.
    pub glued: bool,
    pub language: &'a str,
    pub speaker: Option<&'a str>,
}

/// The slowest speech: a segment that is longer than its text has silence at its end.
const SLOWEST_MS_PER_CHAR: u64 = 200;

/// All words of a transcript; their starts never go back.
pub fn words(transcript: &Transcript, line_width: usize) -> Vec<Spoken<'_>> {
    let mut all: Vec<Spoken<'_>> = Vec::new();
    for segment in &transcript.segments {
        let clock = Clock::of(segment);
        let mut at = 0;
        for word in segment.text.split_whitespace() {
            for (index, text) in pieces(word, line_width).into_iter().enumerate() {
                let from = all.last().map_or(0, |last| last.start_ms);
                let until = at + text.chars().count();
                let start_ms = clock.start_of(at).max(from);
                let end_ms = clock.end_of(until).max(start_ms);
                all.push(Spoken {
                    text,
                    columns: columns(text),
                    start_ms,
                    end_ms,
                    glued: index > 0,
                    language: &segment.language,
                    speaker: segment.speaker.as_deref(),
                });
                at = until;
            }
        }
    }
    all
}

/// Tells when each character of a segment is spoken; spaces do not count.
struct Clock {
    /// Stretches that follow each other: the character after each, its start and its end.
    stretches: Vec<(usize, u64, u64)>,
}

impl Clock {
    fn of(segment: &Segment) -> Self {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        let text = bare(&segment.text);
        let joined: String = segment.words.iter().map(|word| bare(&word.text)).collect();
        if joined == text && !text.is_empty() {
            let mut until = 0;
            let stretches = segment.words.iter().map(|word| {
                until += bare(&word.text).chars().count();
                (until, word.start_ms, word.end_ms.max(word.start_ms))
            });
            return Self { stretches: stretches.collect() };
        }
        let chars = text.chars().count();
        let slowest = segment.start_ms + chars as u64 * SLOWEST_MS_PER_CHAR;
        let end_ms = segment.end_ms.clamp(segment.start_ms, slowest.max(segment.start_ms));
        Self { stretches: vec![(chars, segment.start_ms, end_ms)] }
    }

    fn start_of(&self, at: usize) -> u64 {
        let next = self.stretches.partition_point(|(until, ..)| *until <= at);
        self.within(next, at)
    }

    fn end_of(&self, at: usize) -> u64 {
        let next = self.stretches.partition_point(|(until, ..)| *until < at);
        self.within(next, at)
    }

    fn within(&self, stretch: usize, at: usize) -> u64 {
        let Some((until, start_ms, end_ms)) = self.stretches.get(stretch) else {
            return self.stretches.last().map_or(0, |(_, _, end_ms)| *end_ms);
        };
        let from = stretch.checked_sub(1).map_or(0, |before| self.stretches[before].0);
        let (done, whole) = ((at - from) as u64, (until - from).max(1) as u64);
        start_ms + (end_ms - start_ms) * done / whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::captions::tests::{segment, transcript_of, word};

    fn times(transcript: &Transcript) -> Vec<(&str, u64, u64)> {
        words(transcript, 42).iter().map(|w| (w.text, w.start_ms, w.end_ms)).collect()
    }

    #[test]
    fn words_keep_the_times_that_whisper_gave_them() {
        let mut said = segment(0, 9_000, "Hello, world.");
        said.words = vec![word("Hello,", 100, 500), word("world.", 700, 1_200)];
        let said = transcript_of([said]);
        assert_eq!(times(&said), [("Hello,", 100, 500), ("world.", 700, 1_200)]);
    }

    #[test]
    fn without_word_times_a_segment_is_shared_out_by_length() {
        let said = transcript_of([segment(1_000, 2_000, "ab cdef gh ij")]);
        let expected = [
            ("ab", 1_000, 1_200),
            ("cdef", 1_200, 1_600),
            ("gh", 1_600, 1_800),
            ("ij", 1_800, 2_000),
        ];
        assert_eq!(times(&said), expected);
        let slow = transcript_of([segment(0, 3_600_000, "ab cd")]);
        assert_eq!(times(&slow), [("ab", 0, 400), ("cd", 400, 800)]);
    }
}
