//! Writes what the fuzz targets start from: the memos of the tests cut small, and one of each message of the workers.
#![expect(clippy::unwrap_used, reason = "a tool for developers fails by panicking")]

use diarist::domain::job::ChunkRange;
use diarist::domain::options::{Task, Temperature};
use diarist::domain::transcript::{Segment, Word};
use diarist::providers::audio::decode::DecodeReport;
use diarist::providers::audio::worker::Line;
use diarist::providers::audio::{
    AudioError, ChildLimits, Chunk, DecodeRequest, Mode, ProbeReport, Progress, TimeTag,
};
use diarist::providers::whisper::protocol::{
    ChunkRequest, ChunkText, DetectRequest, FromWorker, Hello, ToWorker, VERSION, write_frame,
};
use serde::Serialize;
use std::fs;
use std::path::Path;

/// A seed is tried often: enough to reach a decoder, and no more.
const CUT_BYTES: usize = 8 << 10;
/// The first byte of the `worker` target says which reader hears the rest.
const TO_WORKER: u8 = 0;
const FROM_WORKER: u8 = 1;
const REQUEST: u8 = 2;
const ANSWER: u8 = 3;

fn main() {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| "fuzz/corpus".into());
    let folder = Path::new(&folder);
    for target in ["probe", "decode", "worker"] {
        fs::create_dir_all(folder.join(target)).unwrap();
    }
    recordings(folder);
    messages(&folder.join("worker"));
}

fn recordings(folder: &Path) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let memos = fs::read_dir(&data).unwrap().chain(fs::read_dir(data.join("formats")).unwrap());
    for path in memos.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            continue;
        }
        let whole = fs::read(&path).unwrap();
        // An index that stands at the end is lost with it: such a file is kept whole.
        let is_indexed = whole.get(4..8) == Some(b"ftyp");
        let small = if is_indexed { whole.len() } else { CUT_BYTES.min(whole.len()) };
        for target in ["probe", "decode"] {
            fs::write(folder.join(target).join(&name), &whole[..small]).unwrap();
        }
    }
}

fn messages(folder: &Path) {
    let (pcm, range) = ("sound.s16".into(), ChunkRange { start_sample: 0, end_sample: 352_000 });
    let chunk = ChunkRequest {
        id: 1,
        pcm,
        range,
        language: "en".into(),
        task: Task::Transcribe,
        word_timestamps: true,
        prompt: Some("Glossary: Diarist".into()),
        temperature: Temperature::default(),
        tokens: true,
    };
    let detect = DetectRequest { id: 2, pcm: "sound.s16".into(), range, among: vec!["en".into()] };
    let hello = Hello { version: VERSION, model: "base.bin".into(), slots: 2, nice: 5 };
    let asked = [
        ToWorker::Hello(hello),
        ToWorker::Transcribe(chunk),
        ToWorker::Detect(detect),
        ToWorker::Cancel { id: 1 },
    ];
    let answered = [
        FromWorker::Ready { version: VERSION, load_ms: 90 },
        FromWorker::Broken { message: "no model".into() },
        FromWorker::Heard { id: 1, chunk: ChunkText { segments: vec![segment()], cpu_ms: 800 } },
        FromWorker::Detected { id: 2, language: "en".into(), cpu_ms: 300 },
        FromWorker::Refused { id: 1, message: "a chunk of 0 samples".into() },
        FromWorker::Cancelled { id: 1 },
    ];
    frames(folder, "to-worker", TO_WORKER, &asked);
    frames(folder, "from-worker", FROM_WORKER, &answered);
    lines(folder, "request", REQUEST, &[request()]);
    lines(folder, "answer", ANSWER, &answer());
}

fn segment() -> Segment {
    let word = Word { text: "fellow".into(), start_ms: 900, end_ms: 1_300, probability: 0.98 };
    Segment {
        id: 0,
        start_ms: 0,
        end_ms: 3_100,
        text: "And so my fellow Americans".into(),
        language: "en".into(),
        avg_logprob: -0.2174,
        no_speech_prob: 0.0101,
        speaker: None,
        words: vec![word],
        tokens: Vec::new(),
    }
}

fn request() -> DecodeRequest {
    DecodeRequest {
        input: "original.m4a".into(),
        output: "sound.s16".into(),
        mode: Mode::Decode,
        max_duration_ms: 43_200_000,
        limits: ChildLimits::default(),
        ffmpeg: None,
    }
}

fn answer() -> [Line; 3] {
    let probe = ProbeReport {
        format: "m4a".into(),
        codec: "aac".into(),
        channels: 1,
        sample_rate_hz: 16_000,
        duration_ms: Some(3_100),
        tags: vec![TimeTag::new("creation_time", "2026-05-03T20:40:00Z")],
    };
    let report = DecodeReport {
        samples: 49_600,
        chunks: vec![Chunk { start_sample: 512, end_sample: 49_152 }],
        ..DecodeReport::of_probe(probe)
    };
    [
        Line::Progress(Progress { done_ms: 10_000, fraction: Some(0.5) }),
        Line::Report(Box::new(report)),
        Line::Failure(AudioError::NotAudio.to_failure()),
    ]
}

/// Each message alone, and all of them in a row.
fn frames<T: Serialize>(folder: &Path, name: &str, reader: u8, messages: &[T]) {
    let mut all = vec![reader];
    for (n, message) in messages.iter().enumerate() {
        let mut one = vec![reader];
        write_frame(&mut one, message).unwrap();
        all.extend_from_slice(&one[1..]);
        fs::write(folder.join(format!("{name}-{n}")), one).unwrap();
    }
    fs::write(folder.join(format!("{name}-all")), all).unwrap();
}

fn lines<T: Serialize>(folder: &Path, name: &str, reader: u8, messages: &[T]) {
    let mut all = vec![reader];
    for message in messages {
        all.extend(serde_json::to_vec(message).unwrap());
        all.push(b'\n');
    }
    fs::write(folder.join(name), all).unwrap();
}
