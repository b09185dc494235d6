//! The orderly end of a node: what is under way is finished and kept, and no job loses an attempt by it.

use super::kit::node::{TestNode, find};
use super::kit::server::follow;
use super::kit::sound;
use diarist::actors::supervise::ActorView;
use diarist::domain::ids::TenantId;
use diarist::domain::options::JobOptions;
use diarist::providers::storage::Folder;
use diarist::store::{Store, chunks, jobs};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn chunks_in_hand_are_heard_to_their_end_and_the_job_waits_without_blame() {
    let dir = tempfile::tempdir().unwrap();
    // On a machine that is busy with other tests a chunk takes long: here the node has all the time it needs.
    let patient = [("supervision.drain_ms", 300_000.into())];
    let node = TestNode::start_with(dir.path(), &patient).await;
    let file = sound::speech(dir.path(), 240);
    let (sent, _) = node.client.submit_file(&file, &JobOptions::default(), None).await.unwrap();
    let asks = |view: &ActorView| {
        view.kind == "job" && view.current.as_deref().is_some_and(|it| it.contains("asked for"))
    };
    let patience = Duration::from_secs(120);
    node.see("a job whose chunks are heard", patience, |root| find(root, &asks).map(drop)).await;
    node.end().await;
    let store = Store::open(&Folder::make(dir.path()).unwrap().database()).await.unwrap();
    let tenant = TenantId::local();
    let job = jobs::get(&store, &tenant, sent.id).await.unwrap().unwrap();
    assert_eq!(job.state.status(), "queued");
    let kept = chunks::list(&store, &tenant, sent.id).await.unwrap();
    let finished = kept.iter().filter(|chunk| chunk.segments.is_some()).count();
    assert!(finished > 0 && finished < kept.len(), "{finished} of {}", kept.len());
    store.close().await;
    let node = TestNode::start(dir.path()).await;
    let events = follow(&node.client, sent.id, 0).await.unwrap();
    let job = node.client.job(sent.id).await.unwrap();
    assert_eq!(job.status, "done", "{:?}", job.error);
    assert!(job.attempt <= 1, "the end of a node has cost the job an attempt");
    assert!(events.iter().all(|event| event.data["status"] != "failed"));
    node.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_node_ends_at_once_and_takes_nothing_from_then_on() {
    let dir = tempfile::tempdir().unwrap();
    let node = TestNode::start(dir.path()).await;
    assert!(node.engine.is_ready());
    let engine = node.engine.clone();
    let ended = tokio::time::timeout(Duration::from_secs(10), node.end()).await;
    assert!(ended.is_ok(), "nothing was under way, and yet it was waited for");
    assert!(!engine.is_ready());
    assert!(engine.demo(&TenantId::local()).await.is_err());
}
