//! A whole sound file to 16 kHz mono s16 in a file, as a stream, with the cuts found on the way.
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::domain::digest::hex;
use crate::domain::transcript::Gap;
use crate::providers::audio::SAMPLE_RATE_HZ;
use crate::providers::audio::cuts::{Chunk, CutOptions};
use crate::providers::audio::error::AudioError;
use crate::providers::audio::probe::{self, ProbeReport};
use crate::providers::audio::resample::ToSixteenKhz;
use crate::providers::audio::source::Source;
use crate::providers::audio::voice::Cutter;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodeReport {
    /// The same as a probe gives, but here `duration_ms` is what was really decoded.
    #[serde(flatten)]
    pub probe: ProbeReport,
    pub samples: u64,
    pub chunks: Vec<Chunk>,
    pub damaged_packets: u64,
    /// The file ended early; what was there is decoded.
    pub cut_off: bool,
    /// What could not be heard.
    pub gaps: Vec<Gap>,
    pub pcm_sha256: String,
}

impl DecodeReport {
    pub fn of_probe(probe: ProbeReport) -> Self {
        Self {
            probe,
            samples: 0,
            chunks: Vec::new(),
            damaged_packets: 0,
            cut_off: false,
            gaps: Vec::new(),
            pcm_sha256: String::new(),
        }
    }
}

/// Where the samples wait until they are whole.
pub fn part_path(output: &Path) -> PathBuf {
    let mut part = output.as_os_str().to_owned();
    part.push(".part");
    PathBuf::from(part)
}

/// Decodes all of `source` into `output`, calling `progress` with the milliseconds done after each packet.
pub fn decode(
    mut source: Source,
    output: &Path,
    limit: Duration,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<DecodeReport, AudioError> {
    let mut sink = Sink::create(output, limit)?;
    let mut mono = Vec::new();
    let mut resampler: Option<ToSixteenKhz> = None;
    while let Some(rate_hz) = source.next_mono(&mut mono)? {
        let mut current = match resampler.take() {
            Some(same) if same.rate_hz() == rate_hz => same,
            other => {
                if let Some(old) = other {
                    sink.take_all(|out| old.finish(out))?;
                }
                ToSixteenKhz::new(rate_hz)?
            }
        };
        sink.take_all(|out| current.push(&mono, out))?;
        resampler = Some(current);
        progress(sink.done_ms(), source.declared_ms);
    }
    if let Some(last) = resampler {
        sink.take_all(|out| last.finish(out))?;
    }
    probe::refuse_noise(&source)?;
    let mut probe = probe::describe(&mut source);
    probe.duration_ms = Some(sink.done_ms());
    let gaps = source.take_gaps();
    let finished = sink.finish()?;
    Ok(DecodeReport {
        probe,
        samples: finished.samples,
        chunks: finished.chunks,
        damaged_packets: source.damaged_packets,
        cut_off: source.cut_off,
        gaps,
        pcm_sha256: finished.pcm_sha256,
    })
}

/// Where samples end up: in the file, in its hash and in the cutter.
struct Sink {
    path: PathBuf,
    part: PathBuf,
    file: BufWriter<File>,
    hash: Sha256,
    cutter: Cutter,
    limit: Duration,
    samples: u64,
    ready: Vec<f32>,
    pcm: Vec<i16>,
    bytes: Vec<u8>,
}

struct Finished {
    samples: u64,
    chunks: Vec<Chunk>,
    pcm_sha256: String,
}

impl Sink {
    fn create(path: &Path, limit: Duration) -> Result<Self, AudioError> {
        let part = part_path(path);
        let file = File::create(&part).map_err(|source| unwritable(&part, source))?;
        Ok(Self {
            path: path.to_owned(),
            part,
            file: BufWriter::with_capacity(256 << 10, file),
            hash: Sha256::new(),
            cutter: Cutter::new(CutOptions::default()),
            limit,
            samples: 0,
            ready: Vec::new(),
            pcm: Vec::new(),
            bytes: Vec::new(),
        })
    }

    fn take_all(
        &mut self,
        produce: impl FnOnce(&mut Vec<f32>) -> Result<(), AudioError>,
    ) -> Result<(), AudioError> {
        self.ready.clear();
        produce(&mut self.ready)?;
        self.samples += self.ready.len() as u64;
        if Duration::from_millis(self.done_ms()) > self.limit {
            return Err(AudioError::TooLong { limit: self.limit });
        }
        self.pcm.clear();
        self.pcm.extend(self.ready.iter().map(|sample| to_s16(*sample)));
        self.bytes.clear();
        self.bytes.extend(self.pcm.iter().flat_map(|sample| sample.to_le_bytes()));
        self.hash.update(&self.bytes);
        self.cutter.push(&self.pcm);
        self.file.write_all(&self.bytes).map_err(|source| unwritable(&self.part, source))
    }

    fn done_ms(&self) -> u64 {
        self.samples * 1000 / u64::from(SAMPLE_RATE_HZ)
    }

    /// The output appears under its name only when it is whole and on the disk.
    fn finish(self) -> Result<Finished, AudioError> {
        let Self { path, part, file, hash, cutter, samples, .. } = self;
        file.into_inner()
            .map_err(io::IntoInnerError::into_error)
            .and_then(|file| file.sync_all())
            .and_then(|()| fs::rename(&part, &path))
            .map_err(|source| unwritable(&path, source))?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            // Not every file system syncs folders; the name is re-made by decoding again.
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        let pcm_sha256 = hex(&hash.finalize());
        Ok(Finished { samples, chunks: cutter.finish(), pcm_sha256 })
    }
}

/// Rounds to the nearest step; every s16 sample survives the way through f32 unchanged.
fn to_s16(sample: f32) -> i16 {
    let scaled = sample * 32_768.0;
    (scaled + 0.5_f32.copysign(scaled)) as i16
}

fn unwritable(path: &Path, source: io::Error) -> AudioError {
    AudioError::WriteOutput { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
