//! Every format under a name that lies, files that are cut or broken, and files that are refused in words.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::*;
use crate::providers::audio::decode::{DecodeReport, decode};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn report(path: &Path, ffmpeg: Option<&Path>) -> Result<DecodeReport, AudioError> {
    let dir = tempfile::tempdir().unwrap();
    let source = Source::open(path, ffmpeg)?;
    decode(source, &dir.path().join("pcm"), Duration::from_secs(60), &mut |_, _| {})
}

fn of_bytes(bytes: &[u8]) -> Result<DecodeReport, AudioError> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("memo.mp3");
    fs::write(&path, bytes).unwrap();
    report(&path, None)
}

/// The name of a file in `formats`, and what it is.
const LOSSLESS: [(&str, &str, &str); 13] = [
    ("wav-s24.mp3", "wav", "pcm_s24le"),
    ("wav-f32.flac", "wav", "pcm_f32le"),
    ("rf64-s16.ogg", "wav", "pcm_s16le"),
    ("aiff-s16.wav", "aiff", "pcm_s16be"),
    ("aifc-s16.txt", "aiff", "pcm_s16le"),
    ("caf-s16.m4a", "caf", "pcm_s16le"),
    ("caf-alac.mp3", "caf", "alac"),
    ("m4a-alac.wav", "m4a", "alac"),
    ("mov-s16.webm", "mov", "pcm_s16le"),
    ("flac-flac.mp3", "flac", "flac"),
    ("ogg-flac.aac", "ogg", "flac"),
    ("mkv-flac.mp4", "matroska", "flac"),
    ("mp4-flac.mkv", "mp4", "flac"),
];

const LOSSY: [(&str, &str, &str); 22] = [
    ("wav-u8.mp3", "wav", "pcm_u8"),
    ("wav-alaw.aiff", "wav", "pcm_alaw"),
    ("wav-mulaw.caf", "wav", "pcm_mulaw"),
    ("wav-adpcm_ms.m4a", "wav", "adpcm_ms"),
    ("wav-adpcm_ima.opus", "wav", "adpcm_ima_wav"),
    ("mp2-mp2.wav", "mp2", "mp2"),
    ("mp3-mp3.flac", "mp3", "mp3"),
    ("mp4-mp3.ogg", "mp4", "mp3"),
    ("aac-aac.mp3", "aac", "aac"),
    ("m4a-aac.jpg", "m4a", "aac"),
    ("mp4-aac-fragmented.wav", "mp4", "aac"),
    ("mkv-aac.mp3", "matroska", "aac"),
    ("mp4-video-aac.mp3", "mp4", "aac"),
    ("mov-video-aac.pdf", "mov", "aac"),
    ("webm-video-opus.wav", "webm", "opus"),
    ("ogg-vorbis.mp3", "ogg", "vorbis"),
    ("ogg-opus.wav", "ogg", "opus"),
    ("webm-opus.mp4", "webm", "opus"),
    ("webm-live-opus.ogg", "webm", "opus"),
    ("webm-vorbis.flac", "webm", "vorbis"),
    ("mkv-opus.m4a", "matroska", "opus"),
    ("mp4-opus.aac", "mp4", "opus"),
];

#[test]
fn lossless_formats_give_the_very_samples_whatever_they_are_called() {
    let wav = report(&data("memo.wav"), None).unwrap();
    for (name, format, codec) in LOSSLESS {
        let found = report(&data("formats").join(name), None).unwrap();
        assert_eq!((found.probe.format.as_str(), found.probe.codec.as_str()), (format, codec));
        assert_eq!(found.pcm_sha256, wav.pcm_sha256, "{name}");
        assert_eq!((found.gaps.len(), found.cut_off), (0, false), "{name}");
    }
}

#[test]
fn lossy_formats_are_known_and_whole() {
    for (name, format, codec) in LOSSY {
        let found = report(&data("formats").join(name), None).unwrap();
        assert_eq!((found.probe.format.as_str(), found.probe.codec.as_str()), (format, codec));
        assert!((49_100..52_000).contains(&found.samples), "{name}: {}", found.samples);
        assert_eq!(
            (found.gaps, found.damaged_packets, found.cut_off),
            (vec![], 0, false),
            "{name}"
        );
    }
}

