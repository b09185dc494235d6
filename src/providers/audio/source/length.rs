//! Where a track's sound begins and ends, how long a file says that it is, and whether that is to be believed.
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::formats::{FormatReader, Track};

use crate::providers::audio::container_tags::ContainerFacts;

/// Frames still to drop at the start, and still to give before the end.
#[derive(Default)]
pub struct Trim {
    skip: u64,
    keep: Option<u64>,
}

/// How long a track is said to be.
#[derive(Default)]
pub struct Length {
    /// What there can be at most, for showing progress.
    pub declared_ms: Option<u64>,
    /// What was recorded for certain, even where its bytes are not all there.
    pub promised_ms: Option<u64>,
}

/// How much sound was handed out.
#[derive(Default)]
pub struct Given {
    earlier_ms: u64,
    frames: u64,
    rate_hz: u64,
}

impl Trim {
    /// MP3, Vorbis and Opus decoders trim what their encoder added; for AAC the edit list knows.
    pub fn of(track: &Track, codec: &str, rate: u64, facts: &ContainerFacts) -> Self {
        let frames = |(ticks, per_s): (u64, u32)| {
            (per_s > 0).then(|| ticks.saturating_mul(rate) / u64::from(per_s))
        };
        match facts.sound_tracks.iter().find(|sound| sound.id == track.id) {
            Some(edit) if codec == "aac" => Self {
                skip: edit.skip.and_then(frames).unwrap_or(0).min(rate),
                keep: edit.length.and_then(frames),
            },
            _ => Self::default(),
        }
    }

    pub fn apply(&mut self, interleaved: &mut Vec<f32>, channels: usize) {
        let frames = interleaved.len() / channels;
        let skip = usize::try_from(self.skip).unwrap_or(usize::MAX).min(frames);
        if skip > 0 {
            interleaved.drain(..skip * channels);
            self.skip -= skip as u64;
        }
        if let Some(keep) = &mut self.keep {
            let most = usize::try_from(*keep).unwrap_or(usize::MAX);
            interleaved.truncate(most.saturating_mul(channels));
            *keep -= (interleaved.len() / channels) as u64;
        }
    }
}

impl Length {
    pub fn of(
        format: &str,
        reader: &dyn FormatReader,
        track: &Track,
        trim: &Trim,
        params: &AudioCodecParameters,
    ) -> Self {
        let rate = u64::from(params.sample_rate.unwrap_or(0));
        let in_frames = trim.keep.or(track.num_frames).filter(|frames| *frames > 0 && rate > 0);
        let media = reader.media_info();
        let said = in_frames.map(|frames| frames.saturating_mul(1000) / rate).or_else(|| {
            let length = track.time_base.zip(track.duration);
            let (base, length) = length.or(media.time_base.zip(media.duration))?;
            u64::try_from(base.calc_duration(length)?.as_millis()).ok().filter(|ms| *ms > 0)
        });
        let promised_ms = match format {
            // Without its encoder's own count, an MPEG stream's length is a guess from its first frames.
            "mp1" | "mp2" | "mp3" => said.filter(|_| track.delay.is_some()),
            // The header of a WAV has been mended, and promises no more.
            "aac" | "wav" => None,
            _ => said,
        };
        Self { declared_ms: said, promised_ms }
    }
}

impl Given {
    /// The rate of what comes next.
    pub fn tune(&mut self, rate_hz: u32) {
        if self.rate_hz != u64::from(rate_hz) {
            self.earlier_ms = self.ms();
            (self.frames, self.rate_hz) = (0, rate_hz.into());
        }
    }

    pub fn add(&mut self, frames: usize) {
        self.frames += frames as u64;
    }

    pub fn ms(&self) -> u64 {
        self.earlier_ms + self.frames.saturating_mul(1000) / self.rate_hz.max(1)
    }
}
