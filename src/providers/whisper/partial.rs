//! The text of a chunk while it is still being heard, for those who watch: a foretaste, which nothing is made of.

use crate::clock;
use std::time::{Duration, Instant};
use whisper_rs::{WhisperContext, WhisperTokenData};

/// Nobody reads faster than this.
const EVERY: Duration = Duration::from_millis(200);

/// Tells what one pass over a chunk has heard so far, now and then.
pub struct Partial<'a> {
    context: &'a WhisperContext,
    tell: &'a dyn Fn(String),
    tokens: Tokens,
    told_at: Option<Instant>,
    told: String,
}

impl<'a> Partial<'a> {
    pub fn new(context: &'a WhisperContext, tell: &'a dyn Fn(String)) -> Self {
        let tokens = Tokens { first_time: context.token_beg(), ..Tokens::default() };
        Self { context, tell, tokens, told_at: None, told: String::new() }
    }

    /// The tokens of the window that is being heard.
    pub fn step(&mut self, window: &[WhisperTokenData]) {
        self.tokens.step(window.iter().map(|token| token.id));
        if self.told_at.is_some_and(|at| at.elapsed() < EVERY) {
            return;
        }
        let end_of_text = self.context.token_eot();
        let spoken = self.tokens.all().filter(|token| *token < end_of_text);
        let bytes = spoken.flat_map(|token| self.context.token_to_bytes(token).unwrap_or_default());
        let text = text(&bytes.copied().collect::<Vec<u8>>());
        if text != self.told {
            (self.tell)(text.clone());
            (self.told, self.told_at) = (text, Some(clock::tick()));
        }
    }
}

/// All tokens of a pass: whisper.cpp begins anew with each window, at the last time that it wrote down.
#[derive(Default)]
struct Tokens {
    before: Vec<i32>,
    window: Vec<i32>,
    /// The first token that is a time.
    first_time: i32,
}

impl Tokens {
    fn step(&mut self, window: impl ExactSizeIterator<Item = i32>) {
        if window.len() < self.window.len() {
            let last = self.window.iter().rposition(|token| *token >= self.first_time);
            self.before.extend(self.window.drain(..last.unwrap_or(0)));
        }
        self.window.clear();
        self.window.extend(window);
    }

    fn all(&self) -> impl Iterator<Item = i32> {
        self.before.iter().chain(&self.window).copied()
    }
}

/// Without the first half of a character whose other half is in the next token.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\u{fffd}').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_goes_on_where_the_last_one_was_cut() {
        let mut tokens = Tokens { first_time: 100, ..Tokens::default() };
        let windows: [&[i32]; 5] = [&[], &[100, 1], &[100, 1, 2, 101, 101, 3], &[], &[100, 3, 4]];
        for window in windows {
            tokens.step(window.iter().copied());
        }
        let spoken: Vec<i32> = tokens.all().filter(|token| *token < 100).collect();
        assert_eq!(spoken, [1, 2, 3, 4]);
    }

    #[test]
    fn half_a_character_waits_for_its_other_half() {
        assert_eq!(text(b" We met Zo\xc3"), "We met Zo");
        assert_eq!(text(" We met Zoë".as_bytes()), "We met Zoë");
        assert_eq!(text(b" "), "");
    }
}
