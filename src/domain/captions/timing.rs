//! When each caption comes and goes: with its words, long enough to be read, and never over the next one.

use super::cues::{COLUMNS_PER_SECOND, DURATION_MAX_MS, DURATION_MIN_MS};
use super::lines::width;
use super::spoken::Spoken;
use std::ops::Range;

/// Two frames at 24 a second: the eye sees that the text has changed.
pub const GAP_MS: u64 = 83;
/// A shorter pause between two captions flickers: the first one stays until the next comes.
const FLICKER_MS: u64 = 500;

/// Start and end of each caption. They never go back, never overlap and are never empty.
pub fn times(words: &[Spoken<'_>], captions: &[Range<usize>], duration_ms: u64) -> Vec<Range<u64>> {
    let mut times: Vec<Range<u64>> = Vec::with_capacity(captions.len());
    for (index, caption) in captions.iter().enumerate() {
        let held = &words[caption.clone()];
        let free = times.last().map_or(0, |before| before.end);
        let start = words[caption.start].start_ms.max(free);
        let spoken = held.iter().map(|word| word.end_ms).max().unwrap_or(start);
        let read = start + width(held) as u64 * 1_000 / COLUMNS_PER_SECOND;
        let wanted = spoken.max(read).max(start + DURATION_MIN_MS);
        let next = captions.get(index + 1).map(|next| words[next.start].start_ms);
        let ceiling = match next {
            Some(next) if next > start + GAP_MS => next - GAP_MS,
            Some(next) => next,
            // Nothing is shown after the end, unless the recording's length is not known.
            None if duration_ms > start => duration_ms.max(spoken),
            None => u64::MAX,
        };
        let flickers = next.is_some_and(|next| next.saturating_sub(wanted) < FLICKER_MS);
        let end = if flickers { ceiling } else { wanted.min(ceiling) };
        times.push(start..end.min(start + DURATION_MAX_MS).max(start + 1));
    }
    times
}
