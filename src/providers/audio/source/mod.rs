//! Opens a sound file by its content and hands out mono samples, packet by packet.
mod length;
mod tracks;

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::{Hint, Probe, ProbeOptions};
use symphonia::core::formats::{FormatOptions, FormatReader, Track};
use symphonia::core::io::{
    MediaSource, MediaSourceStream, MediaSourceStreamOptions, ReadOnlySource,
};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia::default::register_enabled_formats;

use length::{Given, Length, Trim};

use crate::domain::transcript::Gap;
use crate::providers::audio::container_tags::{self, ContainerFacts};
use crate::providers::audio::error::AudioError;
use crate::providers::audio::ffmpeg::Ffmpeg;
use crate::providers::audio::gaps::{self, Gaps};
use crate::providers::audio::mix::Mixer;
use crate::providers::audio::probe::TimeTag;
use crate::providers::audio::{sniff, wav};

/// A sound file's first frame stands near its start; further on, noise looks like MP3.
const PROBE_DEPTH_BYTES: u32 = 128 << 10;
/// A demuxer that fails this often in a row is not getting any further.
const FAULTS_IN_A_ROW: u32 = 64;
/// The longest hole that damage leaves behind as silence, in seconds: more is no damage, but a lie.
const HOLE_AT_MOST_S: u64 = 60;
/// Time stamps jitter by less than this part of a second.
const JITTER_PER_S: u64 = 50;
/// A file that ends this much before it says so has lost nothing but padding.
const PADDING_MS: u64 = 250;
const TAGS_AT_MOST: usize = 16;

pub struct Source {
    path: PathBuf,
    reader: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    registry: CodecRegistry,
    facts: ContainerFacts,
    foreign: Option<Foreign>,
    track_id: u32,
    interleaved: Vec<f32>,
    mixer: Option<Mixer>,
    trim: Trim,
    /// What one tick of a packet's duration is, in frames: (numerator, denominator).
    ticks: (u64, u64),
    /// The time stamp that the next packet has if nothing is missing before it.
    next_tick: Option<i64>,
    /// The demuxer has failed since the last packet.
    stumbled: bool,
    given: Given,
    gaps: Gaps,
    pub format: &'static str,
    pub codec: String,
    pub channels: u16,
    pub sample_rate_hz: u32,
    pub declared_ms: Option<u64>,
    /// What the file declares for certain, even where its bytes are not all there.
    promised_ms: Option<u64>,
    pub packets: u64,
    pub damaged_packets: u64,
    /// The file ended in the middle of something.
    pub cut_off: bool,
}

/// A file that we do not read ourselves, and the program that does.
struct Foreign {
    ffmpeg: Ffmpeg,
    /// What is said where it cannot read the file either.
    refused: Option<AudioError>,
}

impl Source {
    /// Opens the file; `ffmpeg` is asked only for what we recognise and cannot read.
    pub fn open(path: &Path, ffmpeg: Option<&Path>) -> Result<Self, AudioError> {
        match (Self::open_ours(path), ffmpeg) {
            (Err(refused), Some(exe)) if refused.is_unsupported() => {
                Self::open_foreign(path, exe, refused)
            }
            (opened, _) => opened,
        }
    }

    fn open_ours(path: &Path) -> Result<Self, AudioError> {
        let unreadable = |source| AudioError::ReadInput { path: path.to_owned(), source };
        let head = sniff::head(path).map_err(unreadable)?;
        if head.is_empty() || sniff::is_foreign(&head) {
            return Err(sniff::explain(path, String::new()));
        }
        let open = || File::open(path).map_err(unreadable);
        let mut promise = None;
        let opened = if wav::is_wav(&head) {
            let wav;
            (wav, promise) = wav::mended(open()?).map_err(unreadable)?;
            demuxer(Box::new(ReadOnlySource::new(wav)))
        } else {
            // An index that was cut off is missed only by who looks for it.
            match demuxer(Box::new(open()?)) {
                Err(_) => demuxer(Box::new(ReadOnlySource::new(open()?))),
                opened => opened,
            }
        };
        let reader = opened.map_err(|error| sniff::explain(path, error.to_string()))?;
        let sniffed = sniff::container(&head).map(|container| container.name);
        let format = tracks::format_name(reader.format_info().short_name, sniffed);
        let facts = container_tags::read(path);
        let mut source = Self::over(path, reader, facts, format)
            .map_err(|error| sniff::doubt(path, format, error))?;
        if let (Some(promise), Some(there_ms)) = (promise, source.declared_ms) {
            source.promised_ms = promise.whole_ms(there_ms);
        }
        Ok(source)
    }

    fn open_foreign(path: &Path, exe: &Path, refused: AudioError) -> Result<Self, AudioError> {
        let head = sniff::head(path).unwrap_or_default();
        let Some(container) = sniff::container(&head) else { return Err(refused) };
        let (ffmpeg, sound) = match Ffmpeg::start(exe, path, container.demuxer) {
            Ok(started) => started,
            Err(error) => {
                let reason = format!("ffmpeg does not start: {error}");
                return Err(AudioError::Foreign { reason });
            }
        };
        let Ok(reader) = demuxer(Box::new(ReadOnlySource::new(sound))) else { return Err(refused) };
        let facts = ContainerFacts { sound_tracks: Vec::new(), ..container_tags::read(path) };
        let mut source = Self::over(path, reader, facts, container.name)?;
        source.codec = refused.codec().unwrap_or(container.name).to_owned();
        source.foreign = Some(Foreign { ffmpeg, refused: Some(refused) });
        Ok(source)
    }

