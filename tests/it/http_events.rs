//! `GET /v1/events`: the events of all jobs in one row, live and from any position, without a gap.

use super::kit::data;
use super::kit::jobs::new_job;
use super::kit::server::{Server, follow};
use diarist::domain::ids::JobId;
use diarist::domain::options::JobOptions;
use diarist::store::{Store, jobs};
use reqwest::Response;
use serde_json::{Value, json};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq)]
struct Told {
    id: i64,
    /// Empty for an `id` alone.
    kind: String,
    data: Value,
}

/// A listener, as a browser is one.
struct Listener {
    stream: Response,
    pending: String,
}

impl Listener {
    async fn open(server: &Server, query: &str) -> Self {
        let stream = server.get(&format!("/v1/events{query}")).await;
        assert_eq!(stream.status(), 200);
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        Self { stream, pending: String::new() }
    }

    /// The next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((block, rest)) = self.pending.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.pending = rest;
                if let Some(told) = read(&block) {
                    return Some(told);
                }
                continue;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.stream.chunk()).await;
            let chunk = chunk.expect("nothing comes").unwrap()?;
            self.pending.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn until(&mut self, last: i64) -> Vec<Told> {
        let mut told = Vec::new();
        while told.last().is_none_or(|event: &Told| event.id < last) {
            told.push(self.next().await.expect("the stream has ended"));
        }
        told.retain(|event| !event.kind.is_empty());
        told
    }
}

fn read(block: &str) -> Option<Told> {
    let mut told = Told { id: -1, kind: String::new(), data: Value::Null };
    for line in block.lines().filter(|line| !line.starts_with(':')) {
        let (field, value) = line.split_once(": ").unwrap();
        match field {
            "id" => told.id = value.parse().unwrap(),
            "event" => value.clone_into(&mut told.kind),
            "data" => told.data = serde_json::from_str(value).unwrap(),
            _ => panic!("{line}"),
        }
    }
    (told.id >= 0).then_some(told)
}

fn tagged(tag: &str) -> JobOptions {
    JobOptions { tags: vec![tag.to_owned()], ..JobOptions::default() }
}

/// The position of the newest event.
async fn newest(server: &Server) -> i64 {
    let first = Listener::open(server, "").await.next().await.unwrap();
    assert_eq!(first.kind, "", "without a position it begins now");
    first.id
}

#[tokio::test]
async fn all_jobs_are_told_live_and_again_from_any_position() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let before = server.run(&data("memo.wav"), &tagged("before")).await;
    let mut live = Listener::open(&server, "").await;
    let begun = live.next().await.unwrap();
    assert!(begun.id > 0 && begun.kind.is_empty());
    let (one, _) =
        server.client.submit_file(&data("memo.wav"), &tagged("one"), None).await.unwrap();
    let (two, _) =
        server.client.submit_file(&data("memo.wav"), &tagged("two"), None).await.unwrap();
    server.wait(one.id).await;
    server.wait(two.id).await;
    let last = newest(&server).await;
    let live = live.until(last).await;
    let ids: Vec<i64> = live.iter().map(|event| event.id).collect();
    assert_eq!(ids, (begun.id + 1..=last).collect::<Vec<_>>(), "a gap, or not in order");
    assert!(live.iter().all(|event| event.data["job_id"] != before.id.to_string()));
    for job in [one.id, two.id] {
        let own = follow(&server.client, job, 0).await.unwrap();
        let own: Vec<_> =
            own.iter().map(|e| (e.kind.clone(), json!(e.id), e.data.clone())).collect();
        let told = live.iter().filter(|event| event.data["job_id"] == job.to_string());
        let told: Vec<_> =
            told.map(|e| (e.kind.clone(), e.data["seq"].clone(), e.data["data"].clone())).collect();
        assert_eq!(told, own, "the feed does not tell what the job tells");
    }
    for after in [begun.id, begun.id + 1, last - 1] {
        let replay = Listener::open(&server, &format!("?after={after}")).await.until(last).await;
        assert_eq!(replay, live[(after - begun.id) as usize..], "after {after}");
    }
    let all = Listener::open(&server, "?last_event_id=0").await.until(last).await;
    assert_eq!(all.len() as i64, last);
    assert_eq!(all[begun.id as usize..], live);
    // A position of another database: nothing to replay, and what comes next is not missed.
    assert_eq!(Listener::open(&server, "?after=99999").await.next().await.unwrap().id, last);
    assert_eq!(server.get("/v1/events?after=-1").await.status(), 400);
}

#[tokio::test]
async fn a_removed_job_takes_its_events_and_no_position_comes_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let kept = server.run(&data("memo.wav"), &tagged("kept")).await;
    let removed = server.run(&data("memo.wav"), &tagged("removed")).await;
    let last = newest(&server).await;
    server.client.remove(removed.id).await.unwrap();
    assert_eq!(newest(&server).await, last);
    server.kill();
    let server = Server::start(dir.path());
    let next = server.run(&data("memo.wav"), &tagged("next")).await;
    let newest = newest(&server).await;
    let all = Listener::open(&server, "?after=0").await.until(newest).await;
    let of = |job: JobId| {
        let own = all.iter().filter(|event| event.data["job_id"] == job.to_string());
        own.map(|event| event.id).collect::<Vec<_>>()
    };
    assert_eq!(of(removed.id), Vec::<i64>::new());
    assert!(of(kept.id).iter().all(|id| *id <= last) && of(next.id).iter().all(|id| *id > last));
    assert_eq!(all.len(), of(kept.id).len() + of(next.id).len());
}

#[tokio::test]
async fn a_stop_of_the_server_ends_the_stream_and_the_next_one_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let keep_alive = [("DIARIST__SERVER__SSE_KEEP_ALIVE_MS", "100")];
    let server = Server::start_with(dir.path(), &keep_alive);
    server.run(&data("memo.wav"), &tagged("one")).await;
    let last = newest(&server).await;
    let mut live = Listener::open(&server, "").await;
    live.next().await.unwrap();
    let comment = tokio::time::timeout(Duration::from_secs(5), live.stream.chunk()).await;
    assert!(comment.unwrap().unwrap().unwrap().starts_with(b":"), "nothing keeps the line open");
    assert_eq!(server.terminate(), 0);
    assert!(live.next().await.is_none());
    let server = Server::start(dir.path());
    server.run(&data("memo.wav"), &tagged("two")).await;
    let newest = newest(&server).await;
    let rest = Listener::open(&server, &format!("?after={last}")).await.until(newest).await;
    let ids: Vec<i64> = rest.iter().map(|event| event.id).collect();
    assert_eq!(ids, (last + 1..=newest).collect::<Vec<_>>());
}

#[tokio::test]
async fn nobody_is_told_of_another_tenants_jobs() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Server::start(dir.path()).terminate(), 0);
    let store = Store::open(&dir.path().join("diarist.db")).await.unwrap();
    let other = new_job("somebody else");
    let mut tx = store.write().await.unwrap();
    jobs::create(&mut tx, &other, "print").await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    let server = Server::start(dir.path());
    assert_eq!(newest(&server).await, 0);
    let job = server.run(&data("memo.wav"), &tagged("mine")).await;
    let newest = newest(&server).await;
    let all = Listener::open(&server, "?after=0").await.until(newest).await;
    assert_eq!(all.len() as i64, newest);
    assert!(all.iter().all(|event| event.data["job_id"] == job.id.to_string()));
}
