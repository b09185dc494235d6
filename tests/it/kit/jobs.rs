//! Jobs that nobody has sent: rows for the tests of the store and the dispatcher.

use super::diary::step;
use diarist::domain::Timestamp;
use diarist::domain::ids::{Epoch, JobId, TenantId};
use diarist::domain::job::{AudioFacts, Job, ModelRef};
use diarist::domain::job_state::{Event, JobState};
use diarist::domain::llm::Spent;
use diarist::domain::options::JobOptions;
use diarist::store::{Store, Tx, jobs};

pub fn new_job(tenant: &str) -> Job {
    Job {
        id: JobId(uuid::Uuid::now_v7()),
        tenant: TenantId::from(tenant.to_owned()),
        state: JobState::new(true),
        epoch: Epoch(0),
        version: 0,
        options: JobOptions::default(),
        file_name: "secret.wav".into(),
        audio: AudioFacts::default(),
        recorded_at: None,
        title: None,
        trashed_at: None,
        language: None,
        model: ModelRef { name: "tiny.en".into(), sha256: String::new() },
        fraction: 0.0,
        last_seq: 0,
        created_at: Timestamp::UNIX_EPOCH,
        line_at: Timestamp::UNIX_EPOCH,
        started_at: None,
        finished_at: None,
        cpu_ms: 0,
        spent: Spent::default(),
    }
}

/// The same in a transaction of its own.
pub async fn stepped(store: &Store, job: Job, event: Event, now: Timestamp) -> Job {
    let mut tx = store.write().await.unwrap();
    let job = step(&mut tx, job, event, now).await;
    tx.commit().await.unwrap();
    job
}

/// Written down and waiting for its turn.
pub async fn queued(tx: &mut Tx, job: &Job, now: Timestamp) -> Job {
    let mut job = jobs::create(tx, job, &job.id.to_string()).await.unwrap();
    for event in [Event::Kept, Event::Enqueued(now)] {
        job = step(tx, job, event, now).await;
    }
    job
}
