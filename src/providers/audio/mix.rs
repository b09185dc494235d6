//! Many channels into one voice: a silent channel does not halve it, and a turned one does not erase it.
//!
//! The channels are added up, each turned where it would cancel the sum of those before it, and the sum is brought
//! down to the level of the loudest channel. Both are measured over a fraction of a second and change along a ramp,
//! in blocks that begin where the recording does: how a container cuts its packets does not matter.

/// A hundredth of a second: how long the gains stay what they are, or move along one ramp.
const BLOCKS_PER_S: u32 = 100;
/// How much of a measured level the newest block makes up: a twentieth of a second for a step.
const LEVEL_PACE: f64 = 0.2;
/// The same for the phase, which is a matter of wiring and not of sound: half a second.
const PHASE_PACE: f64 = 0.02;
/// A channel is turned when it is this much the opposite of the others, and turned back when it is so no more.
const OPPOSITE: f64 = -0.5;
const ALIKE: f64 = 0.1;
/// The energy of a block that is as good as silent, far below one step of 24 bits.
const SILENT: f64 = 1e-15;

/// Mixes one stream of interleaved frames, block by block.
pub struct Mixer {
    channels: usize,
    block: usize,
    /// Less than a block of interleaved samples.
    pending: Vec<f32>,
    ways: Vec<Way>,
    /// The level of the sum of all channels.
    sum: f64,
    gain: f32,
    heard: bool,
}

/// What is known of one channel.
#[derive(Clone, Default)]
struct Way {
    turned: bool,
    /// What it is multiplied with at the end of the last block.
    gain: f32,
    level: f64,
    /// Its energy, that of the sum of the channels before it, and what both have in common.
    own: f64,
    before: f64,
    shared: f64,
}

impl Mixer {
    pub fn new(channels: usize, rate_hz: u32) -> Self {
        let channels = channels.max(1);
        let gain = 1.0 / channels as f32;
        Self {
            channels,
            block: (rate_hz / BLOCKS_PER_S).max(1) as usize,
            pending: Vec::new(),
            ways: vec![Way { gain, ..Way::default() }; channels],
            sum: 0.0,
            gain,
            heard: false,
        }
    }

    /// Takes whole frames and appends what is mixed to `mono`. One channel passes untouched and at once.
    pub fn push(&mut self, interleaved: &[f32], mono: &mut Vec<f32>) {
        if self.channels == 1 {
            mono.extend(interleaved.iter().map(|sample| finite(*sample)));
            return;
        }
        let mut pending = std::mem::take(&mut self.pending);
        pending.extend(interleaved.iter().map(|sample| finite(*sample)));
        let mut blocks = pending.chunks_exact(self.block * self.channels);
        for block in &mut blocks {
            self.mix(block, mono);
        }
        let rest = blocks.remainder().len();
        pending.drain(..pending.len() - rest);
        self.pending = pending;
    }

    /// Mixes the frames that do not fill a block.
    pub fn finish(&mut self, mono: &mut Vec<f32>) {
        let pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            self.mix(&pending, mono);
        }
    }

    fn mix(&mut self, block: &[f32], mono: &mut Vec<f32>) {
        self.measure_phase(block);
        self.measure_level(block);
        let frames = block.len() / self.channels;
        let step = 1.0 / frames.max(1) as f32;
        let ramps: Vec<(f32, f32)> =
            self.ways.iter().map(|way| (way.gain, way.signed(self.gain) - way.gain)).collect();
        mono.extend(block.chunks_exact(self.channels).zip(1_u16..).map(|(frame, at)| {
            let done = f32::from(at) * step;
            let parts = frame.iter().zip(&ramps);
            parts.map(|(sample, (from, change))| sample * (from + change * done)).sum::<f32>()
        }));
        for way in &mut self.ways {
            way.gain = way.signed(self.gain);
        }
    }

    fn measure_phase(&mut self, block: &[f32]) {
        let mut found = vec![(0.0, 0.0, 0.0); self.channels];
        for frame in block.chunks_exact(self.channels) {
            let mut sum = 0.0;
            for ((sample, way), (own, before, shared)) in
                frame.iter().zip(&self.ways).zip(&mut found)
            {
                let sample = f64::from(*sample);
                *own += sample * sample;
                *before += sum * sum;
                *shared += sample * sum;
                sum += if way.turned { -sample } else { sample };
            }
        }
        for (way, (own, before, shared)) in self.ways.iter_mut().zip(found) {
            way.own += (own - way.own) * PHASE_PACE;
            way.before += (before - way.before) * PHASE_PACE;
            way.shared += (shared - way.shared) * PHASE_PACE;
            let most = (way.own * way.before).sqrt();
            if most > SILENT {
                let alike = way.shared / most;
                way.turned = if way.turned { alike < ALIKE } else { alike < OPPOSITE };
            }
        }
    }

    fn measure_level(&mut self, block: &[f32]) {
        let mut sum = 0.0;
        let mut levels = vec![0.0; self.channels];
        for frame in block.chunks_exact(self.channels) {
            let mut mixed = 0.0;
            for ((sample, way), level) in frame.iter().zip(&self.ways).zip(&mut levels) {
                let sample = f64::from(*sample);
                *level += sample * sample;
                mixed += if way.turned { -sample } else { sample };
            }
            sum += mixed * mixed;
        }
        self.sum += (sum - self.sum) * LEVEL_PACE;
        let mut loudest: f64 = 0.0;
        for (way, level) in self.ways.iter_mut().zip(levels) {
            way.level += (level - way.level) * LEVEL_PACE;
            loudest = loudest.max(way.level);
        }
        if self.sum > SILENT {
            let least = 1.0 / self.channels as f64;
            self.gain = (loudest / self.sum).sqrt().clamp(least, 1.0) as f32;
            if !std::mem::replace(&mut self.heard, true) {
                // Before the first sound there is nothing that a ramp could be heard in.
                for way in &mut self.ways {
                    way.gain = way.signed(self.gain);
                }
            }
        }
    }
}

