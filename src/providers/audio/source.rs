//! Opens a sound file by its content and hands out mono samples, packet by packet.
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{
    AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known,
};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::{Hint, Probe, ProbeOptions};
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia::default::{register_enabled_codecs, register_enabled_formats};
use symphonia_adapter_libopus::OpusDecoder;

use crate::providers::audio::container_tags::{self, ContainerFacts};
use crate::providers::audio::error::AudioError;
use crate::providers::audio::probe::TimeTag;
use crate::providers::audio::sniff;

/// A sound file's first frame stands near its start; further on, noise looks like MP3.
const PROBE_DEPTH_BYTES: u32 = 128 << 10;
/// A demuxer that fails this often in a row is not getting any further.
const FAULTS_IN_A_ROW: u32 = 64;
/// The longest hole that a damaged packet leaves behind as silence, in seconds.
const HOLE_AT_MOST_S: u64 = 1;
const TAGS_AT_MOST: usize = 16;

pub struct Source {
    path: PathBuf,
    reader: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    registry: CodecRegistry,
    facts: ContainerFacts,
    track_id: u32,
    interleaved: Vec<f32>,
    /// Frames still to drop at the start, and still to give before the end.
    trim: Trim,
    /// What one tick of a packet's duration is, in frames: (numerator, denominator).
    ticks: (u64, u64),
    pub format: &'static str,
    pub codec: String,
    pub channels: u16,
    pub sample_rate_hz: u32,
    pub declared_ms: Option<u64>,
    pub packets: u64,
    pub damaged_packets: u64,
    /// The file ended in the middle of something.
    pub cut_off: bool,
}

#[derive(Default)]
struct Trim {
    skip: u64,
    keep: Option<u64>,
}

impl Source {
    pub fn open(path: &Path) -> Result<Self, AudioError> {
        let unreadable = |source| AudioError::ReadInput { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.len() == 0 {
            return Err(AudioError::Empty);
        }
        let stream = MediaSourceStream::new(
            Box::new(file),
            MediaSourceStreamOptions { buffer_len: 64 << 10 },
        );
        let options =
            ProbeOptions { max_probe_depth: PROBE_DEPTH_BYTES, ..ProbeOptions::default() };
        let mut probe = Probe::new_with_options(&options);
        register_enabled_formats(&mut probe);
        let reader = probe
            .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(|error| sniff::explain(path, error.to_string()))?;
        let facts = container_tags::read(path);
        let registry = codecs();
        let (track, decoder) = choose(&*reader, &registry, &facts)
            .map_err(|error| sniff::doubt(path, reader.format_info().short_name, error))?;
        let mut source = Self {
            path: path.to_owned(),
            format: format_name(reader.format_info().short_name),
            codec: decoder.codec_info().short_name.to_owned(),
            reader,
            decoder,
            registry,
            facts,
            track_id: track.id,
            interleaved: Vec::new(),
            trim: Trim::default(),
            ticks: (1, 1),
            channels: 0,
            sample_rate_hz: 0,
            declared_ms: None,
            packets: 0,
            damaged_packets: 0,
            cut_off: false,
        };
        source.begin(&track);
        Ok(source)
    }

    /// Replaces `mono` by the next packet's samples and gives their rate; `None` at the end.
    pub fn next_mono(&mut self, mono: &mut Vec<f32>) -> Result<Option<u32>, AudioError> {
        let mut faults = 0;
        loop {
            mono.clear();
            let packet = match self.reader.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(None),
                Err(SymphoniaError::ResetRequired) => {
                    self.next_stream()?;
                    continue;
                }
                Err(SymphoniaError::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                    self.cut_off = true;
                    return Ok(None);
                }
                Err(SymphoniaError::IoError(source)) => {
                    return Err(AudioError::ReadInput { path: self.path.clone(), source });
                }
                Err(_) if faults < FAULTS_IN_A_ROW => {
                    faults += 1;
                    self.damaged_packets += 1;
                    continue;
                }
                Err(_) => {
                    self.cut_off = true;
                    return Ok(None);
                }
            };
            if packet.track_id != self.track_id {
                continue;
            }
            self.decode(&packet, mono);
            if !mono.is_empty() {
                return Ok(Some(self.sample_rate_hz));
            }
        }
    }