#[test]
fn every_width_of_wav_is_read() {
    let pcm: Vec<i16> = (0..16_000_i32).map(|n| ((n * 37) % 20_000 - 10_000) as i16).collect();
    let wav = |tag: u16, bits: u16, sample: &dyn Fn(i16) -> Vec<u8>| {
        let frames: Vec<u8> = pcm.iter().flat_map(|s| sample(*s)).collect();
        let size = u32::try_from(frames.len()).unwrap();
        let mut file =
            [b"RIFF".as_slice(), &(size + 36).to_le_bytes(), b"WAVEfmt \x10\0\0\0"].concat();
        file.extend([tag.to_le_bytes(), 1_u16.to_le_bytes()].concat());
        file.extend([16_000_u32, 2_000 * u32::from(bits)].map(u32::to_le_bytes).concat());
        file.extend([bits / 8, bits].map(u16::to_le_bytes).concat());
        [file.as_slice(), b"data", &size.to_le_bytes(), &frames].concat()
    };
    let hash = |file: Vec<u8>| of_bytes(&file).unwrap().pcm_sha256;
    let sixteen = hash(wav(1, 16, &|s| s.to_le_bytes().to_vec()));
    let wide = |s: i16| (i32::from(s) << 16).to_le_bytes();
    assert_eq!(hash(wav(1, 24, &|s| wide(s)[1..].to_vec())), sixteen);
    assert_eq!(hash(wav(1, 32, &|s| wide(s).to_vec())), sixteen);
    assert_eq!(hash(wav(3, 32, &|s| (f32::from(s) / 32_768.0).to_le_bytes().to_vec())), sixteen);
    assert_eq!(hash(wav(3, 64, &|s| (f64::from(s) / 32_768.0).to_le_bytes().to_vec())), sixteen);
    assert_eq!(of_bytes(&wav(1, 8, &|s| vec![((s >> 8) + 128) as u8])).unwrap().samples, 16_000);
}

#[test]
fn what_a_cut_file_promised_and_has_not_is_a_gap() {
    for name in
        ["memo.wav", "memo.mp3", "memo.flac", "formats/aiff-s16.wav", "formats/mkv-opus.m4a"]
    {
        let whole = fs::read(data(name)).unwrap();
        let cut = of_bytes(&whole[..whole.len() / 2]);
        let cut = cut.unwrap_or_else(|error| panic!("{name}: {error}"));
        let heard = cut.probe.duration_ms.unwrap();
        let [gap] = cut.gaps.as_slice() else { panic!("{name}: {:?}", cut.gaps) };
        assert!(
            cut.cut_off && gap.start_ms.abs_diff(heard) <= 1 && heard < 2_200,
            "{name}: {gap:?}"
        );
        assert!((3_090..3_200).contains(&gap.end_ms) && gap.reason == "cut_off", "{name}: {gap:?}");
    }
}

#[test]
fn a_cut_file_that_promised_nothing_is_heard_to_its_end() {
    for name in ["memo.ogg", "memo.opus", "formats/webm-live-opus.ogg", "formats/aac-aac.mp3"] {
        let whole = fs::read(data(name)).unwrap();
        let cut = of_bytes(&whole[..whole.len() * 2 / 3]).unwrap();
        assert!(cut.gaps.is_empty() && cut.samples > 14_000, "{name}: {:?}", cut.gaps);
    }
}

#[test]
fn a_wav_that_was_written_to_a_pipe_is_whole() {
    let mut wav = fs::read(data("memo.wav")).unwrap();
    let at = wav.windows(4).position(|four| four == b"data").unwrap() + 4;
    for size in [u32::MAX, 0x7fff_ffff, 0x7fff_f000, u32::MAX - 36, 0] {
        wav[at..at + 4].copy_from_slice(&u32::to_le_bytes(size));
        let found = of_bytes(&wav).unwrap();
        assert_eq!((found.gaps, found.samples), (vec![], 49_600), "{size:x}");
    }
}

#[test]
fn a_damaged_middle_is_a_gap_and_the_length_stays_what_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let pcm = |path: &Path| {
        let (source, output) = (Source::open(path, None).unwrap(), dir.path().join("pcm"));
        let found = decode(source, &output, Duration::from_secs(60), &mut |_, _| {}).unwrap();
        let bytes = fs::read(&output).unwrap();
        let samples = bytes.chunks_exact(2).map(|two| i16::from_le_bytes([two[0], two[1]]));
        (found.gaps, samples.collect::<Vec<i16>>())
    };
    let (_, whole) = pcm(&data("memo.wav"));
    for name in ["memo.flac", "formats/ogg-flac.aac"] {
        let mut bytes = fs::read(data(name)).unwrap();
        let (from, to) = (bytes.len() * 4 / 10, bytes.len() * 6 / 10);
        for (n, byte) in bytes[from..to].iter_mut().enumerate() {
            *byte = (n * 31 % 251) as u8;
        }
        let path = dir.path().join("damaged");
        fs::write(&path, bytes).unwrap();
        let (gaps, broken) = pcm(&path);
        let [gap] = gaps.as_slice() else { panic!("{name}: {gaps:?}") };
        assert!((300..2_000).contains(&(gap.end_ms - gap.start_ms)), "{name}: {gap:?}");
        assert_eq!((broken.len(), gap.reason.as_str()), (whole.len(), "damaged"), "{name}");
        if name.contains("ogg") {
            // Ogg tells the time by the page: what comes behind the hole is at most one page off.
            continue;
        }
        let (start, end) = (gap.start_ms as usize * 16, (gap.end_ms as usize + 1) * 16);
        assert!(broken[..start] == whole[..start] && broken[end..] == whole[end..], "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let refused = |name: &str| report(&data("formats/foreign").join(name), None).unwrap_err();
    for (name, code, named) in [
        ("asf-wma.mp3", "unsupported_container", "wma"),
        ("ac3-ac3.aac", "unsupported_container", "ac3"),
        ("ogg-speex.opus", "unsupported_codec", "speex"),
        ("mkv-ac3.wav", "unsupported_codec", "ac3 (Dolby Digital)"),
        ("mp4-ac3.m4a", "unsupported_codec", "ac3 (Dolby Digital)"),
        ("ogg-opus51.wav", "unsupported_codec", "opus with 6 channels"),
        ("mp4-silent-film.mp3", "no_audio_track", "no audio track"),
        ("webm-silent-film.mp3", "no_audio_track", "no audio track"),
    ] {
        let error = refused(name);
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.to_string().contains(named), "{name}: {error}");
        assert!(!error.is_unsupported() || error.hint().contains("install ffmpeg"), "{name}");
    }
}

