//! The journal of a job: numbered without a gap, replayed from any number, and its fold is the job.

use super::kit::server::{Server, follow};
use super::kit::{data, sound};
use diarist::domain::options::JobOptions;

#[tokio::test]
async fn events_have_no_gap_and_replay_from_any_number() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let file = sound::speech(dir.path(), 60);
    let (job, _) = server.client.submit_file(&file, &JobOptions::default(), None).await.unwrap();
    let live = follow(&server.client, job.id, 0).await.unwrap();
    let ids: Vec<i64> = live.iter().map(|event| event.id).collect();
    assert_eq!(ids, (1..=live.len() as i64).collect::<Vec<_>>());
    for after in 0..live.len() {
        let replay = follow(&server.client, job.id, after as i64).await.unwrap();
        assert_eq!(replay, live[after..], "after {after}");
    }
    assert!(follow(&server.client, job.id, live.len() as i64).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_fold_of_the_events_is_the_job() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let job = server.run(&sound::speech(dir.path(), 40), &JobOptions::default()).await;
    let events = follow(&server.client, job.id, 0).await.unwrap();
    let states: Vec<_> = events
        .iter()
        .filter(|event| event.kind == "state")
        .map(|event| event.data["status"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(states.first().map(String::as_str), Some("received"));
    assert_eq!(states.last(), Some(&job.status));
    let fractions: Vec<f64> =
        events.iter().filter_map(|event| event.data["fraction"].as_f64()).collect();
    assert!(fractions.is_sorted(), "progress went back: {fractions:?}");
    assert_eq!(fractions.last(), Some(&1.0));
    let spoken: Vec<_> = events
        .iter()
        .filter(|event| event.kind == "segment")
        .map(|event| event.data["text"].as_str().unwrap().to_owned())
        .collect();
    let transcript = server.client.transcript(job.id).await.unwrap();
    assert_eq!(spoken.join(" "), transcript.text);
    let numbers = events.iter().filter(|e| e.kind == "segment").map(|e| e.data["id"].as_u64());
    assert!(numbers.eq((0..spoken.len() as u64).map(Some)), "segments are not told in order");
}

#[tokio::test]
async fn a_finished_job_stays_finished_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let job = server.run(&data("memo.wav"), &JobOptions::default()).await;
    let before = follow(&server.client, job.id, 0).await.unwrap();
    assert_eq!(server.terminate(), 0);
    let server = Server::start(dir.path());
    assert_eq!(follow(&server.client, job.id, 0).await.unwrap(), before);
}
