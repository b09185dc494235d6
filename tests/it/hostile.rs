//! Files that lie, loop, explode or are no recording: each ends soon and in words, and the server stands.

use super::kit::server::{Server, follow, workers};
use super::kit::words::wrong_words;
use super::kit::{data, output};
use diarist::domain::options::JobOptions;
use diarist::providers::audio::AudioCode;
use futures::{StreamExt, stream};
use reqwest::Client;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const FILES_MIN: usize = 60;
const LONGEST: Duration = Duration::from_secs(10);
const PEAK_KIB_MAX: u64 = 200 << 10;
/// Sent at once: the files are many, the machine may be small.
const AT_ONCE: usize = 2;
/// So that honest hours of silence are a bomb here; the default takes half a day.
const SETTINGS: [(&str, &str); 1] = [("DIARIST__AUDIO__MAX_DURATION_MS", "60000")];

struct Ended {
    name: String,
    status: String,
    code: String,
    hint: String,
    took: Duration,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_files_end_in_words_and_the_server_stands() {
    let dir = tempfile::tempdir().unwrap();
    let files = corpus(&dir.path().join("corpus"));
    assert!(files.len() >= FILES_MIN, "{}", files.len());
    let server = Server::start_with(dir.path(), &SETTINGS);
    let docs = server.get("/docs").await.text().await.unwrap();
    let over = AtomicBool::new(false);
    let send_all = async {
        let ended = stream::iter(&files).map(|file| send(&server, file)).buffer_unordered(AT_ONCE);
        let ended: Vec<Ended> = ended.collect().await;
        over.store(true, Ordering::Relaxed);
        ended
    };
    let (ended, slowest_look) = tokio::join!(send_all, alive(&server, &over));
    let peak_kib = peak_kib(server.pid());
    print(&ended, slowest_look, peak_kib);
    for Ended { name, status, code, hint, took } in &ended {
        assert!(*took <= LONGEST, "{name:?} took {took:?}");
        match status.as_str() {
            "done" => {}
            "failed" => {
                let known: Result<AudioCode, _> = serde_json::from_value(json!(code));
                assert!(known.is_ok() && !hint.is_empty(), "{name:?}: {code:?}, {hint:?}");
            }
            refused => {
                let explained = docs.contains(&format!("problem-{code}\""));
                assert!(refused.starts_with('4') && explained, "{name:?}: {refused} {code:?}");
                assert!(!hint.is_empty(), "{name:?}: {code:?} without a hint");
            }
        }
    }
    assert!(peak_kib <= PEAK_KIB_MAX, "the server took {peak_kib} KiB");
    assert_eq!(left_behind(&server, dir.path()).await, (0, 0), "decoders, uploads");
    let job = server.run(&data("memo.wav"), &JobOptions { force: true, ..options() }).await;
    let heard = server.client.transcript(job.id).await.unwrap();
    assert!(wrong_words(&heard.text, "And so my fellow Americans") <= 1, "{}", heard.text);
}

#[tokio::test]
async fn a_sender_does_not_wait_for_the_decoding_of_somebody_elses_bomb() {
    let dir = tempfile::tempdir().unwrap();
    corpus(&dir.path().join("corpus"));
    let one_worker = [("DIARIST__AUDIO__WORKERS", "1")];
    let server = Server::start_with(dir.path(), &one_worker);
    let bomb = dir.path().join("corpus/flac-24-hours-in-150-kB.flac");
    let (bomb, _) = server.client.submit_file(&bomb, &options(), None).await.unwrap();
    let stage = async |id| server.client.job(id).await.unwrap().stage;
    while workers(server.pid(), "decode-worker").is_empty() {
        assert_eq!(stage(bomb.id).await.as_deref(), Some("ingest"));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.client.submit_file(&data("memo.wav"), &options(), None).await.unwrap();
    // Twelve hours of it are decoded before it is known to be too long.
    assert_eq!(server.client.job(bomb.id).await.unwrap().status, "running");
    server.client.cancel(bomb.id).await.unwrap();
}

fn options() -> JobOptions {
    JobOptions { note: false, ..JobOptions::default() }
}

fn corpus(dir: &Path) -> Vec<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/hostile_corpus.py");
    let (_, errors, status) = output(Command::new("python3").arg(script).arg(dir));
    assert_eq!(status, 0, "{errors}");
    let mut files: Vec<_> =
        std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Sends one file under its own name and follows its job, if it becomes one.
async fn send(server: &Server, file: &Path) -> Ended {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let part = Part::bytes(std::fs::read(file).unwrap()).file_name(name.clone());
    let form = Form::new().part("file", part).text("options", json!({ "note": false }).to_string());
    let begun = Instant::now();
    let sent = Client::new().post(format!("{}/v1/jobs", server.url)).multipart(form).send().await;
    let answer = sent.unwrap();
    let (status, kind) = (answer.status(), answer.headers()["content-type"].clone());
    let told: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    let words = |of: &Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
    if !status.is_success() {
        assert_eq!(kind, "application/problem+json", "{name:?}");
        let (code, hint) = (words(&told, "code"), words(&told, "hint"));
        let status = status.as_u16().to_string();
        return Ended { name, status, code, hint, took: begun.elapsed() };
    }
    let id = words(&told, "id").parse().unwrap();
    let followed = tokio::time::timeout(LONGEST * 3, follow(&server.client, id, 0)).await;
    followed.unwrap_or_else(|_| panic!("{name:?} does not end")).unwrap();
    let took = begun.elapsed();
    let job = server.json(&format!("/v1/jobs/{id}")).await;
    let (code, hint) = (words(&job["error"], "code"), words(&job["error"], "hint"));
    Ended { name, status: words(&job, "status"), code, hint, took }
}

/// Asks again and again whether the server is there; how long the slowest answer took.
async fn alive(server: &Server, over: &AtomicBool) -> Duration {
    let client = Client::new();
    let mut slowest = Duration::ZERO;
    while !over.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let answer = client.get(format!("{}/health/live", server.url)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        slowest = slowest.max(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(slowest < Duration::from_secs(2), "{slowest:?} for a sign of life");
    slowest
}

/// The most memory that the process has ever had in use.
fn peak_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Decoders that still run, and uploads that still lie there, once the last answer has been given for a while.
async fn left_behind(server: &Server, data_dir: &Path) -> (usize, usize) {
    let count = || {
        let uploads = std::fs::read_dir(data_dir.join("uploads")).unwrap().count();
        (workers(server.pid(), "decode-worker").len(), uploads)
    };
    let begun = Instant::now();
    while count() != (0, 0) && begun.elapsed() < Duration::from_secs(5) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    count()
}

#[expect(clippy::print_stdout, reason = "a table for whoever asks with --nocapture")]
fn print(ended: &[Ended], slowest_look: Duration, peak_kib: u64) {
    let mut rows: Vec<_> = ended.iter().collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    for Ended { name, status, code, took, .. } in rows {
        let name: String = name.escape_debug().take(48).collect();
        println!("{name:<48} {status:<6} {code:<22} {:>5} ms", took.as_millis());
    }
    let slowest = ended.iter().map(|ended| ended.took.as_millis()).max().unwrap_or(0);
    println!(
        "{} files, the slowest {slowest} ms; the slowest sign of life {} ms; server peak {} MiB",
        ended.len(),
        slowest_look.as_millis(),
        peak_kib >> 10
    );
}
