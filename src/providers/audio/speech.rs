//! Which frames are speech: the detector's word, unless the sound is as steady as noise.
use std::ops::Range;

use crate::providers::audio::voice::Frame;

/// Scores are averaged over this many frames on both sides.
const SMOOTH: usize = 3;
/// A run of speech begins at the first score and ends below the second.
const BEGIN: f32 = 0.55 * 255.0;
const KEEP_ON: f32 = 0.40 * 255.0;
/// A run without one score like this was no speech.
const SURE: f32 = 0.72 * 255.0;
/// Frames: shorter runs are clicks, shorter gaps are the stops inside words.
const RUN_AT_LEAST: usize = 6;
const GAP_AT_LEAST: usize = 10;
/// Half decibels above the surrounding floor that speech reaches again and again.
const ABOVE_FLOOR: f32 = 12.0;
/// Frames around such a loud moment that may be speech: soft consonants, ends of words.
const NEARBY: usize = 24;
/// The floor is taken from this many frames, and the same on both sides of them.
const FLOOR_BLOCK: usize = 62;
const FLOOR_REACH: usize = 4;
/// Half decibels between the loud and the soft parts of a run; steady noise has less.
const SWING: f32 = 9.0;

/// The runs of speech, in frames, in order, with at least a short gap between two of them.
pub fn runs(frames: &[Frame]) -> Vec<Range<usize>> {
    let voice = smoothed(frames, |frame| frame.voice);
    let level = smoothed(frames, |frame| frame.level);
    let lively = lively(&level);
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut start = None;
    for at in 0..=frames.len() {
        let score = match (voice.get(at), lively.get(at)) {
            (Some(score), Some(true)) => *score,
            _ => 0.0,
        };
        match start {
            None if score >= BEGIN => start = Some(at),
            Some(from) if score < KEEP_ON => {
                join(&mut runs, from..at);
                start = None;
            }
            _ => {}
        }
    }
    runs.retain(|run| is_speech(&voice, &level, run));
    runs
}

fn join(runs: &mut Vec<Range<usize>>, run: Range<usize>) {
    match runs.last_mut() {
        Some(last) if run.start - last.end < GAP_AT_LEAST => last.end = run.end,
        _ => runs.push(run),
    }
}

fn is_speech(voice: &[f32], level: &[f32], run: &Range<usize>) -> bool {
    let scores = voice.get(run.clone()).unwrap_or_default();
    let sure = scores.iter().filter(|score| **score >= SURE).count();
    let mut levels = level.get(run.clone()).unwrap_or_default().to_vec();
    levels.sort_by(f32::total_cmp);
    let part = |tenths: usize| levels.get(levels.len() * tenths / 10).copied().unwrap_or(0.0);
    run.len() >= RUN_AT_LEAST && sure >= 2 && part(9) - part(1) >= SWING.min(run.len() as f32)
}

fn smoothed(frames: &[Frame], of: impl Fn(&Frame) -> u8) -> Vec<f32> {
    let mut sums = Vec::with_capacity(frames.len() + 1);
    let mut sum = 0_u32;
    sums.push(sum);
    for frame in frames {
        sum += u32::from(of(frame));
        sums.push(sum);
    }
    let mean = |at: usize| {
        let (from, to) = (at.saturating_sub(SMOOTH), (at + SMOOTH + 1).min(frames.len()));
        let total = sums.get(to).zip(sums.get(from)).map_or(0, |(to, from)| to - from);
        total as f32 / (to - from).max(1) as f32
    };
    (0..frames.len()).map(mean).collect()
}

/// Frames near a moment that stands out from the floor around it.
fn lively(level: &[f32]) -> Vec<bool> {
    let lows: Vec<f32> = level
        .chunks(FLOOR_BLOCK)
        .map(|block| {
            let mut sorted = block.to_vec();
            sorted.sort_by(f32::total_cmp);
            sorted.get(sorted.len() / 5).copied().unwrap_or(0.0)
        })
        .collect();
    let floor = |at: usize| {
        let block = at / FLOOR_BLOCK;
        let to = (block + FLOOR_REACH + 1).min(lows.len());
        let around = lows.get(block.saturating_sub(FLOOR_REACH)..to).unwrap_or_default();
        around.iter().copied().fold(f32::MAX, f32::min)
    };
    let mut lively = vec![false; level.len()];
    let mut marked = 0;
    for (at, loudness) in level.iter().enumerate() {
        if *loudness >= floor(at) + ABOVE_FLOOR {
            let from = at.saturating_sub(NEARBY).max(marked);
            marked = (at + NEARBY + 1).min(level.len());
            lively.get_mut(from..marked).unwrap_or_default().fill(true);
        }
    }
    lively
}
