//! The queue: who is claimed when, that nobody is claimed twice, and that a claim is the machine's own transition.

use super::kit::jobs::{new_job, queued};
use chrono::TimeDelta;
use diarist::actors::engine::{Engine, Parts, Stages};
use diarist::clock;
use diarist::config::{Overrides, load};
use diarist::domain::Timestamp;
use diarist::domain::dispatch::{Lane, place_in_line};
use diarist::domain::ids::{NodeId, TenantId};
use diarist::domain::job::{AudioFacts, Job};
use diarist::domain::job_state::{Event, Stage};
use diarist::domain::options::{JobOptions, Priority};
use diarist::providers::models::Library;
use diarist::providers::storage::Folder;
use diarist::store::arrivals::Arrival;
use diarist::store::claims::{self, Head, Wish};
use diarist::store::{Store, events, jobs, stages};
use diarist::telemetry::metrics::Metrics;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

async fn open() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("diarist.db")).await.unwrap();
    (dir, store)
}

fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}

/// A job that has waited for so many minutes.
fn waiting(tenant: &str, waited: i64, priority: Priority, duration_ms: u64) -> Job {
    let created_at = NOW + minutes(600 - waited);
    Job {
        created_at,
        line_at: place_in_line(created_at, priority, minutes(10)),
        options: JobOptions { priority, ..JobOptions::default() },
        audio: AudioFacts { duration_ms: Some(duration_ms), ..AudioFacts::default() },
        ..new_job(tenant)
    }
}

async fn put(store: &Store, job: &Job) -> Job {
    let mut tx = store.write().await.unwrap();
    let job = queued(&mut tx, job, job.created_at).await;
    tx.commit().await.unwrap();
    job
}

async fn claim(store: &Store, tenant: &str, lanes: &[Lane], most: usize) -> Vec<Job> {
    let tenant = TenantId::from(tenant.to_owned());
    let wish = Wish { tenant: &tenant, heads: &Head::all(lanes), most, home: None };
    let mut tx = store.write().await.unwrap();
    let node = NodeId("node".to_owned());
    let jobs = claims::claim(&mut tx, &node, &wish, NOW + minutes(600)).await.unwrap();
    tx.commit().await.unwrap();
    jobs
}

async fn lines(store: &Store) -> Vec<(String, Lane)> {
    let lines = claims::lines(store).await.unwrap();
    lines.iter().map(|line| (line.tenant.as_str().to_owned(), line.lane)).collect()
}

#[tokio::test]
async fn a_claim_is_the_transition_of_the_machine_for_all_that_it_takes() {
    let (_dir, store) = open().await;
    for _ in 0..3 {
        put(&store, &waiting("a", 5, Priority::Normal, 90_000)).await;
    }
    let claimed = claim(&store, "a", &Lane::ALL, 2).await;
    assert_eq!(claimed.len(), 2);
    for job in &claimed {
        let before = events::after(&store, &job.tenant, job.id, 0, 9).await.unwrap();
        assert_eq!(before.len() as i64, job.last_seq);
        assert_eq!(before.last().unwrap().data["epoch"], 1);
        assert_eq!(before.last().unwrap().data["status"], "running");
        let found = jobs::get(&store, &job.tenant, job.id).await.unwrap().unwrap();
        assert_eq!(found, *job);
        let was = waiting("a", 5, Priority::Normal, 90_000);
        let mut state = was.state;
        for event in [Event::Kept, Event::Enqueued(NOW), Event::Leased(job.epoch)] {
            state = state.apply(event, NOW).unwrap().next;
        }
        assert_eq!(
            (found.state, found.epoch.0, found.started_at),
            (state, 1, Some(NOW + minutes(600)))
        );
    }
    let rest = claim(&store, "a", &Lane::ALL, 9).await;
    assert_eq!(rest.len(), 1);
    assert!(claimed.iter().all(|job| job.id != rest[0].id), "claimed twice");
    assert!(claim(&store, "a", &Lane::ALL, 9).await.is_empty());
}

