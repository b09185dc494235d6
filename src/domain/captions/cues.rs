//! Decides which words stand together in one caption: the division that costs least over the whole recording.

use super::Style;
use super::breaks;
use super::lines::{Fill, width};
use super::spoken::Spoken;
use std::ops::Range;

/// The longest that a caption stays.
pub const DURATION_MAX_MS: u64 = 7_000;
/// The shortest that can be read: 5/6 of a second.
pub const DURATION_MIN_MS: u64 = 833;
/// A reading speed that suits everybody, and the one that nobody should be asked for.
pub const COLUMNS_PER_SECOND: u64 = 17;
const COLUMNS_PER_SECOND_MAX: u64 = 20;

/// A silence that no caption bridges.
const PAUSE_MS: u64 = 1_500;
/// A silence that is heard: a caption had better end there.
const BREATH_MS: u64 = 350;

/// Every further caption costs the reader a look.
const EACH: u32 = 20;
const AFTER_BREATH: u32 = 6;
const OVER_BREATH: u32 = 12;
const OVER_SENTENCE: u32 = 6;
const TOO_SHORT: u32 = 90;
const EACH_COLUMN_TOO_FAST: u32 = 5;
const EACH_COLUMN_FAR_TOO_FAST: u32 = 10;
/// A caption of less than this, torn from its sentence, looks lost.
const ORPHAN_COLUMNS: usize = 12;
const ORPHAN: u32 = 80;

/// The captions as ranges of words, in order, without a gap.
pub fn divide(words: &[Spoken<'_>], style: &Style) -> Vec<Range<usize>> {
    // best[end]: the least cost of the first `end` words, and where the last caption of them begins.
    let mut best = vec![(u32::MAX, 0usize); words.len() + 1];
    best[0] = (0, 0);
    for begin in 0..words.len() {
        let (so_far, mut fill) = (best[begin].0, Fill::default());
        for end in begin + 1..=words.len() {
            fill.put(&words[end - 1], style);
            if fill.lines > style.line_count.max(1) || !may_hold(words, begin..end) {
                break;
            }
            let cost = so_far.saturating_add(caption_cost(words, begin..end));
            if cost < best[end].0 {
                best[end] = (cost, begin);
            }
        }
    }
    let (mut captions, mut end) = (Vec::new(), words.len());
    while end > 0 {
        let begin = best[end].1;
        captions.push(begin..end);
        end = begin;
    }
    captions.reverse();
    captions
}

/// Whether the last word of the range can stand with those before it; one word alone always may.
fn may_hold(words: &[Spoken<'_>], range: Range<usize>) -> bool {
    let [.., before, last] = &words[range.clone()] else { return true };
    last.start_ms.saturating_sub(before.end_ms) < PAUSE_MS
        && last.end_ms.saturating_sub(words[range.start].start_ms) <= DURATION_MAX_MS
        && last.speaker == before.speaker
}

fn caption_cost(words: &[Spoken<'_>], range: Range<usize>) -> u32 {
    let held = &words[range.clone()];
    let (first, last) = (&words[range.start], &words[range.end - 1]);
    let next = words.get(range.end);
    let mut cost = EACH + next.map_or(0, |next| end_cost(last, next));
    for pair in held.windows(2) {
        let breath = silence(&pair[0], &pair[1]) >= BREATH_MS;
        cost += if breaks::ends_sentence(&pair[0]) { OVER_SENTENCE } else { 0 };
        cost += if breath { OVER_BREATH } else { 0 };
    }
    let free = next.map_or(u64::MAX, |next| next.start_ms).saturating_sub(first.start_ms);
    let time_ms = free.min(DURATION_MAX_MS);
    if time_ms < DURATION_MIN_MS {
        cost += TOO_SHORT;
    }
    let columns = width(held);
    let speed = columns as u64 * 1_000 / time_ms.max(1);
    let over = |limit: u64| u32::try_from(speed.saturating_sub(limit).min(100)).unwrap_or(100);
    cost += over(COLUMNS_PER_SECOND) * EACH_COLUMN_TOO_FAST;
    cost += over(COLUMNS_PER_SECOND_MAX) * EACH_COLUMN_FAR_TOO_FAST;
    let begins = range.start.checked_sub(1).is_none_or(|at| stands_apart(&words[at], first));
    let whole = begins && next.is_none_or(|next| stands_apart(last, next));
    cost + if columns < ORPHAN_COLUMNS && !whole { ORPHAN } else { 0 }
}

fn end_cost(last: &Spoken<'_>, next: &Spoken<'_>) -> u32 {
    let cost = breaks::cost(last, next);
    if silence(last, next) >= BREATH_MS { cost.min(AFTER_BREATH) } else { cost }
}

fn stands_apart(before: &Spoken<'_>, after: &Spoken<'_>) -> bool {
    breaks::ends_sentence(before) || silence(before, after) >= PAUSE_MS
}

fn silence(before: &Spoken<'_>, after: &Spoken<'_>) -> u64 {
    after.start_ms.saturating_sub(before.end_ms)
}
