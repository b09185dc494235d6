//! Listens to 16 kHz samples as they come and keeps two bytes per 16 ms: how voiced, how loud.
use std::fmt;
use std::ops::Range;

use earshot::Detector;

use crate::providers::audio::cuts::{self, Chunk, CutOptions};
use crate::providers::audio::speech;

/// Samples per frame: what the detector takes at a time.
pub const FRAME: usize = 256;
/// The level is normalised over blocks of about four seconds.
const BLOCK_FRAMES: usize = 250;
/// The loud frames of a block are raised to this level for the detector; its peaks stay below full scale.
const TARGET_DB: f32 = -22.0;
const GAIN_AT_MOST_DB: f32 = 42.0;
/// How much quieter than the last block this one is taken to be at most.
const RELEASE_DB: f32 = 4.0;
const FLOOR_DB: f32 = -100.0;

/// What is remembered of 16 ms of sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The detector's score, 0 to 255.
    pub voice: u8,
    /// The level above -100 dBFS, in half decibels.
    pub level: u8,
}

/// Finds where to cut. The result depends on the samples alone, not on how they are pushed.
pub struct Cutter {
    options: CutOptions,
    detector: Box<Detector>,
    block: Vec<i16>,
    frames: Vec<Frame>,
    samples: u64,
    loud_db: f32,
    steady: OnePole,
    rumble: OnePole,
    clean: Vec<f32>,
}

impl fmt::Debug for Cutter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cutter").field("samples", &self.samples).finish_non_exhaustive()
    }
}

impl Cutter {
    pub fn new(options: CutOptions) -> Self {
        Self {
            options,
            detector: Detector::default_boxed(),
            block: Vec::with_capacity(BLOCK_FRAMES * FRAME),
            frames: Vec::new(),
            samples: 0,
            loud_db: FLOOR_DB,
            steady: OnePole::new(0.99),
            rumble: OnePole::new(0.94),
            clean: Vec::with_capacity(BLOCK_FRAMES * FRAME),
        }
    }

    pub fn push(&mut self, mut samples: &[i16]) {
        self.samples += samples.len() as u64;
        while !samples.is_empty() {
            let room = BLOCK_FRAMES * FRAME - self.block.len();
            let (now, later) = samples.split_at(room.min(samples.len()));
            self.block.extend_from_slice(now);
            samples = later;
            if self.block.len() == BLOCK_FRAMES * FRAME {
                self.listen();
            }
        }
    }

    /// The chunks to recognise, in order; none where nobody speaks.
    pub fn finish(mut self) -> Vec<Chunk> {
        let whole = self.block.len().next_multiple_of(FRAME);
        self.block.resize(whole, 0);
        self.listen();
        let runs = speech::runs(&self.frames);
        cuts::pack(&runs, &self.frames, self.samples, &self.options)
    }

    /// Where somebody speaks, in samples, in order.
    pub fn finish_with_runs(mut self) -> Vec<Range<usize>> {
        let whole = self.block.len().next_multiple_of(FRAME);
        self.block.resize(whole, 0);
        self.listen();
        let end = usize::try_from(self.samples).unwrap_or(usize::MAX);
        let in_samples = |run: Range<usize>| run.start * FRAME..(run.end * FRAME).min(end);
        speech::runs(&self.frames).into_iter().map(in_samples).collect()
    }

    fn listen(&mut self) {
        self.clean.clear();
        let mut levels = Vec::with_capacity(BLOCK_FRAMES);
        for frame in self.block.chunks_exact(FRAME) {
            let mut energy = 0.0;
            for sample in frame {
                let clean = self.steady.high(f32::from(*sample) / 32_768.0);
                let voiced = self.rumble.high(clean);
                energy += voiced * voiced;
                self.clean.push(clean);
            }
            levels.push(decibels(energy / FRAME as f32));
        }
        self.block.clear();
        let gain = self.gain(&levels);
        for (frame, level) in self.clean.chunks_exact_mut(FRAME).zip(levels) {
            for sample in frame.iter_mut() {
                *sample = (*sample * gain).clamp(-1.0, 1.0);
            }
            let voice = self.detector.predict_f32(frame).clamp(0.0, 1.0);
            let level = (level - FLOOR_DB) * 2.0;
            self.frames.push(Frame { voice: (voice * 255.0) as u8, level: level as u8 });
        }
    }

    /// A quiet recording is raised for the detector only: the samples that are kept stay as they are.
    fn gain(&mut self, levels: &[f32]) -> f32 {
        let mut sorted = levels.to_vec();
        sorted.sort_by(f32::total_cmp);
        let loud = sorted.get(sorted.len() * 9 / 10).copied().unwrap_or(FLOOR_DB);
        self.loud_db = loud.max(self.loud_db - RELEASE_DB);
        let raise = (TARGET_DB - self.loud_db).clamp(0.0, GAIN_AT_MOST_DB);
        10.0_f32.powf(raise / 20.0)
    }
}

fn decibels(power: f32) -> f32 {
    (10.0 * (power + 1e-10).log10()).clamp(FLOOR_DB, 0.0)
}

/// A high-pass filter of one pole: takes away a constant offset, or low rumble.
struct OnePole {
    keep: f32,
    input: f32,
    output: f32,
}

impl OnePole {
    fn new(keep: f32) -> Self {
        Self { keep, input: 0.0, output: 0.0 }
    }

    fn high(&mut self, sample: f32) -> f32 {
        self.output = sample - self.input + self.keep * self.output;
        self.input = sample;
        self.output
    }
}

#[cfg(test)]
mod tests;
