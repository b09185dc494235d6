//! Made-up jobs and what they say, for the tests of the store.

use crate::kit::{diary, made_up};
use chrono::{DateTime, Utc};
use diarist::domain::ids::{JobId, TenantId};
use diarist::domain::job::{AudioFacts, ChunkRange, Job, ModelRef};
use diarist::domain::job_state::Event;
use diarist::domain::note::{Composer, Note, Section, Sentence, Support, TEMPLATE};
use diarist::domain::options::JobOptions;
use diarist::domain::transcript::Segment;
use diarist::store::{Tx, jobs};
use uuid::Uuid;

/// A moment in a made-up past, `n` minutes after the first.
pub fn at(n: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_767_225_600_000 + n * 60_000).unwrap()
}

/// The `n`th job of a tenant; the same `n` gives the same job.
pub fn job(tenant: &TenantId, n: u32, tags: &[&str]) -> Job {
    let created_at = at(i64::from(n));
    let options = JobOptions {
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        ..JobOptions::default()
    };
    Job {
        file_name: format!("Memo {n}.wav"),
        audio: AudioFacts {
            duration_ms: Some(4_000),
            format: "wave".into(),
            codec: "pcm_s16le".into(),
            channels: 1,
            sample_rate_hz: 16_000,
            bytes: 128_044,
            sha256: format!("{n:064x}"),
        },
        recorded_at: Some(created_at.fixed_offset()),
        model: ModelRef { name: "base".into(), sha256: "aa".into() },
        options,
        ..made_up::job(job_id(tenant, n), tenant, created_at)
    }
}

pub fn job_id(tenant: &TenantId, n: u32) -> JobId {
    let of_tenant =
        tenant.as_str().bytes().fold(7u64, |sum, b| sum.wrapping_mul(31) + u64::from(b));
    JobId(Uuid::from_u64_pair(of_tenant, n.into()))
}

pub fn segment(n: u32, text: &str) -> Segment {
    Segment {
        id: n,
        start_ms: u64::from(n) * 1_000,
        end_ms: u64::from(n + 1) * 1_000,
        text: text.to_owned(),
        language: "en".into(),
        avg_logprob: -0.25,
        no_speech_prob: 0.01,
        speaker: None,
        words: Vec::new(),
        tokens: Vec::new(),
    }
}

pub fn note(job: &Job, title: &str, sentence: &str, tags: &[&str]) -> Note {
    let sentence = Sentence {
        text: sentence.to_owned(),
        segments: vec![0],
        start_ms: 0,
        end_ms: 1_000,
        support: Support::Verbatim,
    };
    Note {
        title: title.to_owned(),
        recorded_at: job.recorded_at.unwrap_or(job.created_at.fixed_offset()),
        summary: sentence.text.clone(),
        sections: vec![Section { heading: "The day".into(), sentences: vec![sentence] }],
        mood: Some("calm".into()),
        people: Vec::new(),
        places: Vec::new(),
        todos: Vec::new(),
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        quotes: Vec::new(),
        open_questions: Vec::new(),
        composer: Composer {
            provider: "extractive".into(),
            model: None,
            template: TEMPLATE.into(),
            version: 1,
            tried: Vec::new(),
        },
        coverage: 1.0,
    }
}

pub fn chunks(count: u64) -> Vec<ChunkRange> {
    let range = |n| ChunkRange { start_sample: n * 16_000, end_sample: (n + 1) * 16_000 };
    (0..count).map(range).collect()
}

/// One transition, saved in the transaction of the caller.
pub async fn step(tx: &mut Tx, job: &Job, event: Event, now: DateTime<Utc>) -> Job {
    diary::step(tx, job.clone(), event, now).await
}

/// A job that has just been leased for its first stage.
pub async fn running(tx: &mut Tx, job: &Job, now: DateTime<Utc>) -> Job {
    let mut job = jobs::create(tx, job, &job.id.to_string()).await.unwrap();
    job = step(tx, &job, Event::Kept, now).await;
    job = step(tx, &job, Event::Enqueued(now), now).await;
    let epoch = job.epoch.next();
    step(tx, &job, Event::Leased(epoch), now).await
}

/// Ends the stage that runs.
pub async fn finish(tx: &mut Tx, job: &Job, now: DateTime<Utc>) -> Job {
    step(tx, job, Event::Finished(job.epoch), now).await
}
