//! A job that nobody has sent: the one maker of its row, for the tests that write their jobs themselves.

use diarist::domain::Timestamp;
use diarist::domain::ids::{Epoch, JobId, TenantId};
use diarist::domain::job::{AudioFacts, Job, ModelRef};
use diarist::domain::job_state::JobState;
use diarist::domain::llm::Spent;
use diarist::domain::options::JobOptions;

/// A job that wants a note, before its first event.
pub fn job(id: JobId, tenant: &TenantId, created_at: Timestamp) -> Job {
    Job {
        id,
        tenant: tenant.clone(),
        state: JobState::new(true),
        epoch: Epoch(0),
        version: 0,
        options: JobOptions::default(),
        file_name: "memo.wav".into(),
        audio: AudioFacts::default(),
        recorded_at: None,
        title: None,
        trashed_at: None,
        language: None,
        model: ModelRef { name: "tiny.en".into(), sha256: String::new() },
        fraction: 0.0,
        last_seq: 0,
        created_at,
        line_at: created_at,
        started_at: None,
        finished_at: None,
        cpu_ms: 0,
        spent: Spent::default(),
    }
}