#[tokio::test]
async fn the_line_is_by_priority_and_age_in_all_stages_and_lanes() {
    let (_dir, store) = open().await;
    let mut expected = Vec::new();
    for (waited, priority, duration_ms) in [
        (30, Priority::Low, 90_000),
        (15, Priority::Normal, 20_000),
        (1, Priority::High, 90_000),
        (0, Priority::High, 20_000),
        (19, Priority::Low, 20_000),
        (8, Priority::Normal, 90_000),
    ] {
        expected.push(put(&store, &waiting("a", waited, priority, duration_ms)).await);
    }
    expected.sort_by_key(|job| job.line_at);
    assert_eq!(expected[0].options.priority, Priority::Low, "the low one has waited for longest");
    let mut order = Vec::new();
    for _ in 0..expected.len() {
        order.push(claim(&store, "a", &Lane::ALL, 1).await.remove(0).id);
    }
    assert_eq!(order, expected.iter().map(|job| job.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_place_for_short_memos_is_given_to_no_other_and_tenants_are_apart() {
    let (_dir, store) = open().await;
    put(&store, &waiting("a", 9, Priority::High, 90_000)).await;
    let short = put(&store, &waiting("a", 1, Priority::Low, 20_000)).await;
    put(&store, &waiting("b", 50, Priority::High, 20_000)).await;
    let all = [("a", Lane::Short), ("a", Lane::Long), ("b", Lane::Short)];
    assert_eq!(lines(&store).await, all.map(|(tenant, lane)| (tenant.to_owned(), lane)));
    let mut tx = store.write().await.unwrap();
    stages::pause(&mut tx, Stage::Ingest, NOW).await.unwrap();
    assert!(claims::lines_in(&mut tx).await.unwrap().is_empty(), "a paused stage has no line");
    drop(tx);
    let claimed = claim(&store, "a", &[Lane::Short], 9).await;
    assert_eq!(claimed.iter().map(|job| job.id).collect::<Vec<_>>(), [short.id]);
    assert_eq!(claim(&store, "a", &Lane::ALL, 9).await.len(), 1);
    assert_eq!(lines(&store).await, [("b".to_owned(), Lane::Short)]);
}

#[tokio::test]
async fn what_is_not_due_waits_outside_the_line_until_it_is_woken() {
    let (_dir, store) = open().await;
    let run_at = (NOW + minutes(700)).fixed_offset();
    let job = waiting("a", 0, Priority::Normal, 20_000);
    let options = JobOptions { run_at: Some(run_at), ..job.options.clone() };
    let mut tx = store.write().await.unwrap();
    let mut job = jobs::create(&mut tx, &Job { options, ..job }, "print").await.unwrap();
    for event in [Event::Kept, Event::Enqueued(job.options.not_before(NOW))] {
        let next = job.state.clone().apply(event, NOW).unwrap().next;
        job = jobs::change(&mut tx, &job, &next, NOW).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(claims::unfinished(&store, None, 9).await.unwrap(), 1);
    assert!(claim(&store, "a", &Lane::ALL, 9).await.is_empty());
    for (at, woken) in [(minutes(699), 0), (minutes(700), 1), (minutes(701), 0)] {
        let due = claims::due(&store, NOW + at).await.unwrap();
        assert_eq!(due.len(), woken);
        let mut tx = store.write().await.unwrap();
        assert_eq!(claims::wake_queued(&mut tx, NOW + at).await.unwrap(), woken as u64);
        tx.commit().await.unwrap();
    }
    assert_eq!(claim(&store, "a", &Lane::ALL, 9).await.len(), 1);
    assert_eq!(claims::unfinished(&store, None, 9).await.unwrap(), 0);
}

/// An engine that works on one job at a time, in stages in which nothing is done.
async fn narrow_engine(root: &Path) -> Engine {
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let values = vec![
        ("storage.data_dir", text(root).into()),
        ("storage.models_dir", text(&root.join("models")).into()),
    ];
    let mut config = load(&Overrides { file: None, values }).unwrap().config;
    config.engine.max_active_jobs = 1;
    let folder = Folder::make(root).unwrap();
    let store = Store::connect(&config.database, &folder.database()).await.unwrap();
    let parts = Parts {
        library: Library::new(config.storage.models_dir.clone()),
        config,
        store,
        folder,
        exe: PathBuf::new(),
        node: NodeId("node".to_owned()),
        metrics: Arc::new(Metrics::default()),
        stages: Stages::Null,
    };
    Engine::start(parts).await.unwrap()
}

fn due(at: Timestamp) -> Arrival {
    let job = new_job("a");
    let states = job.state.way_in(at, clock::now());
    let id = job.id;
    Arrival::new(Job { line_at: clock::now(), ..job }, states, id.to_string())
}

/// The commits of the others always know of somebody who waits, and never leave the place free.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_whose_time_has_come_has_its_turn_while_others_keep_coming() {
    let dir = tempfile::tempdir().unwrap();
    let engine = narrow_engine(dir.path()).await;
    let mut senders = JoinSet::new();
    for _ in 0..20 {
        let engine = engine.clone();
        senders.spawn(async move {
            let mut changes = engine.changes();
            loop {
                let next = due(clock::now());
                engine.enqueue(next).await.unwrap();
                // One more whenever something happens: the line is never empty, and never long.
                let _ = changes.recv().await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
    }
    let later = due(clock::now() + TimeDelta::milliseconds(200));
    let id = later.id();
    engine.enqueue(later).await.unwrap();
    let begun = Instant::now();
    loop {
        let found = jobs::get(engine.store(), &TenantId::from("a".to_owned()), id).await.unwrap();
        if found.is_some_and(|job| job.state.is_over()) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(15), "others are always before it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    senders.shutdown().await;
    engine.stop().await;
}
