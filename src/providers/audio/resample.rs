//! Any sample rate to 16 kHz, as a stream: constant memory, no delay at the start, no lost tail.
use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Fft, FixedSync, Resampler};

use crate::providers::audio::SAMPLE_RATE_HZ;
use crate::providers::audio::error::AudioError;

/// Rates outside this range are no recording of speech, and would cost memory without bound.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4_000..=384_000;
const BLOCK_FRAMES: usize = 1024;

/// Resamples one mono stream. At 16 kHz the samples pass untouched, bit for bit.
pub struct ToSixteenKhz {
    rate_hz: u32,
    fft: Option<Fft<f32>>,
    input: Vec<Vec<f32>>,
    output: Vec<Vec<f32>>,
    /// Output samples that are still the filter's start-up delay.
    delay_left: usize,
    taken: u64,
    given: u64,
}

impl ToSixteenKhz {
    pub fn new(rate_hz: u32) -> Result<Self, AudioError> {
        if !RATES_HZ.contains(&rate_hz) {
            let reason = format!("only {RATES_HZ:?} Hz are supported");
            return Err(AudioError::Resample { rate_hz, reason });
        }
        let fft = if rate_hz == SAMPLE_RATE_HZ { None } else { Some(new_fft(rate_hz)?) };
        let delay_left = fft.as_ref().map_or(0, Resampler::output_delay);
        let room = fft.as_ref().map_or(0, Resampler::output_frames_max);
        Ok(Self {
            rate_hz,
            fft,
            input: vec![Vec::new()],
            output: vec![vec![0.0; room]],
            delay_left,
            taken: 0,
            given: 0,
        })
    }

    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// Takes any number of samples and appends what is ready to `out`.
    pub fn push(&mut self, mono: &[f32], out: &mut Vec<f32>) -> Result<(), AudioError> {
        self.taken += mono.len() as u64;
        if self.fft.is_none() {
            self.given += mono.len() as u64;
            out.extend_from_slice(mono);
            return Ok(());
        }
        let [pending] = self.input.as_mut_slice() else { return Ok(()) };
        pending.extend_from_slice(mono);
        self.drain(out)
    }

    /// Ends the stream: what was pushed comes out whole, to the sample.
    pub fn finish(mut self, out: &mut Vec<f32>) -> Result<(), AudioError> {
        let due = due(self.taken, self.rate_hz);
        while self.given < due && self.fft.is_some() {
            let [pending] = self.input.as_mut_slice() else { break };
            let wanted = self.fft.as_ref().map_or(0, Resampler::input_frames_next);
            pending.resize(wanted.max(1), 0.0);
            self.drain(out)?;
        }
        let surplus = usize::try_from(self.given.saturating_sub(due)).unwrap_or(0);
        out.truncate(out.len().saturating_sub(surplus));
        Ok(())
    }

    fn drain(&mut self, out: &mut Vec<f32>) -> Result<(), AudioError> {
        let Some(fft) = self.fft.as_mut() else { return Ok(()) };
        let mut used = 0;
        loop {
            let wanted = fft.input_frames_next();
            let have = self.input.first().map_or(0, Vec::len) - used;
            if have < wanted {
                break;
            }
            let room = self.output.first().map_or(0, Vec::len);
            let written = {
                let index = rubato::Indexing::new().input_offset(used);
                let input = SequentialSliceOfVecs::new(&self.input, 1, used + have)
                    .map_err(|error| failed(self.rate_hz, &error))?;
                let mut output = SequentialSliceOfVecs::new_mut(&mut self.output, 1, room)
                    .map_err(|error| failed(self.rate_hz, &error))?;
                let (read, written) = fft
                    .process_into_buffer(&input, &mut output, Some(&index))
                    .map_err(|error| failed(self.rate_hz, &error))?;
                used += read;
                written
            };
            let ready = self.output.first().and_then(|plane| plane.get(..written)).unwrap_or(&[]);
            let skipped = self.delay_left.min(ready.len());
            self.delay_left -= skipped;
            let ready = ready.get(skipped..).unwrap_or(&[]);
            self.given += ready.len() as u64;
            out.extend_from_slice(ready);
        }
        if let Some(pending) = self.input.first_mut() {
            pending.drain(..used);
        }
        Ok(())
    }
}

fn new_fft(rate_hz: u32) -> Result<Fft<f32>, AudioError> {
    let (from, to) = (rate_hz as usize, SAMPLE_RATE_HZ as usize);
    Fft::new(from, to, BLOCK_FRAMES, 1, FixedSync::Both).map_err(|error| failed(rate_hz, &error))
}

fn failed(rate_hz: u32, error: &dyn std::fmt::Display) -> AudioError {
    AudioError::Resample { rate_hz, reason: error.to_string() }
}

/// How many 16 kHz samples so many samples at that rate last.
pub fn due(frames: u64, rate_hz: u32) -> u64 {
    let rate = u128::from(rate_hz.max(1));
    let exact = (u128::from(frames) * u128::from(SAMPLE_RATE_HZ) * 2 + rate) / (rate * 2);
    u64::try_from(exact).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn sine(rate_hz: u32, seconds: f64) -> Vec<f32> {
        let frames = (f64::from(rate_hz) * seconds) as usize;
        let step = 2.0 * std::f64::consts::PI * 440.0 / f64::from(rate_hz);
        (0..frames).map(|n| (n as f64 * step).sin() as f32 * 0.5).collect()
    }

    fn resampled(rate_hz: u32, samples: &[f32], block: usize) -> Vec<f32> {
        let mut out = Vec::new();
        let mut stream = ToSixteenKhz::new(rate_hz).unwrap();
        for part in samples.chunks(block) {
            stream.push(part, &mut out).unwrap();
        }
        stream.finish(&mut out).unwrap();
        out
    }

    #[test]
    fn length_and_phase_survive_every_usual_rate() {
        for rate_hz in [8_000, 11_025, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000] {
            let out = resampled(rate_hz, &sine(rate_hz, 2.0), 1000);
            assert_eq!(out.len(), 32_000, "{rate_hz}");
            let expected = sine(16_000, 2.0);
            // Within one sample: where a filter has no middle sample, half a step is lost.
            let worst = (400..31_600).map(|n| (out[n] - expected[n]).abs()).fold(0.0, f32::max);
            assert!(worst < 0.087, "{rate_hz}: off by {worst}");
        }
    }

    #[test]
    fn sixteen_kilohertz_pass_bit_for_bit() {
        let samples = sine(16_000, 0.3);
        assert_eq!(resampled(16_000, &samples, 77), samples);
    }

    #[test]
    fn block_sizes_do_not_change_a_sample() {
        let samples = sine(44_100, 0.7);
        assert_eq!(resampled(44_100, &samples, 33), resampled(44_100, &samples, 30_000));
    }

    #[test]
    fn a_few_samples_come_out_as_a_few() {
        assert_eq!(resampled(48_000, &[0.1; 30], 30).len(), 10);
        assert_eq!(resampled(48_000, &[], 1).len(), 0);
    }

    #[test]
    fn an_absurd_rate_is_refused_before_it_costs_memory() {
        assert!(ToSixteenKhz::new(4_000_000_007).is_err());
        assert!(ToSixteenKhz::new(0).is_err());
    }
}