    fn over(
        path: &Path,
        reader: Box<dyn FormatReader>,
        facts: ContainerFacts,
        format: &'static str,
    ) -> Result<Self, AudioError> {
        let registry = tracks::codecs();
        let (track, decoder) = tracks::choose(&*reader, &registry, &facts)?;
        let mut source = Self {
            path: path.to_owned(),
            format,
            codec: decoder.codec_info().short_name.to_owned(),
            reader,
            decoder,
            registry,
            facts,
            foreign: None,
            track_id: track.id,
            interleaved: Vec::new(),
            mixer: None,
            trim: Trim::default(),
            ticks: (1, 1),
            next_tick: None,
            stumbled: false,
            given: Given::default(),
            gaps: Gaps::default(),
            channels: 0,
            sample_rate_hz: 0,
            declared_ms: None,
            promised_ms: None,
            packets: 0,
            damaged_packets: 0,
            cut_off: false,
        };
        source.begin(&track);
        Ok(source)
    }

    /// Replaces `mono` by the next packet's samples and gives their rate; `None` at the end.
    pub fn next_mono(&mut self, mono: &mut Vec<f32>) -> Result<Option<u32>, AudioError> {
        mono.clear();
        while mono.is_empty() {
            let Some(packet) = self.next_packet()? else {
                self.end()?;
                if let Some(mixer) = &mut self.mixer {
                    mixer.finish(mono);
                }
                return Ok((!mono.is_empty()).then_some(self.sample_rate_hz));
            };
            self.bridge(&packet, mono);
            self.decode(&packet, mono);
        }
        Ok(Some(self.sample_rate_hz))
    }

    fn next_packet(&mut self) -> Result<Option<Packet>, AudioError> {
        let mut faults = 0;
        loop {
            match self.reader.next_packet() {
                Ok(Some(packet)) if packet.track_id == self.track_id => return Ok(Some(packet)),
                Ok(Some(_)) => {}
                Ok(None) => return Ok(None),
                Err(SymphoniaError::ResetRequired) => self.next_stream()?,
                Err(SymphoniaError::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                    // A live recording in Matroska has no end that it could say it has come to.
                    let live = matches!(self.format, "matroska" | "webm");
                    self.cut_off = !live && self.foreign.is_none() || self.declared_ms.is_some();
                    return Ok(None);
                }
                Err(SymphoniaError::IoError(source)) => {
                    return Err(AudioError::ReadInput { path: self.path.clone(), source });
                }
                Err(_) if faults < FAULTS_IN_A_ROW => {
                    faults += 1;
                    self.damaged_packets += 1;
                    self.stumbled = true;
                }
                Err(_) => {
                    self.cut_off = true;
                    return Ok(None);
                }
            }
        }
    }

    /// What another program read has come to its end: did it, too?
    fn end(&mut self) -> Result<(), AudioError> {
        let Some(Foreign { ffmpeg, refused }) = &mut self.foreign else { return Ok(()) };
        if !ffmpeg.ended_well() {
            self.cut_off = true;
        }
        match refused.take() {
            Some(refused) if self.packets == 0 => Err(refused),
            _ => Ok(()),
        }
    }

    /// The stretches that could not be heard, once all is decoded that can be.
    pub fn take_gaps(&mut self) -> Vec<Gap> {
        let mut gaps = std::mem::take(&mut self.gaps);
        let heard_ms = self.given.ms();
        // In Matroska it is the film that has a length, and its picture may last longer than its sound.
        let sound = self.cut_off || !matches!(self.format, "matroska" | "webm");
        let promised = self.promised_ms.filter(|ms| sound && *ms > heard_ms + PADDING_MS);
        if let Some(promised_ms) = promised {
            self.cut_off = true;
            gaps.note(heard_ms, promised_ms, gaps::CUT_OFF);
        }
        gaps.finish()
    }

    /// Every tag that may say when the recording was made.
    pub fn time_tags(&mut self) -> Vec<TimeTag> {
        let mut tags = self.facts.tags.clone();
        let mut log = self.reader.metadata();
        loop {
            if let Some(revision) = log.current() {
                let per_track = revision.per_track.iter().flat_map(|track| &track.metadata.tags);
                for tag in revision.media.tags.iter().chain(per_track) {
                    if container_tags::is_time_key(&tag.raw.key) {
                        tags.push(TimeTag::new(&tag.raw.key, &tag.raw.value.to_string()));
                    }
                }
            }
            if log.pop().is_none() {
                break;
            }
        }
        tags.truncate(TAGS_AT_MOST);
        tags
    }

