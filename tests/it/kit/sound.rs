//! Makes sound to send: the clips of `tests/data/speech` one after the other, and silence.

use super::data;
use std::path::{Path, PathBuf};

const RATE: u32 = 16_000;
const CLIPS: [&str; 7] = [
    "austen-0870",
    "austen-0880",
    "austen-0890",
    "austen-0920",
    "austen-0930",
    "jfk",
    "lj050-0131",
];

/// All clips with a pause behind each, as often as it takes to fill `seconds`.
pub fn speech(dir: &Path, seconds: usize) -> PathBuf {
    let mut samples = Vec::new();
    for clip in CLIPS.iter().cycle() {
        if samples.len() >= seconds * RATE as usize {
            break;
        }
        samples.extend(read(&data(&format!("speech/{clip}.wav"))));
        samples.resize(samples.len() + RATE as usize * 6 / 10, 0);
    }
    write(&dir.join(format!("speech-{seconds}.wav")), &samples)
}

pub fn silence(dir: &Path, seconds: usize) -> PathBuf {
    write(&dir.join("silence.wav"), &vec![0; seconds * RATE as usize])
}

/// The samples of one of our own clips: 16 kHz, mono, 16 bit.
pub fn read(path: &Path) -> Vec<i16> {
    let bytes = std::fs::read(path).unwrap();
    let at = bytes.windows(4).position(|window| window == b"data").unwrap() + 8;
    bytes[at..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

pub fn write(path: &Path, samples: &[i16]) -> PathBuf {
    let data_bytes = u32::try_from(samples.len() * 2).unwrap();
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + data_bytes).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16u32.to_le_bytes());
    wav.extend([1, 0, 1, 0]);
    wav.extend(RATE.to_le_bytes());
    wav.extend((RATE * 2).to_le_bytes());
    wav.extend([2, 0, 16, 0]);
    wav.extend(b"data");
    wav.extend(data_bytes.to_le_bytes());
    wav.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    std::fs::write(path, wav).unwrap();
    path.to_owned()
}
