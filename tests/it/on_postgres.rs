//! The real server with its jobs in PostgreSQL: through HTTP, through kill -9, and through a database that is restarted.

use crate::kit::postgres::{self, Cluster};
use crate::kit::server::Server;
use crate::kit::{data, sound};
use diarist::client::{Event, JobView};
use diarist::domain::amendment::Amendment;
use diarist::domain::ids::{JobId, NodeId, TenantId};
use diarist::domain::job_state::Event as Step;
use diarist::domain::options::JobOptions;
use diarist::store::{claims, jobs, labels};
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::time::Duration;

fn start(data_dir: &Path, url: &str) -> Server {
    let settings =
        [("DIARIST__DATABASE__URL", url), ("DIARIST__DATABASE__CONNECT_TIMEOUT_MS", "500")];
    Server::start_with(data_dir, &settings)
}

fn plain() -> JobOptions {
    JobOptions { note: false, ..JobOptions::default() }
}

/// Until the first words of the job have been heard.
async fn until_heard(server: &Server, id: JobId) {
    let mut follow = server.client.follow(id, 0);
    while let Some(event) = follow.next().await.unwrap() {
        if event.kind == "segment" {
            return;
        }
    }
}

/// The job when it is over, asked for as often as a restarted database needs.
async fn until_over(server: &Server, id: JobId) -> JobView {
    for _ in 0..1_200 {
        if let Ok(job) = server.client.job(id).await
            && job.is_over()
        {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("job {id} does not end");
}

async fn all_events(server: &Server, id: JobId) -> Vec<Event> {
    let mut follow = server.client.follow(id, 0);
    let mut events = Vec::new();
    while let Some(event) = follow.next().await.unwrap() {
        events.push(event);
    }
    let seqs: Vec<i64> = events.iter().map(|event| event.id).collect();
    assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>(), "no event is missing");
    events
}

#[tokio::test]
async fn a_memo_becomes_a_note_that_is_found_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let url = postgres::fresh();
    let server = start(dir.path(), &url);
    let job = server.run(&data("memo.ogg"), &JobOptions::default()).await;
    assert_eq!(job.status, "done", "{:?}", job.error);
    let note = server.client.note(job.id).await.unwrap();
    all_events(&server, job.id).await;
    assert_eq!(server.terminate(), 0);
    let server = start(dir.path(), &url);
    assert_eq!(server.client.note(job.id).await.unwrap(), note);
    let word = note.title.split_whitespace().max_by_key(|word| word.len()).unwrap();
    let found = server.json(&format!("/v1/entries?q={word}")).await;
    assert_eq!(found["items"][0]["id"], job.id.to_string(), "{found}");
    let again = server.run(&data("memo.ogg"), &JobOptions::default()).await;
    assert_eq!(again.id, job.id, "the same upload is the same job");
}

#[tokio::test]
async fn a_killed_node_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let url = postgres::fresh();
    let file = sound::speech(dir.path(), 60);
    let server = start(dir.path(), &url);
    let (job, _) = server.client.submit_file(&file, &plain(), None).await.unwrap();
    until_heard(&server, job.id).await;
    server.kill();
    let server = start(dir.path(), &url);
    let job = server.wait(job.id).await;
    assert_eq!(job.status, "done", "{:?}", job.error);
    all_events(&server, job.id).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_database_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let cluster = tokio::task::spawn_blocking(Cluster::start).await.unwrap();
    let file = sound::speech(dir.path(), 60);
    let url = cluster.fresh();
    let server = start(dir.path(), &url);
    let (job, _) = server.client.submit_file(&file, &plain(), None).await.unwrap();
    until_heard(&server, job.id).await;
    assert_eq!(server.get("/health/ready").await.status(), 200);
    cluster.down();
    assert_eq!(server.get("/health/ready").await.status(), 503);
    let answer = server.get(&format!("/v1/jobs/{}", job.id)).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    let refused = server.client.submit_file(&data("memo.ogg"), &plain(), None).await;
    assert!(refused.is_err(), "what is not kept is not acknowledged");
    cluster.up();
    cluster.cut(&url);
    let job = until_over(&server, job.id).await;
    assert_eq!(job.status, "done", "{:?}", job.error);
    all_events(&server, job.id).await;
    let memo = server.run(&data("memo.ogg"), &plain()).await;
    assert_eq!(memo.status, "done", "{:?}", memo.error);
}

#[tokio::test]
async fn listeners_are_told_what_another_node_writes() {
    let dir = tempfile::tempdir().unwrap();
    let url = postgres::fresh();
    let server = start(dir.path(), &url);
    let job = server.run(&data("memo.ogg"), &plain()).await;
    let mut listener = server.get("/v1/events").await;
    let other = postgres::open(&url).await;
    let told = async {
        let mut text = String::new();
        while !text.contains("Written elsewhere") {
            text.push_str(&String::from_utf8_lossy(&listener.chunk().await.unwrap().unwrap()));
        }
    };
    let write = async {
        let mut tx = other.write().await.unwrap();
        let kept = jobs::get_in(&mut tx, &TenantId::local(), job.id).await.unwrap().unwrap();
        let amendment = Amendment { title: Some("Written elsewhere".into()), tags: None };
        labels::amend(&mut tx, &kept, &amendment, kept.created_at).await.unwrap();
        tx.commit().await.unwrap();
    };
    let both = async { tokio::join!(told, write) };
    tokio::time::timeout(Duration::from_secs(60), both).await.expect("the event of another node");
}

fn nodes_in(tree: &serde_json::Value) -> String {
    tree["node"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_node_that_was_frozen_past_its_lease_finds_itself_fenced_and_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let url = postgres::fresh();
    let file = sound::speech(dir.path(), 60);
    let server = start(dir.path(), &url);
    let before = nodes_in(&server.json("/v1/admin/actors").await);
    let (job, _) = server.client.submit_file(&file, &plain(), None).await.unwrap();
    until_heard(&server, job.id).await;
    signal(&server, Signal::STOP);
    // Another node looks after what was left, as every node does: the job goes back into the line.
    let other = postgres::open(&url).await;
    let late = NodeId("another".into());
    let left = loop {
        let held = claims::held(&other, &late).await.unwrap();
        if let Some(left) = held.first() {
            break left.clone();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(left.job, job.id);
    let stopped = jobs::get(&other, &TenantId::local(), job.id).await.unwrap().unwrap();
    let back = stopped.state.clone().apply(Step::Interrupted, stopped.created_at).unwrap();
    let mut tx = other.write().await.unwrap();
    jobs::change(&mut tx, &stopped, &back.next, stopped.created_at).await.unwrap();
    tx.commit().await.unwrap();
    signal(&server, Signal::CONT);
    let done = until_over(&server, job.id).await;
    assert_eq!(done.status, "done", "{:?}", done.error);
    let told = all_events(&server, job.id).await;
    let epochs = told.iter().filter(|event| event.data["status"] == "running");
    let epochs: Vec<_> = epochs.map(|event| event.data["epoch"].as_i64().unwrap()).collect();
    assert_eq!(epochs, [1, 2, 3], "it was claimed again, and nothing of the old claim was written");
    assert_ne!(nodes_in(&server.json("/v1/admin/actors").await), before, "it is another node now");
    other.close().await;
}

fn signal(server: &Server, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(server.pid()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}
