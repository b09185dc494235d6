//! Which track of a file is heard and by which decoder, and what codecs and containers are called.
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{
    AudioCodecId, AudioDecoder, AudioDecoderOptions, well_known as known,
};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::formats::{FormatReader, Track, TrackType};
use symphonia::default::register_enabled_codecs;
use symphonia_adapter_libopus::OpusDecoder;

use crate::providers::audio::container_tags::ContainerFacts;
use crate::providers::audio::error::AudioError;

/// More channels than any microphone has; each costs memory and time.
const CHANNELS_AT_MOST: usize = 64;

pub fn codecs() -> CodecRegistry {
    let mut registry = CodecRegistry::new();
    register_enabled_codecs(&mut registry);
    registry.register_audio_decoder::<OpusDecoder>();
    registry
}

/// The default audio track, or else the first one that we can decode.
pub fn choose(
    reader: &dyn FormatReader,
    registry: &CodecRegistry,
    facts: &ContainerFacts,
) -> Result<(Track, Box<dyn AudioDecoder>), AudioError> {
    let default = reader.default_track(TrackType::Audio).into_iter();
    let mut refused = None;
    for track in default.chain(reader.tracks()) {
        let Some(CodecParameters::Audio(params)) = &track.codec_params else { continue };
        let channels = params.channels.as_ref().map_or(1, |channels| channels.count());
        let made = registry.make_audio_decoder(params, &AudioDecoderOptions::default());
        match made {
            Ok(decoder) if channels <= CHANNELS_AT_MOST => return Ok((track.clone(), decoder)),
            Ok(_) | Err(_) => refused = refused.or(Some((track.id, params.codec, channels))),
        }
    }
    let named = |id| facts.sound_tracks.iter().find(|sound| sound.id == id);
    let of_file = facts.sound_tracks.first();
    if let Some(scheme) = facts.sound_tracks.iter().find_map(|sound| lock(&sound.codec)) {
        return Err(AudioError::Protected { scheme: scheme.to_owned() });
    }
    let codec = match (refused, of_file) {
        (Some((id, codec, channels)), _) => codec_name(codec, channels)
            .or_else(|| named(id).map(|sound| in_words(&sound.codec)))
            .unwrap_or_else(|| format!("{codec}")),
        (None, Some(sound)) => in_words(&sound.codec),
        (None, None) => return Err(AudioError::NoAudioTrack),
    };
    Err(AudioError::UnsupportedCodec { codec })
}

/// Whose lock a track's four letters tell of.
fn lock(fourcc: &str) -> Option<&'static str> {
    match fourcc {
        "drms" => Some("iTunes FairPlay"),
        "enca" => Some("Common Encryption"),
        "aavd" => Some("Audible"),
        _ => None,
    }
}

fn codec_name(codec: AudioCodecId, channels: usize) -> Option<String> {
    let name = match codec {
        known::CODEC_ID_OPUS => return Some(format!("opus with {channels} channels")),
        known::CODEC_ID_AAC => "aac (of a kind other than AAC-LC)",
        known::CODEC_ID_AC3 => "ac3 (Dolby Digital)",
        known::CODEC_ID_EAC3 => "eac3 (Dolby Digital Plus)",
        known::CODEC_ID_AC4 => "ac4 (Dolby)",
        known::CODEC_ID_TRUEHD => "truehd (Dolby)",
        known::CODEC_ID_DCA => "dts",
        known::CODEC_ID_WMA => "wma",
        known::CODEC_ID_SPEEX => "speex",
        known::CODEC_ID_MUSEPACK => "musepack",
        known::CODEC_ID_WAVPACK => "wavpack",
        known::CODEC_ID_TTA => "tta",
        known::CODEC_ID_ADPCM_G722 => "g722",
        known::CODEC_ID_ADPCM_G726 | known::CODEC_ID_ADPCM_G726LE => "g726",
        known::CODEC_ID_ADPCM_IMA_QT => "adpcm_ima_qt (QuickTime)",
        _ => return None,
    };
    Some(name.to_owned())
}

/// The four letters of an MP4 track, with what people call them.
fn in_words(fourcc: &str) -> String {
    let name = match fourcc {
        "samr" => "amr (narrow band)",
        "sawb" => "amr (wide band)",
        "ac-3" => "ac3 (Dolby Digital)",
        "ec-3" => "eac3 (Dolby Digital Plus)",
        "dtsc" | "dtse" | "dtsh" | "dtsl" => "dts",
        "sqcp" => "qcelp",
        "sevc" => "evrc",
        "ima4" => "adpcm_ima_qt (QuickTime)",
        "QDM2" | "QDMC" => "qdm2 (QDesign)",
        "" => "unknown",
        other => other,
    };
    name.to_owned()
}

/// What the field calls a container: by its first bytes where our demuxer serves several kinds.
pub fn format_name(short_name: &'static str, sniffed: Option<&'static str>) -> &'static str {
    match short_name {
        "wave" => "wav",
        "isomp4" | "matroska" => sniffed.unwrap_or("mp4"),
        other => other,
    }
}
