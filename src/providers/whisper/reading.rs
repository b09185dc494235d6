//! What whisper.cpp holds after a pass, as segments, words and tokens with times of the whole recording.

use super::protocol::ChunkRequest;
use crate::domain::job::{ChunkRange, samples_to_ms};
use crate::domain::options::Task;
use crate::domain::transcript::{Segment, Token, Word};
use whisper_rs::{WhisperSegment, WhisperState, WhisperToken};

/// All segments in the order of time; no time goes back.
pub fn segments(
    state: &WhisperState,
    request: &ChunkRequest,
    range: ChunkRange,
    end_of_text: i32,
) -> Vec<Segment> {
    let reader = Reader { request, range, end_of_text };
    let mut segments: Vec<Segment> = state.as_iter().map(|heard| reader.segment(&heard)).collect();
    let mut reached_ms = 0;
    for segment in &mut segments {
        segment.start_ms = segment.start_ms.max(reached_ms);
        segment.end_ms = segment.end_ms.max(segment.start_ms);
        put_in_order(&mut segment.words, segment.start_ms, segment.end_ms);
        reached_ms = segment.end_ms;
    }
    segments
}

/// whisper.cpp guesses the times of tokens, and now and then guesses one before its forerunner.
fn put_in_order(words: &mut [Word], start_ms: u64, end_ms: u64) {
    let mut reached_ms = start_ms;
    for word in words {
        word.start_ms = word.start_ms.clamp(reached_ms, end_ms);
        word.end_ms = word.end_ms.clamp(word.start_ms, end_ms);
        reached_ms = word.end_ms;
    }
}

struct Reader<'a> {
    request: &'a ChunkRequest,
    range: ChunkRange,
    /// The first token that is no text.
    end_of_text: i32,
}

impl Reader<'_> {
    fn segment(&self, segment: &WhisperSegment<'_>) -> Segment {
        let request = self.request;
        let tokens: Vec<_> = (0..segment.n_tokens()).filter_map(|n| segment.get_token(n)).collect();
        let logprobs = tokens.iter().map(|token| f64::from(token.token_data().plog));
        let text = segment.to_str_lossy().map(|text| text.trim().to_owned()).unwrap_or_default();
        let translated = request.task == Task::Translate;
        Segment {
            id: 0,
            start_ms: self.in_recording(segment.start_timestamp()),
            end_ms: self.in_recording(segment.end_timestamp()),
            text,
            language: if translated { "en".to_owned() } else { request.language.clone() },
            avg_logprob: rounded(mean(logprobs)),
            no_speech_prob: rounded(f64::from(segment.no_speech_probability())),
            speaker: None,
            words: if request.word_timestamps { self.words(&tokens) } else { Vec::new() },
            tokens: if request.tokens { self.tokens(&tokens) } else { Vec::new() },
        }
    }

    fn is_text(&self, token: &WhisperToken<'_, '_>) -> bool {
        token.token_id() < self.end_of_text
    }

    fn tokens(&self, tokens: &[WhisperToken<'_, '_>]) -> Vec<Token> {
        let spoken = tokens.iter().filter(|token| self.is_text(token));
        let kept = spoken.map(|token| Token {
            id: token.token_id(),
            logprob: rounded(f64::from(token.token_data().plog)),
            bytes: token.to_bytes().unwrap_or_default().to_vec(),
        });
        kept.collect()
    }

    /// Joins tokens to words: a word begins with a space, and a token may hold half a character.
    fn words(&self, tokens: &[WhisperToken<'_, '_>]) -> Vec<Word> {
        struct Open {
            bytes: Vec<u8>,
            start_ms: u64,
            end_ms: u64,
            probabilities: Vec<f64>,
        }
        let mut open: Vec<Open> = Vec::new();
        for token in tokens.iter().filter(|token| self.is_text(token)) {
            let (data, bytes) = (token.token_data(), token.to_bytes().unwrap_or_default());
            let (start_ms, end_ms) = (self.in_recording(data.t0), self.in_recording(data.t1));
            match open.last_mut() {
                Some(word) if !bytes.starts_with(b" ") => {
                    word.bytes.extend_from_slice(bytes);
                    word.end_ms = end_ms;
                    word.probabilities.push(f64::from(data.p));
                }
                _ => open.push(Open {
                    bytes: bytes.to_vec(),
                    start_ms,
                    end_ms,
                    probabilities: vec![f64::from(data.p)],
                }),
            }
        }
        let close = |word: Open| Word {
            text: String::from_utf8_lossy(&word.bytes).trim().to_owned(),
            start_ms: word.start_ms,
            end_ms: word.end_ms.max(word.start_ms),
            probability: rounded(mean(word.probabilities.into_iter())),
        };
        open.into_iter().map(close).filter(|word| !word.text.is_empty()).collect()
    }

    /// A time of whisper.cpp, in hundredths of a second from the part's start, as one of the recording.
    fn in_recording(&self, centiseconds: i64) -> u64 {
        let within = centiseconds.max(0).unsigned_abs() * 10;
        samples_to_ms(self.range.start_sample) + within.min(self.range.duration_ms())
    }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    match values.len() {
        0 => 0.0,
        n => values.sum::<f64>() / n as f64,
    }
}

/// Four digits are all that these figures are good for, and they keep rows and events small.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_of_words_never_go_back_nor_leave_their_segment() {
        let word = |start_ms, end_ms| Word { text: "w".into(), start_ms, end_ms, probability: 1.0 };
        let mut words = [word(90, 200), word(150, 400), word(300, 310), word(900, 1_200)];
        put_in_order(&mut words, 100, 1_000);
        let times = words.map(|word| (word.start_ms, word.end_ms));
        assert_eq!(times, [(100, 200), (200, 400), (400, 400), (900, 1_000)]);
    }
}
