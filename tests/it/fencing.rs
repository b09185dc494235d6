//! Whoever works on a job after their claim is over changes nothing: every write, in every way that a claim can end.

use super::kit::jobs::{new_job, queued, stepped};
use diarist::domain::Timestamp;
use diarist::domain::failure::Failure;
use diarist::domain::ids::{Epoch, JobId};
use diarist::domain::job::{ChunkRange, Job};
use diarist::domain::job_state::{Break, Event, JobState};
use diarist::domain::llm::{CallId, CallKey, ProviderId};
use diarist::domain::record::EventKind;
use diarist::domain::retry::RetryPolicy;
use diarist::domain::transcript::{Gap, Segment, Transcript};
use diarist::providers::llm::extractive;
use diarist::store::{Store, StoreError, Tx, chunks, events, gaps, jobs, llm_calls, notes, trash};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const RANGE: ChunkRange = ChunkRange { start_sample: 0, end_sample: 16_000 };

/// Everything that a running attempt writes.
#[derive(Debug, Clone, Copy)]
enum Write {
    Save,
    Hold,
    Learn,
    Chunk,
    Death,
    Gap,
    Note,
    Plan,
    Send,
    Lose,
}

const WRITES: [Write; 10] = [
    Write::Save,
    Write::Hold,
    Write::Learn,
    Write::Chunk,
    Write::Death,
    Write::Gap,
    Write::Note,
    Write::Plan,
    Write::Send,
    Write::Lose,
];

fn key() -> CallKey {
    CallKey {
        provider: ProviderId::Local,
        model: "m".into(),
        template: "diary v1".into(),
        hash: "h".into(),
    }
}

async fn write(tx: &mut Tx, job: &Job, call: CallId, write: Write) -> Result<(), StoreError> {
    let gap = Gap { start_ms: 0, end_ms: 1, reason: "damaged".into() };
    match write {
        Write::Save => {
            let finished = Event::Finished(job.epoch);
            let next = job.state.clone().apply(finished, NOW).unwrap().next;
            jobs::save(tx, job, &next, NOW).await.map(drop)
        }
        Write::Hold => jobs::hold(tx, job).await.map(drop),
        Write::Learn => jobs::learn(tx, job, &job.audio, None, Some("de"), 0.5).await.map(drop),
        Write::Chunk => {
            let segments = [Segment { text: "stale".into(), ..Segment::default() }];
            let heard = chunks::Heard { idx: 0, segments: &segments, fraction: 0.5, cpu_ms: 9 };
            chunks::finish(tx, job, heard, NOW).await.map(drop)
        }
        Write::Death => chunks::count_death(tx, job, 0).await.map(drop),
        Write::Gap => gaps::keep(tx, job, &[gap], NOW).await.map(drop),
        Write::Note => {
            let transcript = Transcript {
                language: "und".into(),
                duration_ms: 0,
                text: String::new(),
                model: "m".into(),
                segments: Vec::new(),
                gaps: Vec::new(),
            };
            let note = extractive::compose(&transcript, NOW.fixed_offset());
            notes::put(tx, job, &note, NOW).await.map(drop)
        }
        Write::Plan => {
            let id = CallId(uuid::Uuid::now_v7());
            llm_calls::plan(tx, job, id, &key(), NOW).await
        }
        Write::Send => llm_calls::send(tx, job, call, NOW).await,
        Write::Lose => llm_calls::lose_open(tx, job, NOW).await,
    }
}

/// All that can be seen of a job.
async fn seen(store: &Store, job: &Job) -> String {
    let (tenant, id) = (&job.tenant, job.id);
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?}",
        jobs::get(store, tenant, id).await.unwrap(),
        events::after(store, tenant, id, 0, 1_000).await.unwrap(),
        chunks::list(store, tenant, id).await.unwrap(),
        gaps::list(store, tenant, id).await.unwrap(),
        notes::get(store, tenant, id).await.unwrap(),
        llm_calls::list(store, job).await.unwrap(),
    )
}

