//! The same three seconds of speech in every format, and files that are not what they seem.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;

const WITHIN: Duration = Duration::from_secs(60);

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

struct Decoded {
    report: DecodeReport,
    pcm: Vec<i16>,
    left_over: bool,
}

fn decoded(input: &Path) -> Result<Decoded, AudioError> {
    let dir = tempfile::tempdir().unwrap();
    let output = dir.path().join("memo.pcm");
    let report = decode(Source::open(input, None)?, &output, WITHIN, &mut |_, _| {})?;
    let bytes = fs::read(&output).unwrap();
    let pcm = bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    Ok(Decoded { report, pcm, left_over: part_path(&output).exists() })
}

fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("memo.m4a");
    fs::write(&path, bytes).unwrap();
    (dir, path)
}

fn code_of(bytes: &[u8]) -> &'static str {
    let (_dir, path) = written(bytes);
    decoded(&path).err().unwrap().code()
}

#[test]
fn a_wav_keeps_its_samples_to_the_bit_and_its_flac_is_the_same() {
    let wav = fs::read(data("memo.wav")).unwrap();
    let from_wav = decoded(&data("memo.wav")).unwrap();
    let raw: Vec<u8> = from_wav.pcm.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    assert!(wav.ends_with(&raw) && raw.len() + 100 > wav.len());
    assert_eq!(from_wav.report.samples, from_wav.pcm.len() as u64);
    assert!(!from_wav.left_over);
    let from_flac = decoded(&data("memo.flac")).unwrap();
    assert_eq!(from_flac.report.pcm_sha256, from_wav.report.pcm_sha256);
    assert_eq!(from_flac.report.chunks, from_wav.report.chunks);
}

#[test]
fn lossy_formats_are_as_long_and_stand_in_the_same_place() {
    let original = decoded(&data("memo.wav")).unwrap().pcm;
    for (name, format, codec) in [
        ("memo.mp3", "mp3", "mp3"),
        ("memo.m4a", "m4a", "aac"),
        ("memo.ogg", "ogg", "vorbis"),
        ("memo.opus", "ogg", "opus"),
    ] {
        let Decoded { report, pcm, .. } = decoded(&data(name)).unwrap();
        assert_eq!((report.probe.format.as_str(), report.probe.codec.as_str()), (format, codec));
        assert!(pcm.len().abs_diff(original.len()) <= 16, "{name}: {} samples", pcm.len());
        let lag = best_lag(&original, &pcm);
        assert!(lag.abs() <= 16, "{name} is {lag} samples late");
        assert_eq!(report.chunks.len(), 1, "{name}");
        assert_eq!((report.damaged_packets, report.cut_off), (0, false), "{name}");
    }
}

/// The shift at which two recordings of the same speech are most alike.
fn best_lag(original: &[i16], other: &[i16]) -> i64 {
    let alike = |lag: i64| -> i64 {
        let pairs = (16_000..32_000).map(|at: i64| {
            let there = usize::try_from(at + lag).unwrap();
            i64::from(original[usize::try_from(at).unwrap()]) * i64::from(other[there])
        });
        pairs.sum()
    };
    (-1600..=1600).max_by_key(|lag| alike(*lag)).unwrap()
}

#[test]
fn stereo_is_mixed_and_the_limit_holds() {
    let mono = decoded(&data("memo.wav")).unwrap().pcm;
    let frames: Vec<u8> = mono.iter().flat_map(|s| [s.to_le_bytes(); 2].concat()).collect();
    let (_dir, path) = written(&wav(2, 16_000, &frames));
    assert_eq!(decoded(&path).unwrap().pcm, mono);
    let limit = Duration::from_secs(2);
    let source = Source::open(&path, None).unwrap();
    let refused = decode(source, &path.with_extension("pcm"), limit, &mut |_, _| {}).err().unwrap();
    assert_eq!(refused.code(), "audio_too_long");
}

#[test]
fn silence_gives_no_chunk() {
    let (_dir, path) = written(&wav(1, 16_000, &[0; 64_000]));
    let silence = decoded(&path).unwrap();
    assert_eq!((silence.report.chunks.len(), silence.report.samples), (0, 32_000));
}

fn wav(channels: u16, rate_hz: u32, frames: &[u8]) -> Vec<u8> {
    let size = u32::try_from(frames.len()).unwrap();
    let align = channels * 2;
    let mut file = b"RIFF".to_vec();
    file.extend((size + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(rate_hz.to_le_bytes());
    file.extend((rate_hz * u32::from(align)).to_le_bytes());
    file.extend(align.to_le_bytes());
    file.extend(b"\x10\0data");
    file.extend(size.to_le_bytes());
    file.extend(frames);
    file
}

#[test]
fn what_is_no_recording_is_told_apart() {
    assert_eq!(code_of(b""), "empty_file");
    assert_eq!(code_of(b"Dear diary, this is text and no sound at all."), "not_audio");
    assert_eq!(code_of(&[0; 5000]), "not_audio");
    assert_eq!(code_of(b"\x1a\x45\xdf\xa3 a web camera's film"), "audio_damaged");
    assert_eq!(code_of(b"#!AMR\n\x3c an old phone's memo"), "unsupported_container");
    let m4a = fs::read(data("memo.m4a")).unwrap();
    assert_eq!(code_of(&m4a[..m4a.len() / 2]), "audio_damaged");
    assert_eq!(decoded(Path::new("/no/such/memo")).err().unwrap().code(), "audio_unreadable");
    assert_eq!(code_of(&wav(1, 100, &[0; 4000])), "audio_damaged");
}

#[test]
fn a_recording_cut_off_is_decoded_as_far_as_it_goes() {
    for name in ["memo.wav", "memo.flac", "memo.mp3", "memo.ogg", "memo.opus"] {
        let whole = fs::read(data(name)).unwrap();
        let (_dir, path) = written(&whole[..whole.len() * 2 / 3]);
        let samples = decoded(&path).unwrap().report.samples;
        assert!((14_000..40_000).contains(&samples), "{name}: {samples}");
    }
}

#[test]
fn a_damaged_stretch_is_skipped() {
    for name in ["memo.mp3", "memo.ogg", "memo.opus", "memo.m4a", "memo.flac"] {
        let mut bytes = fs::read(data(name)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..middle + 200].fill(0x55);
        let (_dir, path) = written(&bytes);
        let samples = decoded(&path).unwrap().report.samples;
        assert!((30_000..52_000).contains(&samples), "{name}: {samples}");
    }
}
