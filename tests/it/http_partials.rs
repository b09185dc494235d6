//! The words of a chunk under way: told to whoever follows its job, before its segments, without a number, and kept nowhere.

use super::kit::server::Server;
use super::kit::sound;
use super::kit::sse::{Event, events};
use super::kit::words::words;
use diarist::domain::options::JobOptions;
use serde_json::Value;

/// Fields of the data of an event.
fn told(event: &Event) -> (u64, u64, String) {
    let data: Value = serde_json::from_str(&event.data).unwrap();
    let text = data["text"].as_str().unwrap().to_owned();
    (data["start_ms"].as_u64().unwrap(), data["end_ms"].as_u64().unwrap(), text)
}

#[tokio::test]
async fn words_come_while_a_chunk_is_heard_and_leave_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let file = sound::speech(dir.path(), 60);
    let options = JobOptions { note: false, ..JobOptions::default() };
    let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
    let path = format!("/v1/jobs/{}/events", job.id);
    let live = events(&server.get(&path).await.text().await.unwrap());
    let (partial, kept): (Vec<_>, Vec<_>) =
        live.iter().enumerate().partition(|(_, event)| event.name == "partial");
    assert!(partial.iter().all(|(_, event)| event.id.is_none()));
    let ids: Vec<_> = kept.iter().map(|(_, event)| event.id.clone().unwrap()).collect();
    let numbers: Vec<_> = (1..=kept.len()).map(|number| number.to_string()).collect();
    assert_eq!(ids, numbers, "a gap among the events that are kept");

    let transcript = server.client.transcript(job.id).await.unwrap();
    let text = words(&transcript.text).join(" ");
    let segments = kept.iter().filter(|(_, event)| event.name == "segment");
    let segments: Vec<_> = segments.map(|(at, event)| (*at, told(event))).collect();
    assert!(segments.len() > 3);
    let mut stretches = std::collections::BTreeSet::new();
    for (at, event) in partial {
        let (start_ms, end_ms, said) = told(event);
        stretches.insert(start_ms);
        let said = words(&said).join(" ");
        assert!(!said.is_empty() && text.contains(&said), "`{said}` is not in\n{text}");
        let of_it =
            |(_, (from, _, _)): &&(usize, (u64, u64, String))| (start_ms..end_ms).contains(from);
        let first = segments.iter().find(of_it).expect("segments of the stretch");
        assert!(at < first.0, "`{said}` came after its segments");
    }
    // Every chunk has told its first word at least.
    assert!(stretches.len() >= 3, "{stretches:?}");

    // Whoever comes back misses nothing that is kept, and is told nothing that has passed.
    let again = events(&server.get(&format!("{path}?after=2")).await.text().await.unwrap());
    assert_eq!(
        again.iter().collect::<Vec<_>>(),
        kept[2..].iter().map(|(_, e)| *e).collect::<Vec<_>>()
    );
    // The feed of all jobs and our own client know of numbered events alone.
    let client = super::kit::server::follow(&server.client, job.id, 0).await.unwrap();
    assert_eq!(client.len(), kept.len());
}
