//! How long `GET /v1/jobs/{id}` takes at 200 requests a second, while every processor transcribes.
//!
//! Open loop: a request is sent at its time whether or not the one before it was answered, and its latency counts
//! from that time, so a stall costs all who would have come meanwhile. Fails where the 99th percentile is too high.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints its table, fails by panicking, and plays the outside world"
)]

#[path = "kit/server.rs"]
mod server;

use diarist::client::Client;
use diarist::domain::ids::JobId;
use diarist::domain::options::JobOptions;
use server::Server;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const PER_SECOND: u32 = 200;
const LASTS: Duration = Duration::from_secs(30);
const P99_MAX: Duration = Duration::from_millis(20);
/// The length of one recording; there are several, so that the work outlasts the requests.
const RECORDING_S: usize = 15 * 60;
const RECORDINGS: usize = 3;
const RATE: usize = 16_000;

fn main() -> ExitCode {
    // `cargo bench` and `cargo test --benches` say which; a smoke test of half a minute is none.
    if std::env::args().any(|arg| arg == "--test") {
        return ExitCode::SUCCESS;
    }
    tokio::runtime::Runtime::new().unwrap().block_on(measure())
}

async fn measure() -> ExitCode {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let client = Client::new(&server.url).unwrap();
    let recording = long_recording(&dir.path().join("long.wav"));
    let options = JobOptions { force: true, note: false, ..JobOptions::default() };
    let mut jobs = Vec::new();
    for _ in 0..RECORDINGS {
        jobs.push(client.submit_file(&recording, &options, None).await.unwrap().0.id);
    }
    let mut follow = client.follow(jobs[0], 0);
    while follow.next().await.unwrap().is_some_and(|event| event.kind != "segment") {}
    drop(follow);
    let before = load();
    let mut latencies = ask_on_time(&server.url, jobs[0]).await;
    let last = client.job(jobs[RECORDINGS - 1]).await.unwrap();
    assert!(!last.is_over(), "the work did not outlast the requests: {}", last.status);
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    let (p50, p99, max) = (at(0.5), at(0.99), at(1.0));
    println!("| requests | rate | p50 | p99 | p99.9 | max | load before, after |");
    println!("|---|---|---|---|---|---|---|");
    println!(
        "| {} | {PER_SECOND}/s | {p50:.1?} | {p99:.1?} | {:.1?} | {max:.1?} | {before}, {} |",
        latencies.len(),
        at(0.999),
        load()
    );
    if p99 <= P99_MAX { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Sends each request at its time, over connections that are kept; gives every latency.
async fn ask_on_time(url: &str, job: JobId) -> Vec<Duration> {
    let (url, client) = (format!("{url}/v1/jobs/{job}"), reqwest::Client::new());
    let begin = Instant::now() + Duration::from_millis(100);
    let mut asked = JoinSet::new();
    for n in 0..PER_SECOND * LASTS.as_secs() as u32 {
        let due = begin + Duration::from_secs(1) * n / PER_SECOND;
        tokio::time::sleep_until(due.into()).await;
        let request = client.get(&url);
        asked.spawn(async move {
            let answer = request.send().await.unwrap().error_for_status().unwrap();
            answer.bytes().await.unwrap();
            due.elapsed()
        });
    }
    asked.join_all().await
}

/// The clips of the tests one after the other, with pauses, for a quarter of an hour.
fn long_recording(path: &Path) -> PathBuf {
    let clips = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/speech");
    let mut clips: Vec<_> =
        std::fs::read_dir(clips).unwrap().map(|clip| clip.unwrap().path()).collect();
    clips.retain(|clip| clip.extension().is_some_and(|kind| kind == "wav"));
    clips.sort();
    let mut sound = Vec::new();
    for clip in clips.iter().cycle() {
        if sound.len() >= RECORDING_S * RATE * 2 {
            break;
        }
        let bytes = std::fs::read(clip).unwrap();
        let data = bytes.windows(4).position(|window| window == b"data").unwrap() + 8;
        sound.extend_from_slice(&bytes[data..]);
        sound.resize(sound.len() + RATE, 0);
    }
    let length = u32::try_from(sound.len()).unwrap();
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + length).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data");
    wav.extend(length.to_le_bytes());
    wav.extend(sound);
    std::fs::write(path, wav).unwrap();
    path.to_owned()
}

/// How many threads wanted a processor in the last minute: what else this machine was doing.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("?").to_owned()
}
