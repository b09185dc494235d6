//! A quick look at a sound file: what it is, how long it says it is, and that it really is sound.
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::providers::audio::error::AudioError;
use crate::providers::audio::source::Source;

/// Packets decoded to believe that bytes are sound: random data passes for one or two of MP3.
const PROOF_PACKETS: u64 = 6;
const VALUE_CHARS_AT_MOST: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// The container as people call it: `wav`, `m4a`, `webm`, …
    pub format: String,
    pub codec: String,
    pub channels: u16,
    pub sample_rate_hz: u32,
    /// What the file declares; not every file does, and not every declaration is true.
    pub duration_ms: Option<u64>,
    pub tags: Vec<TimeTag>,
}

/// A tag that may say when the recording was made, as the file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeTag {
    pub key: String,
    pub value: String,
}

impl TimeTag {
    pub fn new(key: &str, value: &str) -> Self {
        let short = |text: &str| text.chars().take(VALUE_CHARS_AT_MOST).collect();
        Self { key: short(key), value: short(value) }
    }
}

/// Looks at a file without decoding more than its first packets.
pub fn probe(path: &Path, ffmpeg: Option<&Path>) -> Result<ProbeReport, AudioError> {
    let mut source = Source::open(path, ffmpeg)?;
    prove(&mut source)?;
    Ok(describe(&mut source))
}

fn prove(source: &mut Source) -> Result<(), AudioError> {
    let mut mono = Vec::new();
    while source.packets < PROOF_PACKETS && source.next_mono(&mut mono)?.is_some() {}
    refuse_noise(source)
}

/// More damage than sound: MP3 and AAC frames are found in any bytes, so that is no recording.
pub fn refuse_noise(source: &Source) -> Result<(), AudioError> {
    if source.packets > source.damaged_packets.saturating_mul(2) {
        return Ok(());
    }
    if matches!(source.format, "mp3" | "aac") {
        return Err(AudioError::NotAudio);
    }
    let reason = match source.packets {
        0 => "it holds no sound".to_owned(),
        packets => format!("{} of {packets} packets are broken", source.damaged_packets),
    };
    Err(AudioError::Damaged { reason })
}

pub fn describe(source: &mut Source) -> ProbeReport {
    ProbeReport {
        format: source.format.to_owned(),
        codec: source.codec.clone(),
        channels: source.channels,
        sample_rate_hz: source.sample_rate_hz,
        duration_ms: source.declared_ms,
        tags: source.time_tags(),
    }
}
