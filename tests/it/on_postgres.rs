//! The real server with its jobs in PostgreSQL: through HTTP, through kill -9, and through a database that is restarted.

use crate::kit::postgres::{self, Cluster};
use crate::kit::server::Server;
use crate::kit::{data, sound};
use diarist::client::{Event, JobView};
use diarist::domain::amendment::Amendment;
use diarist::domain::ids::{JobId, TenantId};
use diarist::domain::options::JobOptions;
use diarist::store::{jobs, labels};
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
    let server = start(dir.path(), &cluster.fresh());
    let (job, _) = server.client.submit_file(&file, &plain(), None).await.unwrap();
    until_heard(&server, job.id).await;
    cluster.down();
    let answer = server.get(&format!("/v1/jobs/{}", job.id)).await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    let refused = server.client.submit_file(&data("memo.ogg"), &plain(), None).await;
    assert!(refused.is_err(), "what is not kept is not acknowledged");
    cluster.up();
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
