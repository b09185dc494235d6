//! Every kind of actor panics while it works: it is back within a second, and the job is done.

use super::kit::node::{TestNode, find};
use super::kit::server::follow;
use super::kit::sound;
use diarist::actors::supervise::ActorView;
use diarist::domain::options::JobOptions;
use std::time::Duration;

/// Lets the first actor of a kind panic while a job needs it, and sees it come back and the job done.
async fn panics(kind: &'static str, while_state: &'static str) {
    let dir = tempfile::tempdir().unwrap();
    let node = TestNode::start(dir.path()).await;
    let options = JobOptions { note: kind == "job", ..JobOptions::default() };
    let seconds = if kind == "decoder" { 240 } else { 40 };
    let file = sound::speech(dir.path(), seconds);
    let (job, _) = node.client.submit_file(&file, &options, None).await.unwrap();
    let busy = |view: &ActorView| view.kind == kind && view.state == while_state;
    let path = node
        .see("the actor at work", Duration::from_secs(20), |root| {
            find(root, &busy).map(|actor| actor.path.clone())
        })
        .await;
    assert!(node.engine.crash_actor(&path));
    let back =
        |view: &ActorView| view.path == path && view.restarts == 1 && view.status == "running";
    let reason = node
        .see("the actor back again", Duration::from_secs(1), |root| {
            find(root, &back).and_then(|actor| actor.last_failure.clone())
        })
        .await;
    assert!(reason.reason.starts_with("panicked at src/actors/"), "{}", reason.reason);
    let told = follow(&node.client, job.id, 0).await.unwrap();
    if kind == "job" {
        let running = told.iter().filter(|event| event.data["status"] == "running");
        let epochs: Vec<_> = running.filter_map(|event| event.data["epoch"].as_i64()).collect();
        assert_eq!(epochs, [1, 2, 3, 4], "three stages, and one of them claimed twice");
    }
    let job = node.client.job(job.id).await.unwrap();
    assert_eq!(job.status, "done", "{:?}", job.error);
    assert!(job.attempt <= 1, "a panic of ours has cost the job an attempt");
    node.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decoder_comes_back() {
    panics("decoder", "decoding").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ingest_comes_back() {
    panics("ingest", "idle").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pulls_come_back() {
    panics("pulls", "idle").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_comes_back() {
    panics("job", "transcribe").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_comes_back_from_its_ingest() {
    panics("job", "ingest").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_come_back() {
    panics("jobs", "working").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_janitor_comes_back() {
    panics("janitor", "idle").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whisper_comes_back() {
    panics("whisper", "transcribing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_comes_back() {
    panics("device", "ready").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_root_is_told_and_the_node_ends() {
    let dir = tempfile::tempdir().unwrap();
    let node = TestNode::start(dir.path()).await;
    assert!(node.engine.is_ready());
    assert!(node.engine.crash_actor("root"));
    tokio::time::timeout(Duration::from_secs(5), node.engine.broken()).await.unwrap();
    assert!(!node.engine.is_ready());
}
