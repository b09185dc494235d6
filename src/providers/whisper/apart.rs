//! Where in a chunk somebody speaks, and the chunk in parts: one stretch between two pauses each.

use crate::domain::job::{ChunkRange, SAMPLE_RATE_HZ, samples_to_ms};
use crate::providers::audio::CutOptions;
use crate::providers::audio::voice::Cutter;
use std::ops::Range;

/// A shorter stretch says too little by itself: it is heard together with its neighbour.
const SAMPLES_MIN: usize = SAMPLE_RATE_HZ as usize;
/// What is taken of the pause on both sides of a stretch, at most.
const MARGIN: usize = SAMPLE_RATE_HZ as usize * 3 / 10;

/// A stretch of sound, and where it stands in the recording.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    pub pcm: &'a [f32],
    pub range: ChunkRange,
}

/// What of a chunk is speech.
pub struct Spoken<'a> {
    pub duration_ms: u64,
    pub parts: Vec<Part<'a>>,
}

pub fn spoken(whole: Part<'_>) -> Spoken<'_> {
    let mut cutter = Cutter::new(CutOptions::default());
    let samples: Vec<i16> = whole.pcm.iter().map(|sample| (sample * 32_768.0) as i16).collect();
    cutter.push(&samples);
    let runs = cutter.finish_with_runs();
    let duration_ms = samples_to_ms(runs.iter().map(|run| run.len() as u64).sum());
    let parts = with_pauses(&joined(runs), whole.pcm.len());
    let parts = parts.into_iter().filter_map(|part| {
        let start_sample = whole.range.start_sample + part.start as u64;
        let range = ChunkRange { start_sample, end_sample: start_sample + part.len() as u64 };
        Some(Part { pcm: whole.pcm.get(part)?, range })
    });
    Spoken { duration_ms, parts: parts.collect() }
}

/// Runs that say enough by themselves.
fn joined(runs: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for run in runs {
        match joined.last_mut() {
            Some(last) if last.len() < SAMPLES_MIN => last.end = run.end,
            _ => joined.push(run),
        }
    }
    joined
}

/// Each run with what belongs to it of the pauses around it; no sample is in two parts.
fn with_pauses(runs: &[Range<usize>], end: usize) -> Vec<Range<usize>> {
    let middle = |a: &Range<usize>, b: &Range<usize>| a.end + (b.start - a.end) / 2;
    let mut parts = Vec::with_capacity(runs.len());
    for (at, run) in runs.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| runs.get(at));
        let from = before.map_or(0, |before| middle(before, run));
        let to = runs.get(at + 1).map_or(end, |after| middle(run, after));
        parts.push(from.max(run.start.saturating_sub(MARGIN))..to.min(run.end + MARGIN));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_take_their_side_of_each_pause_and_short_ones_join_their_neighbour() {
        let second = SAMPLE_RATE_HZ as usize;
        let runs = vec![second..second * 2, second * 4..second * 4 + 500, second * 5..second * 6];
        let joined = joined(runs);
        assert_eq!(joined, [second..second * 2, second * 4..second * 6]);
        let parts = with_pauses(&joined, second * 6 + 100);
        let expected =
            [second - MARGIN..second * 2 + MARGIN, second * 4 - MARGIN..second * 6 + 100];
        assert_eq!(parts, expected);
        let near = with_pauses(&[0..1_000, 2_000..3_000], 3_000);
        assert_eq!(near, [0..1_500, 1_500..3_000]);
    }

    #[test]
    fn nobody_speaks_in_silence() {
        let pcm = vec![0.0; SAMPLE_RATE_HZ as usize * 3];
        let range = ChunkRange { start_sample: 7, end_sample: 7 + pcm.len() as u64 };
        let spoken = spoken(Part { pcm: &pcm, range });
        assert!(spoken.duration_ms == 0 && spoken.parts.is_empty());
    }
}