    /// Every tag that may say when the recording was made.
    pub fn time_tags(&mut self) -> Vec<TimeTag> {
        let mut tags = self.facts.tags.clone();
        let mut log = self.reader.metadata();
        loop {
            if let Some(revision) = log.current() {
                let per_track = revision.per_track.iter().flat_map(|track| &track.metadata.tags);
                for tag in revision.media.tags.iter().chain(per_track) {
                    if is_time_key(&tag.raw.key) {
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

    fn decode(&mut self, packet: &Packet, mono: &mut Vec<f32>) {
        self.packets += 1;
        match self.decoder.decode(packet) {
            Ok(sound) => {
                self.sample_rate_hz = sound.spec().rate();
                let channels = sound.spec().channels().count().max(1);
                self.channels = u16::try_from(channels).unwrap_or(u16::MAX);
                sound.copy_to_vec_interleaved(&mut self.interleaved);
                downmix(&self.interleaved, channels, mono);
            }
            Err(_) => {
                self.damaged_packets += 1;
                // A hole keeps its length, so that later words keep their time.
                let frames = packet.dur.get().saturating_mul(self.ticks.0) / self.ticks.1;
                let frames = frames.min(u64::from(self.sample_rate_hz) * HOLE_AT_MOST_S);
                mono.resize(usize::try_from(frames).unwrap_or(0), 0.0);
            }
        }
        self.trim.apply(mono);
    }

    /// A chained file goes on with another stream: the same kind of work, with fresh parameters.
    fn next_stream(&mut self) -> Result<(), AudioError> {
        let (track, decoder) = choose(&*self.reader, &self.registry, &self.facts)?;
        self.decoder = decoder;
        self.track_id = track.id;
        self.begin(&track);
        Ok(())
    }

    fn begin(&mut self, track: &Track) {
        let Some(CodecParameters::Audio(params)) = &track.codec_params else { return };
        self.sample_rate_hz = params.sample_rate.unwrap_or(self.sample_rate_hz);
        let channels = params.channels.as_ref().map_or(1, |channels| channels.count());
        self.channels = u16::try_from(channels).unwrap_or(u16::MAX);
        let rate = u64::from(self.sample_rate_hz);
        if let Some(base) = track.time_base {
            self.ticks =
                (u64::from(base.numer.get()).saturating_mul(rate), base.denom.get().into());
        }
        self.trim = self.trim_of(track);
        let declared = match (track.num_frames, self.trim.keep) {
            (_, Some(frames)) | (Some(frames), None) if frames > 0 && rate > 0 => {
                Some(frames.saturating_mul(1000) / rate)
            }
            _ => track.time_base.zip(track.duration).and_then(|(base, length)| {
                u64::try_from(base.calc_duration(length)?.as_millis()).ok().filter(|ms| *ms > 0)
            }),
        };
        let most = (self.format == "wav").then(|| self.wav_holds_ms(params)).flatten();
        self.declared_ms = declared.map(|ms| ms.min(most.unwrap_or(u64::MAX)));
    }

    /// A WAV written to a pipe declares any length: it cannot hold more than its bytes.
    fn wav_holds_ms(&self, params: &AudioCodecParameters) -> Option<u64> {
        let bits = params.bits_per_coded_sample.or(params.bits_per_sample)?;
        let bits_per_s =
            u64::from(bits) * u64::from(self.channels) * u64::from(self.sample_rate_hz);
        let bytes = std::fs::metadata(&self.path).ok()?.len();
        bytes.saturating_mul(8000).checked_div(bits_per_s)
    }

    /// MP3, Vorbis and Opus decoders trim what their encoder added; for AAC the edit list knows.
    fn trim_of(&self, track: &Track) -> Trim {
        let rate = u64::from(self.sample_rate_hz);
        let frames = |(ticks, per_s): (u64, u32)| {
            (per_s > 0).then(|| ticks.saturating_mul(rate) / u64::from(per_s))
        };
        let edit = self.facts.sound_tracks.iter().find(|sound| sound.id == track.id);
        match edit {
            Some(edit) if self.codec == "aac" => Trim {
                skip: edit.skip.and_then(frames).unwrap_or(0).min(rate),
                keep: edit.length.and_then(frames),
            },
            _ => Trim::default(),
        }
    }
}

impl Trim {
    fn apply(&mut self, mono: &mut Vec<f32>) {
        let skip = usize::try_from(self.skip).unwrap_or(usize::MAX).min(mono.len());
        if skip > 0 {
            mono.drain(..skip);
            self.skip -= skip as u64;
        }
        if let Some(keep) = &mut self.keep {
            mono.truncate(usize::try_from(*keep).unwrap_or(usize::MAX));
            *keep -= mono.len() as u64;
        }
    }
}

/// The mean of the channels; a sample that is no number counts as silence.
fn downmix(interleaved: &[f32], channels: usize, mono: &mut Vec<f32>) {
    if channels == 1 {
        mono.extend_from_slice(interleaved);
    } else {
        let scale = 1.0 / channels as f32;
        mono.extend(
            interleaved.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() * scale),
        );
    }
    for sample in mono.iter_mut().filter(|sample| !sample.is_finite()) {
        *sample = 0.0;
    }
}

fn codecs() -> CodecRegistry {
    let mut registry = CodecRegistry::new();
    register_enabled_codecs(&mut registry);
    registry.register_audio_decoder::<OpusDecoder>();
    registry
}

/// The default audio track, or else the first one that we can decode.
fn choose(
    reader: &dyn FormatReader,
    registry: &CodecRegistry,
    facts: &ContainerFacts,
) -> Result<(Track, Box<dyn AudioDecoder>), AudioError> {
    let default = reader.default_track(TrackType::Audio).into_iter();
    let mut refused = None;
    for track in default.chain(reader.tracks()) {
        let Some(CodecParameters::Audio(params)) = &track.codec_params else { continue };
        match registry.make_audio_decoder(params, &AudioDecoderOptions::default()) {
            Ok(decoder) => return Ok((track.clone(), decoder)),
            Err(error) => refused = refused.or(Some((track.id, params.codec, error))),
        }
    }
    let named = |id| facts.sound_tracks.iter().find(|sound| Some(sound.id) == id);
    match refused {
        Some((id, codec, error)) => {
            let codec = named(Some(id))
                .map_or_else(|| codec_name(codec, &error), |sound| sound.codec.clone());
            Err(AudioError::UnsupportedCodec { codec })
        }
        None => match facts.sound_tracks.first() {
            Some(sound) => Err(AudioError::UnsupportedCodec { codec: sound.codec.clone() }),
            None => Err(AudioError::NoAudioTrack),
        },
    }
}

fn codec_name(codec: AudioCodecId, error: &SymphoniaError) -> String {
    match codec {
        well_known::CODEC_ID_MP1 => "mp1".to_owned(),
        well_known::CODEC_ID_MP2 => "mp2".to_owned(),
        well_known::CODEC_ID_OPUS => format!("opus ({error})"),
        well_known::CODEC_ID_ADPCM_MS | well_known::CODEC_ID_ADPCM_IMA_WAV => "adpcm".to_owned(),
        other => format!("{other} ({error})"),
    }
}

fn format_name(short_name: &'static str) -> &'static str {
    match short_name {
        "wave" => "wav",
        "isomp4" => "m4a",
        other => other,
    }
}

fn is_time_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let key = key.strip_prefix("txxx:").unwrap_or(&key);
    const KEYS: [&str; 9] = [
        "tdrc",
        "date",
        "©day",
        "creation_time",
        "creationdate",
        "com.apple.quicktime.creationdate",
        "icrd",
        "recordingdate",
        "recorded_at",
    ];
    KEYS.contains(&key)
}