impl Way {
    fn signed(&self, gain: f32) -> f32 {
        if self.turned { -gain } else { gain }
    }
}

/// A sample that is no number counts as silence.
fn finite(sample: f32) -> f32 {
    if sample.is_finite() { sample } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 16_000;

    /// A second of something like speech: a buzz in syllables, different for each speaker.
    fn voice(pitch: f32) -> Vec<f32> {
        let at = |n: usize| n as f32 / RATE as f32 * std::f32::consts::TAU;
        let sample = |n| {
            let buzz: f32 =
                (1..8_u8).map(|h| (at(n) * pitch * f32::from(h)).sin() / f32::from(h)).sum();
            0.2 * buzz * (at(n) * 3.0).sin().abs()
        };
        (0..RATE as usize).map(sample).collect()
    }

    fn mixed_in(left: &[f32], right: &[f32], packet: usize) -> Vec<f32> {
        let frames: Vec<f32> = left.iter().zip(right).flat_map(|(l, r)| [*l, *r]).collect();
        let (mut mixer, mut mono) = (Mixer::new(2, RATE), Vec::new());
        for packet in frames.chunks(packet * 2) {
            mixer.push(packet, &mut mono);
        }
        mixer.finish(&mut mono);
        mono
    }

    fn mixed(left: &[f32], right: &[f32]) -> Vec<f32> {
        mixed_in(left, right, 1_000)
    }

    fn level(samples: &[f32]) -> f32 {
        (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len() as f32).sqrt()
    }

    #[test]
    fn two_channels_alike_are_the_channel_to_the_bit() {
        let voice = voice(140.0);
        assert_eq!(mixed(&voice, &voice), voice);
    }

    #[test]
    fn a_silent_channel_costs_nothing() {
        let (voice, silence) = (voice(140.0), vec![0.0; RATE as usize]);
        assert_eq!(mixed(&voice, &silence), voice);
        assert_eq!(mixed(&silence, &voice), voice);
    }

    #[test]
    fn a_turned_channel_does_not_erase_the_voice() {
        let voice = voice(140.0);
        let turned: Vec<f32> = voice.iter().map(|sample| -sample).collect();
        assert_eq!(mixed(&voice, &turned), voice);
        let weaker: Vec<f32> = voice.iter().map(|sample| -0.3 * sample).collect();
        let out = mixed(&voice, &weaker);
        assert!((level(&out) / level(&voice) - 1.0).abs() < 0.01, "{}", level(&out));
    }

    #[test]
    fn two_speakers_on_two_sides_are_both_heard() {
        let (low, high, silence) = (voice(110.0), voice(223.0), vec![0.0; RATE as usize]);
        let turns = |first: &[f32], second: &[f32]| [first, second, first].concat();
        let (left, right) = (turns(&low, &silence), turns(&silence, &high));
        let out = mixed(&left, &right);
        let second = |n: usize| n * RATE as usize..(n + 1) * RATE as usize;
        for (n, spoken) in [(0, &low), (1, &high), (2, &low)] {
            let kept = level(&out[second(n)]) / level(spoken);
            assert!((0.9..=1.01).contains(&kept), "second {n}: {kept}");
        }
        // Both at once: as loud as the louder one, and each of them in it.
        let both = mixed(&low, &high);
        assert!((0.8..1.3).contains(&(level(&both) / level(&low))));
        for speaker in [&low, &high] {
            let alike: f32 = both.iter().zip(speaker).map(|(mix, own)| mix * own).sum();
            let kept = alike / speaker.iter().map(|own| own * own).sum::<f32>();
            assert!(kept > 0.6, "{kept}");
        }
    }

    #[test]
    fn the_gain_moves_without_a_jump() {
        let (voice, silence) = (voice(140.0), vec![0.0; RATE as usize]);
        let steady = vec![0.5; RATE as usize];
        let out = mixed(&vec![0.5; 2 * RATE as usize], &[silence, steady].concat());
        let steepest = out.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        // The other channel itself jumps by 0.5; what the gain adds comes along a ramp.
        assert!(steepest < 0.51, "{steepest}");
        assert!(out.iter().all(|sample| sample.is_finite()) && !voice.is_empty());
    }

    #[test]
    fn packets_and_wild_samples_do_not_matter() {
        let (low, mut high) = (voice(110.0), voice(223.0));
        assert_eq!(mixed_in(&low, &high, 37), mixed_in(&low, &high, 4_096));
        high[5_000] = f32::NAN;
        high[6_000] = f32::INFINITY;
        assert!(mixed(&low, &high).iter().all(|sample| sample.is_finite()));
        assert_eq!(mixed(&low, &high).len(), low.len());
    }

    #[test]
    fn the_centre_of_a_film_is_as_loud_as_it_was() {
        let voice = voice(140.0);
        let frames: Vec<f32> = voice.iter().flat_map(|s| [0.0, 0.0, *s, 0.0, 0.0, 0.0]).collect();
        let (mut mixer, mut mono) = (Mixer::new(6, RATE), Vec::new());
        mixer.push(&frames, &mut mono);
        mixer.finish(&mut mono);
        assert_eq!(mono, voice);
    }
}