/// A job that runs under its first claim, with one chunk and one planned call.
async fn running(store: &Store) -> (Job, CallId) {
    let mut tx = store.write().await.unwrap();
    let job = queued(&mut tx, &new_job("local"), NOW).await;
    tx.commit().await.unwrap();
    let epoch = job.epoch.next();
    let job = stepped(store, job, Event::Leased(epoch), NOW).await;
    let call = CallId(uuid::Uuid::now_v7());
    let mut tx = store.write().await.unwrap();
    chunks::plan(&mut tx, &job, &[RANGE]).await.unwrap();
    llm_calls::plan(&mut tx, &job, call, &key(), NOW).await.unwrap();
    tx.commit().await.unwrap();
    (job, call)
}

async fn open() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("diarist.db")).await.unwrap();
    (dir, store)
}

fn broke(epoch: Epoch) -> Event {
    let policy = RetryPolicy { max_attempts: 3, base_ms: 1, cap_ms: 1 };
    Event::Broke(epoch, Break { why: Failure::retry("x", "x", ""), policy, jitter: 0.0 })
}

/// Every way in which a claim ends, and one in which the next one has begun.
fn endings(epoch: Epoch) -> Vec<Vec<Event>> {
    vec![
        vec![Event::Finished(epoch)],
        vec![broke(epoch)],
        vec![Event::Interrupted],
        vec![Event::Cancel],
        vec![Event::Interrupted, Event::Leased(epoch.next())],
    ]
}

#[tokio::test]
async fn every_write_of_a_stale_attempt_changes_nothing() {
    let (_dir, store) = open().await;
    for (n, _) in endings(Epoch(1)).iter().enumerate() {
        let (held, call) = running(&store).await;
        let mut job = held.clone();
        for event in endings(held.epoch).swap_remove(n) {
            job = stepped(&store, job, event, NOW).await;
        }
        let before = seen(&store, &job).await;
        for kind in WRITES {
            let mut tx = store.write().await.unwrap();
            let refused = write(&mut tx, &held, call, kind).await;
            tx.commit().await.unwrap();
            assert!(
                matches!(refused, Err(StoreError::StaleEpoch { job }) if job == held.id),
                "{kind:?} after ending {n}: {refused:?}"
            );
            assert_eq!(seen(&store, &job).await, before, "{kind:?} after ending {n}");
        }
    }
}

