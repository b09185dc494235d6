//! Packs runs of speech into chunks that suit Whisper's window, cut where the pause is longest.
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::providers::audio::SAMPLE_RATE_HZ;
use crate::providers::audio::voice::{FRAME, Frame};

/// Frames kept before and after speech, so that quiet beginnings and ends of words are not lost.
const BEFORE: usize = 18;
const AFTER: usize = 18;
/// Seven frames, a good 100 ms: how long the quietest moment is taken to be.
const MOMENT: usize = 7;

/// A stretch of samples to recognise in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    pub start_sample: u64,
    pub end_sample: u64,
}

impl Chunk {
    pub fn start_ms(&self) -> u64 {
        self.start_sample * 1000 / u64::from(SAMPLE_RATE_HZ)
    }

    pub fn end_ms(&self) -> u64 {
        self.end_sample * 1000 / u64::from(SAMPLE_RATE_HZ)
    }
}

#[derive(Debug, Clone, Copy)]
pub struct CutOptions {
    /// No chunk is longer: Whisper hears 30 s at a time.
    pub longest_s: f32,
    /// Chunks are packed towards this length; much shorter ones lose words, longer ones cost more.
    pub wanted_s: f32,
}

impl Default for CutOptions {
    fn default() -> Self {
        Self { longest_s: 28.0, wanted_s: 22.0 }
    }
}

/// Covers every run with chunks, in order, none longer than allowed.
pub fn pack(
    runs: &[Range<usize>],
    frames: &[Frame],
    samples: u64,
    options: &CutOptions,
) -> Vec<Chunk> {
    let longest = (options.longest_s * SAMPLE_RATE_HZ as f32) as usize / FRAME;
    let room = longest.saturating_sub(BEFORE + AFTER).max(MOMENT * 4);
    let runs = split_long(runs, frames, room);
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return Vec::new() };
    let groups = if last.end - first.start <= room {
        std::iter::once(0..runs.len()).collect()
    } else {
        cheapest(&runs, room, (options.wanted_s * SAMPLE_RATE_HZ as f32) as usize / FRAME)
    };
    let edges: Vec<usize> = edges(&runs, frames);
    groups.iter().filter_map(|group| chunk(&runs, &edges, group, frames.len(), samples)).collect()
}

/// A run without a pause that is too long is cut at the quietest moment of its later half.
fn split_long(runs: &[Range<usize>], frames: &[Frame], room: usize) -> Vec<Range<usize>> {
    let mut short = Vec::with_capacity(runs.len());
    for run in runs {
        let mut rest = run.clone();
        while rest.len() > room {
            let cut = quietest(frames, rest.start + room / 2..rest.start + room);
            short.push(rest.start..cut);
            rest.start = cut;
        }
        short.push(rest);
    }
    short
}

/// The middle of the quietest moment; of two alike, the earlier.
fn quietest(frames: &[Frame], within: Range<usize>) -> usize {
    let Some(part) = frames.get(within.clone()) else { return within.start };
    let loudness = |moment: &[Frame]| -> u32 {
        moment.iter().map(|frame| u32::from(frame.level) * 2 + u32::from(frame.voice) / 8).sum()
    };
    let moments = part.windows(MOMENT.min(part.len().max(1))).map(loudness).enumerate();
    let best = moments.min_by_key(|(at, loudness)| (*loudness, *at));
    within.start + best.map_or(part.len() / 2, |(at, _)| at + MOMENT.min(part.len()) / 2)
}

/// What one way of grouping costs, in arbitrary units; the cheapest wins, the earliest among equals.
fn cheapest(runs: &[Range<usize>], room: usize, wanted: usize) -> Vec<Range<usize>> {
    // best[n]: the cheapest way to group the first n runs, and where its last group begins.
    let mut best: Vec<(f32, usize)> = vec![(0.0, 0)];
    for end in 1..=runs.len() {
        let mut choice = (f32::MAX, end - 1);
        let mut dead_air = 0.0;
        for begin in (0..end).rev() {
            let Some(group) = runs.get(begin..end) else { continue };
            let (Some(head), Some(tail)) = (group.first(), group.last()) else { continue };
            let length = tail.end - head.start;
            if length > room {
                break;
            }
            if let Some(next) = group.get(1) {
                dead_air += dead_air_cost(next.start - head.end);
            }
            let cut = runs.get(end).map_or(0.0, |next| cut_cost(next.start - tail.end));
            let before = best.get(begin).map_or(f32::MAX, |(cost, _)| *cost);
            let cost = before + length_cost(length, wanted) + dead_air + cut;
            if cost < choice.0 {
                choice = (cost, begin);
            }
        }
        best.push(choice);
    }
    let mut groups = Vec::new();
    let mut end = runs.len();
    while let (true, Some((_, begin))) = (end > 0, best.get(end)) {
        groups.push(*begin..end);
        end = *begin;
    }
    groups.reverse();
    groups
}

/// Every chunk costs something, a short one more, and one past the wanted length a little.
fn length_cost(length: usize, wanted: usize) -> f32 {
    let off = (length as f32 - wanted as f32) / wanted.max(1) as f32;
    let weight = if off < 0.0 { 8.0 } else { 12.0 };
    4.0 + weight * off * off
}

/// Recognising silence costs time and invites invented words: seconds beyond the first two.
fn dead_air_cost(gap: usize) -> f32 {
    (seconds(gap) - 2.0).max(0.0)
}

/// A cut in a short pause may touch a word; in a long one it is free.
fn cut_cost(gap: usize) -> f32 {
    let missing = (1.0 - seconds(gap) / 0.8).max(0.0);
    12.0 * missing * missing
}

fn seconds(frames: usize) -> f32 {
    (frames * FRAME) as f32 / SAMPLE_RATE_HZ as f32
}

/// Where the gap after each run would be cut: its quietest moment.
fn edges(runs: &[Range<usize>], frames: &[Frame]) -> Vec<usize> {
    let gaps = runs.windows(2).filter_map(|pair| match pair {
        [left, right] if right.start - left.end >= MOMENT => {
            Some(quietest(frames, left.end..right.start))
        }
        [left, right] => Some(usize::midpoint(left.end, right.start)),
        _ => None,
    });
    gaps.collect()
}

fn chunk(
    runs: &[Range<usize>],
    edges: &[usize],
    group: &Range<usize>,
    frames: usize,
    samples: u64,
) -> Option<Chunk> {
    let head = runs.get(group.start)?;
    let tail = runs.get(group.end.checked_sub(1)?)?;
    let from = group.start.checked_sub(1).and_then(|gap| edges.get(gap)).copied().unwrap_or(0);
    let to = edges.get(group.end - 1).copied().unwrap_or(frames);
    let start = head.start.saturating_sub(BEFORE).max(from.min(head.start));
    let end = (tail.end + AFTER).min(to.max(tail.end));
    let sample = |frame: usize| ((frame * FRAME) as u64).min(samples);
    Some(Chunk { start_sample: sample(start), end_sample: sample(end) })
}