#[test]
fn locked_recordings_are_refused_as_such() {
    let m4a = fs::read(data("memo.m4a")).unwrap();
    let at = m4a.windows(4).rposition(|four| four == b"mp4a").unwrap();
    for lock in [b"drms", b"enca", b"aavd"] {
        let mut locked = m4a.clone();
        locked[at..at + 4].copy_from_slice(lock);
        let error = of_bytes(&locked).unwrap_err();
        assert_eq!(error.code(), "audio_protected", "{error}");
    }
    let mut audible = m4a;
    audible[8..12].copy_from_slice(b"aax ");
    assert_eq!(of_bytes(&audible).unwrap_err().code(), "audio_protected");
}

#[test]
fn a_file_cut_beyond_use_is_damaged() {
    for name in ["memo.wav", "memo.flac", "memo.m4a", "memo.ogg", "formats/webm-opus.mp4"] {
        let whole = fs::read(data(name)).unwrap();
        let error = of_bytes(&whole[..50]).unwrap_err();
        assert_eq!(error.code(), "audio_damaged", "{name}: {error}");
        assert!(error.hint().contains("send the original again"), "{name}: {error}");
    }
}

/// A program that stands in for ffmpeg.
fn played(dir: &Path, script: &str) -> PathBuf {
    let path = dir.join("ffmpeg");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

#[test]
fn what_ffmpeg_reads_is_heard_and_it_is_told_one_file_and_one_reader() {
    let dir = tempfile::tempdir().unwrap();
    let (told, answer) = (dir.path().join("told"), data("formats/mkv-flac.mp4"));
    let script = format!("echo \"$@\" > {}\n/bin/cat {}", told.display(), answer.display());
    let ffmpeg = played(dir.path(), &script);
    let amr = dir.path().join("memo, from my old phone.mp3");
    fs::write(&amr, b"#!AMR\n\x3c and so on").unwrap();
    let found = report(&amr, Some(&ffmpeg)).unwrap();
    assert_eq!((found.probe.format.as_str(), found.probe.codec.as_str()), ("amr", "amr"));
    assert_eq!(found.pcm_sha256, report(&data("memo.wav"), None).unwrap().pcm_sha256);
    let told = fs::read_to_string(told).unwrap();
    let input = format!("-protocol_whitelist file -f amr -i file:{}", amr.display());
    assert!(told.starts_with("-nostdin") && told.contains(&input), "{told}");
}

#[test]
fn a_failing_ffmpeg_changes_nothing_but_what_was_heard_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let amr = dir.path().join("memo");
    fs::write(&amr, b"#!AMR\n\x3c and so on").unwrap();
    for script in ["exit 1", "echo nonsense", "kill -KILL $$"] {
        let error = report(&amr, Some(&played(dir.path(), script))).unwrap_err();
        assert_eq!(error.code(), "unsupported_container", "{script}: {error}");
    }
    let half = format!("/bin/cat {}; exit 1", data("formats/mkv-flac.mp4").display());
    let found = report(&amr, Some(&played(dir.path(), &half))).unwrap();
    assert!(found.cut_off && found.samples == 49_600);
    let error = report(&amr, Some(Path::new("/no/such/ffmpeg"))).unwrap_err();
    assert_eq!(error.code(), "decoder_broken");
}

#[test]
fn what_we_read_ourselves_never_asks_ffmpeg() {
    let dir = tempfile::tempdir().unwrap();
    let asked = dir.path().join("asked");
    let ffmpeg = played(dir.path(), &format!("touch {}; exit 1", asked.display()));
    assert!(report(&data("memo.m4a"), Some(&ffmpeg)).is_ok());
    assert!(of_bytes(b"Dear diary, this is text").is_err());
    let text = dir.path().join("list.m3u8");
    fs::write(&text, "#EXTM3U\nhttp://localhost/secret\n").unwrap();
    assert_eq!(report(&text, Some(&ffmpeg)).unwrap_err().code(), "not_audio");
    assert!(!asked.exists());
}