#[tokio::test]
async fn every_write_of_the_holder_is_taken_whatever_people_change_meanwhile() {
    let (_dir, store) = open().await;
    for kind in WRITES {
        let (held, call) = running(&store).await;
        let mut tx = store.write().await.unwrap();
        trash::set(&mut tx, &held, Some(NOW), NOW).await.unwrap();
        write(&mut tx, &held, call, kind).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn who_changes_a_job_from_outside_has_to_have_seen_its_newest_state() {
    let (_dir, store) = open().await;
    let (seen_first, _) = running(&store).await;
    let cancelled = |job: &Job| job.state.clone().apply(Event::Cancel, NOW).unwrap().next;
    let mut tx = store.write().await.unwrap();
    let trashed = trash::set(&mut tx, &seen_first, Some(NOW), NOW).await.unwrap();
    assert!(trashed.version > seen_first.version && trashed.epoch == seen_first.epoch);
    let next = cancelled(&seen_first);
    let late = jobs::change(&mut tx, &seen_first, &next, NOW).await;
    assert!(matches!(late, Err(StoreError::StaleVersion { .. })), "{late:?}");
    jobs::change(&mut tx, &trashed, &cancelled(&trashed), NOW).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn dead_workers_are_forgotten_once_any_chunk_is_finished_and_progress_is_told_once_a_second()
{
    let (_dir, store) = open().await;
    let (mut job, _) = running(&store).await;
    let mut tx = store.write().await.unwrap();
    chunks::plan(&mut tx, &job, &[RANGE, RANGE, RANGE]).await.unwrap();
    for deaths in 1..=4 {
        assert_eq!(chunks::count_death(&mut tx, &job, 1).await.unwrap(), deaths);
    }
    for (idx, ms) in [(0, 0), (2, 999), (1, 1_000)] {
        let heard =
            chunks::Heard { idx, segments: &[], fraction: 0.1 * (idx + 1) as f64, cpu_ms: 1 };
        let now = NOW + chrono::TimeDelta::milliseconds(ms);
        job = chunks::finish(&mut tx, &job, heard, now).await.unwrap();
        assert_eq!(chunks::count_death(&mut tx, &job, 1).await.unwrap(), 1);
    }
    tx.commit().await.unwrap();
    let told = events::after(&store, &job.tenant, job.id, 0, 99).await.unwrap();
    let progress = told.iter().filter(|event| event.kind == EventKind::Progress);
    let at: Vec<i64> = progress.map(|event| event.at.timestamp_millis()).collect();
    assert_eq!(at, [0, 1_000]);
    assert_eq!(told.last().unwrap().seq, job.last_seq);
}

#[derive(Debug, Clone)]
enum Act {
    /// What the holder of this claim, perhaps an old one, reports.
    Finish(i64),
    Break(i64),
    Outside(Event),
    Trash,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0i64..6).prop_map(Act::Finish),
        (0i64..6).prop_map(Act::Break),
        Just(Act::Outside(Event::Interrupted)),
        Just(Act::Outside(Event::Cancel)),
        Just(Act::Outside(Event::Retry)),
        Just(Act::Outside(Event::Leased(Epoch(0)))),
        Just(Act::Outside(Event::Leased(Epoch(0)))),
        Just(Act::Trash),
    ]
}

/// Plays a life, and checks after each act what has to hold of its numbers.
async fn play(acts: Vec<Act>) {
    let (_dir, store) = open().await;
    let mut tx = store.write().await.unwrap();
    let first = queued(&mut tx, &new_job("local"), NOW).await;
    tx.commit().await.unwrap();
    let id: JobId = first.id;
    let later = NOW + chrono::TimeDelta::days(1);
    for act in acts {
        let before = jobs::get(&store, &first.tenant, id).await.unwrap().unwrap();
        let mut tx = store.write().await.unwrap();
        let after = match &act {
            Act::Finish(epoch) | Act::Break(epoch) => {
                let held = Job { epoch: Epoch(*epoch), ..before.clone() };
                let is_held = before.state.epoch() == Some(held.epoch);
                let event = match act {
                    Act::Finish(_) => Event::Finished(before.epoch),
                    _ => broke(before.epoch),
                };
                let Ok(step) = before.state.clone().apply(event, later) else { continue };
                let saved = jobs::save(&mut tx, &held, &step.next, later).await;
                assert_eq!(saved.is_ok(), is_held, "{act:?} on {before:?}");
                let Ok(after) = saved else { continue };
                after
            }
            Act::Outside(event) => {
                let event = match event {
                    Event::Leased(_) => Event::Leased(before.epoch.next()),
                    other => other.clone(),
                };
                let Ok(step) = before.state.clone().apply(event, later) else { continue };
                jobs::change(&mut tx, &before, &step.next, later).await.unwrap()
            }
            Act::Trash => {
                let trashed = before.trashed_at.is_none().then_some(NOW);
                trash::set(&mut tx, &before, trashed, NOW).await.unwrap()
            }
        };
        tx.commit().await.unwrap();
        let claimed = matches!(after.state, JobState::Running(_))
            && !matches!(before.state, JobState::Running(_));
        assert_eq!(after.epoch.0 - before.epoch.0, i64::from(claimed), "{act:?}");
        assert_eq!(after.version, before.version + 1, "{act:?}");
        assert_eq!(after.last_seq, before.last_seq + 1, "{act:?}");
        let told = events::after(&store, &after.tenant, id, before.last_seq, 9).await.unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].data["epoch"], after.epoch.0);
        assert_eq!(told[0].data["version"], after.version);
        assert_eq!(told[0].data["status"], after.state.status());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn a_claim_alone_advances_the_epoch_and_every_change_the_version(
        acts in prop::collection::vec(act(), 1..24)
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(play(acts));
    }
}
