//! Made-up jobs on their way in.

use diarist::clock;
use diarist::domain::ids::{Epoch, JobId, TenantId};
use diarist::domain::job::{AudioFacts, Job, ModelRef};
use diarist::domain::job_state::{JobState, Received, Stage, Work};
use diarist::domain::llm::Spent;
use diarist::domain::options::JobOptions;
use diarist::store::arrivals::Arrival;

/// A job with so many stages before it, 1 to 3, sent under a key as a careful client does.
pub fn arrival(stages: usize) -> Arrival {
    let stage = Stage::ALL[Stage::ALL.len() - stages];
    let state = JobState::Received(Received { work: Work { stage, attempt: 1, wants_note: true } });
    let (id, now) = (JobId(uuid::Uuid::now_v7()), clock::now());
    let states = state.way_in(now, now);
    let job = Job {
        id,
        tenant: TenantId::local(),
        state,
        epoch: Epoch(0),
        version: 0,
        options: JobOptions::default(),
        file_name: "memo.m4a".into(),
        audio: AudioFacts {
            duration_ms: Some(20_000),
            format: "isomp4".into(),
            codec: "aac".into(),
            channels: 1,
            sample_rate_hz: 48_000,
            bytes: 160_000,
            sha256: id.to_string(),
        },
        recorded_at: Some(now.fixed_offset()),
        language: None,
        model: ModelRef { name: "base".into(), sha256: String::new() },
        fraction: 0.0,
        last_seq: 0,
        created_at: now,
        line_at: now,
        started_at: None,
        finished_at: None,
        cpu_ms: 0,
        spent: Spent::default(),
        title: None,
        trashed_at: None,
    };
    let mut arrival = Arrival::new(job, states, id.to_string());
    arrival.key = Some(id.to_string());
    arrival
}
