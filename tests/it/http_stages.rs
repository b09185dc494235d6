//! `/v1/admin/stages`: nothing new begins in a paused stage, what runs there keeps what it has, and nobody pays for it.

use super::kit::server::Server;
use super::kit::{data, diarist, output, sound};
use diarist::domain::options::JobOptions;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// Looks again and again until it is so.
pub async fn until(server: &Server, path: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let seen = server.json(path).await;
        if is(&seen) {
            return seen;
        }
        assert!(begun.elapsed() < PATIENCE, "not seen: {what}\n{seen:#}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub async fn steer(server: &Server, stage: &str, verb: &str) -> Value {
    let url = format!("{}/v1/admin/stages/{stage}/{verb}", server.url);
    let answer = reqwest::Client::new().post(url).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// The first line that a command says to the person; then it is ended.
pub fn first_word(command: &mut Command) -> String {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    line
}

fn fresh() -> JobOptions {
    JobOptions { note: false, force: true, ..JobOptions::default() }
}

#[tokio::test]
async fn a_paused_stage_begins_nothing_and_goes_on_when_it_is_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let told = steer(&server, "transcribe", "pause").await;
    let since = told["items"][1]["paused_at"].clone();
    assert!(since.is_string(), "{told}");
    let mut jobs = Vec::new();
    for _ in 0..2 {
        let sent = server.client.submit_file(&data("memo.wav"), &fresh(), None).await.unwrap();
        jobs.push(sent.0.id);
    }
    let waits = |seen: &Value| seen["items"][1]["waiting"] == 2;
    let seen = until(&server, "/v1/admin/stages", "both jobs waiting", waits).await;
    assert_eq!(seen["items"][1]["paused_at"], since);
    assert_eq!(seen["items"][1]["running"], 0);
    let second = server.json(&format!("/v1/jobs/{}", jobs[1])).await;
    assert_eq!(second["status"], "queued");
    assert_eq!(second["stage"], "transcribe");
    assert_eq!(second["progress"]["ahead"], 1);
    assert_eq!(second["stage_paused"], true);
    let mut follow = diarist(dir.path());
    follow.args(["jobs", "follow", &jobs[1].to_string(), "--server", &server.url]);
    let told = first_word(&mut follow);
    assert!(told.contains("transcribe is paused; `diarist admin resume transcribe`"), "{told}");
    // It outlives the node.
    server.kill();
    let server = Server::start(dir.path());
    assert_eq!(server.json("/v1/admin/stages").await["items"][1]["paused_at"], since);
    let mut command = diarist(dir.path());
    command.args(["admin", "resume", "transcribe", "--server", &server.url]);
    let (table, error, exit) = output(&mut command);
    assert_eq!(exit, 0, "{error}");
    assert!(table.contains("transcribe"), "{table}");
    for &job in &jobs {
        let job = server.wait(job).await;
        assert_eq!((job.status.as_str(), job.attempt), ("done", 0), "{:?}", job.error);
    }
    server.client.remove(jobs[0]).await.unwrap();
    assert!(server.client.retry(jobs[1]).await.is_err());
    let refused = reqwest::Client::new().post(format!("{}/v1/admin/stages/x/pause", server.url));
    assert_eq!(refused.send().await.unwrap().status(), 400);
    let audit = server.json("/v1/admin/audit").await;
    let orders = audit["items"].as_array().unwrap().iter();
    let orders: Vec<_> = orders.map(|it| it["action"].as_str().unwrap()).collect();
    for order in ["pause_stage", "resume_stage", "remove_job", "retry_job"] {
        assert!(orders.contains(&order), "{orders:?}");
    }
}

#[tokio::test]
async fn a_transcription_gives_way_at_the_end_of_its_chunks_and_loses_none() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    // Far longer than it is listened to: it cannot be done before it is paused.
    let file = sound::speech(dir.path(), 600);
    let (job, _) = server.client.submit_file(&file, &fresh(), None).await.unwrap();
    let path = format!("/v1/jobs/{}", job.id);
    let heard = |seen: &Value| seen["progress"]["stage_fraction"].as_f64() > Some(0.0);
    until(&server, &path, "a chunk heard", |seen| seen["stage"] == "transcribe" && heard(seen))
        .await;
    steer(&server, "transcribe", "pause").await;
    let held = until(&server, &path, "the job held back", |seen| seen["status"] != "running").await;
    assert_eq!((&held["status"], &held["attempt"]), (&"queued".into(), &1.into()), "{held}");
    let kept = held["progress"]["fraction"].as_f64().unwrap();
    steer(&server, "transcribe", "resume").await;
    let further = |seen: &Value| seen["progress"]["fraction"].as_f64() > Some(kept);
    until(&server, &path, "more chunks heard", further).await;
    server.client.cancel(job.id).await.unwrap();
    let events = super::kit::server::follow(&server.client, job.id, 0).await.unwrap();
    let claims = events.iter().filter(|event| event.data["status"] == "running").count();
    assert_eq!(claims, 3, "ingest, and transcribe twice");
    let fractions = events.iter().filter_map(|event| event.data["fraction"].as_f64());
    let fractions: Vec<f64> = fractions.collect();
    assert!(
        fractions.is_sorted() && fractions.contains(&kept),
        "progress went back: {fractions:?}"
    );
}
