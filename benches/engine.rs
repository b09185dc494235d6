//! How long the engine's own work takes: a transition, a job's way through the store, a note of a long memo.
#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]

use chrono::DateTime;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use diarist::domain::Timestamp;
use diarist::domain::ids::{Epoch, JobId, TenantId};
use diarist::domain::job::{AudioFacts, ChunkRange, Job, ModelRef};
use diarist::domain::job_state::{Event, JobState};
use diarist::domain::options::JobOptions;
use diarist::domain::transcript::{Segment, Transcript};
use diarist::providers::llm::extractive;
use diarist::store::{Store, chunks, jobs};
use std::hint::black_box;

const NOW: Timestamp = DateTime::UNIX_EPOCH;

fn transition(c: &mut Criterion) {
    c.bench_function("one whole life as values", |b| {
        b.iter(|| {
            let mut state = JobState::new(true);
            for event in life() {
                state = state.apply(event, NOW).unwrap().next;
            }
            black_box(state)
        });
    });
}

fn life() -> Vec<Event> {
    let stage = |epoch| [Event::Leased(Epoch(epoch)), Event::Finished(Epoch(epoch))];
    let stages = [stage(3), stage(5), stage(7)].into_iter().flatten();
    [Event::Kept, Event::Enqueued(NOW)].into_iter().chain(stages).collect()
}

fn lifecycle(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(Store::open(&dir.path().join("bench.db"))).unwrap();
    c.bench_function("one whole life in SQLite, each transition synced", |b| {
        b.iter_batched(new_job, |job| runtime.block_on(live(&store, job)), BatchSize::SmallInput);
    });
}

async fn live(store: &Store, job: Job) {
    let mut tx = store.write().await.unwrap();
    let mut job = jobs::create(&mut tx, &job, &job.id.to_string()).await.unwrap();
    chunks::plan(&mut tx, &job, &[ChunkRange { start_sample: 0, end_sample: 1 }]).await.unwrap();
    tx.commit().await.unwrap();
    for event in life() {
        let next = job.state.clone().apply(event, NOW).unwrap().next;
        let mut tx = store.write().await.unwrap();
        job = match job.state {
            JobState::Running(_) => jobs::save(&mut tx, &job, &next, NOW).await.unwrap(),
            _ => jobs::change(&mut tx, &job, &next, NOW).await.unwrap(),
        };
        tx.commit().await.unwrap();
    }
}

fn new_job() -> Job {
    Job {
        id: JobId(uuid::Uuid::now_v7()),
        tenant: TenantId::local(),
        state: JobState::new(true),
        epoch: Epoch(0),
        version: 0,
        options: JobOptions::default(),
        file_name: "memo.m4a".into(),
        audio: AudioFacts::default(),
        recorded_at: None,
        language: None,
        model: ModelRef { name: "base".into(), sha256: String::new() },
        fraction: 0.0,
        last_seq: 0,
        created_at: NOW,
        line_at: NOW,
        started_at: None,
        finished_at: None,
        cpu_ms: 0,
        spent: diarist::domain::llm::Spent::default(),
        title: None,
        trashed_at: None,
    }
}

fn composing(c: &mut Criterion) {
    let memo = include_str!("../samples/memo.txt");
    let transcript = long_memo(memo, 30_000);
    let at = NOW.fixed_offset();
    c.bench_function("a note of 30,000 words", |b| {
        b.iter(|| black_box(extractive::compose(&transcript, at)));
    });
}

fn long_memo(text: &str, words: usize) -> Transcript {
    let spoken: Vec<&str> = text.split_whitespace().cycle().take(words).collect();
    let segments = (0u64..).zip(spoken.chunks(12)).map(|(n, words)| Segment {
        id: 0,
        start_ms: n * 4_000,
        end_ms: n * 4_000 + 3_900,
        text: words.join(" "),
        language: "en".into(),
        avg_logprob: -0.2,
        no_speech_prob: 0.0,
        speaker: None,
        words: Vec::new(),
        tokens: Vec::new(),
    });
    Transcript::stitch("en".into(), "base".into(), 10_800_000, segments)
}

criterion_group!(benches, transition, lifecycle, composing);
criterion_main!(benches);