    /// Where packets are missing before this one, silence keeps their place, so that later words keep their time.
    fn bridge(&mut self, packet: &Packet, mono: &mut Vec<f32>) {
        let stumbled = std::mem::take(&mut self.stumbled);
        let expected = self.next_tick;
        let ticks = packet.pts.get();
        self.next_tick = ticks.checked_add_unsigned(packet.block_dur().get());
        // Others count their packets themselves, or rest in between.
        let tells = stumbled || matches!(self.format, "flac" | "ogg");
        let Some(missing) = expected.filter(|_| tells).and_then(|at| ticks.checked_sub(at)) else {
            return;
        };
        let frames = self.frames(u64::try_from(missing).unwrap_or(0));
        if frames > u64::from(self.sample_rate_hz) / JITTER_PER_S {
            self.hole(frames);
            self.give(mono);
        }
    }

    fn decode(&mut self, packet: &Packet, mono: &mut Vec<f32>) {
        self.packets += 1;
        match self.decoder.decode(packet) {
            Ok(sound) => {
                let rate_hz = sound.spec().rate();
                let channels = sound.spec().channels().count().max(1);
                sound.copy_to_vec_interleaved(&mut self.interleaved);
                self.tune(u16::try_from(channels).unwrap_or(u16::MAX), rate_hz, mono);
            }
            Err(_) => {
                self.damaged_packets += 1;
                self.hole(self.frames(packet.dur.get()));
            }
        }
        self.give(mono);
    }

    /// A decoder may find that the sound has another form than its container says.
    fn tune(&mut self, channels: u16, rate_hz: u32, mono: &mut Vec<f32>) {
        if self.mixer.is_some() && (self.channels, self.sample_rate_hz) == (channels, rate_hz) {
            return;
        }
        if let Some(mixer) = &mut self.mixer
            && self.sample_rate_hz == rate_hz
        {
            mixer.finish(mono);
        }
        (self.channels, self.sample_rate_hz) = (channels, rate_hz);
        self.mixer = Some(Mixer::new(channels.into(), rate_hz));
        self.given.tune(rate_hz);
    }

    /// Puts silence in the place of sound that is not there, and notes that it was not heard.
    fn hole(&mut self, frames: u64) {
        let frames = frames.min(u64::from(self.sample_rate_hz) * HOLE_AT_MOST_S);
        let start_ms = self.given.ms();
        let length_ms = frames * 1000 / u64::from(self.sample_rate_hz.max(1));
        self.gaps.note(start_ms, start_ms + length_ms, gaps::DAMAGED);
        let samples = frames.saturating_mul(self.channels.into());
        self.interleaved.clear();
        self.interleaved.resize(usize::try_from(samples).unwrap_or(0), 0.0);
    }

    fn give(&mut self, mono: &mut Vec<f32>) {
        let channels = usize::from(self.channels.max(1));
        self.trim.apply(&mut self.interleaved, channels);
        self.given.tune(self.sample_rate_hz);
        self.given.add(self.interleaved.len() / channels);
        let mixer = self.mixer.get_or_insert_with(|| Mixer::new(channels, self.sample_rate_hz));
        mixer.push(&self.interleaved, mono);
    }

    fn frames(&self, ticks: u64) -> u64 {
        ticks.saturating_mul(self.ticks.0) / self.ticks.1.max(1)
    }

    /// A chained file goes on with another stream: the same kind of work, with fresh parameters.
    fn next_stream(&mut self) -> Result<(), AudioError> {
        let (track, decoder) = tracks::choose(&*self.reader, &self.registry, &self.facts)?;
        self.decoder = decoder;
        self.track_id = track.id;
        self.begin(&track);
        // What is declared now is the length of one stream, and not of all.
        self.promised_ms = None;
        Ok(())
    }

    fn begin(&mut self, track: &Track) {
        let Some(CodecParameters::Audio(params)) = &track.codec_params else { return };
        if self.mixer.is_none() {
            self.sample_rate_hz = params.sample_rate.unwrap_or(self.sample_rate_hz);
            let channels = params.channels.as_ref().map_or(1, |channels| channels.count());
            self.channels = u16::try_from(channels).unwrap_or(u16::MAX);
        }
        let rate = u64::from(params.sample_rate.unwrap_or(self.sample_rate_hz));
        if let Some(base) = track.time_base {
            self.ticks =
                (u64::from(base.numer.get()).saturating_mul(rate), base.denom.get().into());
        }
        self.next_tick = None;
        self.trim = Trim::of(track, &self.codec, rate, &self.facts);
        let length = Length::of(self.format, &*self.reader, track, &self.trim, params);
        (self.declared_ms, self.promised_ms) = (length.declared_ms, length.promised_ms);
    }
}

fn demuxer(stream: Box<dyn MediaSource>) -> Result<Box<dyn FormatReader>, SymphoniaError> {
    let buffered = MediaSourceStreamOptions { buffer_len: 64 << 10 };
    let stream = MediaSourceStream::new(stream, buffered);
    let options = ProbeOptions { max_probe_depth: PROBE_DEPTH_BYTES, ..ProbeOptions::default() };
    let mut probe = Probe::new_with_options(&options);
    register_enabled_formats(&mut probe);
    probe.probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
}

#[cfg(test)]
mod tests;
