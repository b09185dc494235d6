//! What a job shows in each of its states.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::domain::failure::Failure;
use crate::domain::ids::{Epoch, TenantId};
use crate::domain::job::ModelRef;
use crate::domain::job_state::{Failed, Parked, Running, Work};
use crate::domain::llm::Spent;
use crate::domain::options::JobOptions;
use serde_json::{Value, json};

const ID: &str = "0198c0de-0000-7000-8000-000000000001";

fn at(ms: i64) -> Timestamp {
    Timestamp::from_timestamp_millis(1_700_000_000_000 + ms).unwrap()
}

fn work(stage: Stage, attempt: u32) -> Work {
    Work { stage, attempt, wants_note: true }
}

fn job(state: JobState) -> Job {
    Job {
        id: ID.parse().unwrap(),
        tenant: TenantId::local(),
        state,
        epoch: Epoch(3),
        version: 3,
        options: JobOptions { tags: vec!["work".to_owned()], ..JobOptions::default() },
        file_name: "memo.m4a".to_owned(),
        audio: AudioFacts {
            duration_ms: Some(61_500),
            format: "isomp4".to_owned(),
            codec: "aac".to_owned(),
            channels: 1,
            sample_rate_hz: 44_100,
            bytes: 500_000,
            sha256: "ab".to_owned(),
        },
        recorded_at: Some(DateTime::parse_from_rfc3339("2026-05-03T22:40:00+02:00").unwrap()),
        language: None,
        model: ModelRef { name: "base".to_owned(), sha256: "cd".to_owned() },
        fraction: 0.5,
        last_seq: 7,
        created_at: at(0) + chrono::TimeDelta::nanoseconds(123_456),
        line_at: at(0) + chrono::TimeDelta::nanoseconds(123_456),
        started_at: Some(at(1_000)),
        finished_at: None,
        cpu_ms: 1_234,
        spent: Spent::default(),
        title: None,
        trashed_at: None,
    }
}

fn shown(job: Job) -> Value {
    serde_json::to_value(JobView::new(job, at(5_000))).unwrap()
}

#[test]
fn a_running_job_shows_everything_under_its_promised_name() {
    let running = Running { work: work(Stage::Transcribe, 2), epoch: Epoch(3) };
    let expected = json!({
        "id": ID,
        "file_name": "memo.m4a",
        "status": "running",
        "stage": "transcribe",
        "progress": { "fraction": 0.5, "stage_fraction": 0.5, "eta_ms": 4_000 },
        "priority": "normal",
        "attempt": 2,
        "last_event_id": 7,
        "audio": {
            "duration_ms": 61_500, "format": "isomp4", "codec": "aac", "channels": 1,
            "sample_rate_hz": 44_100, "bytes": 500_000, "sha256": "ab",
        },
        "language": null,
        "model": "base",
        "template": "diary",
        "cost": {
            "usd_micros": 0, "input_tokens": 0, "output_tokens": 0, "cpu_ms": 1_234, "gpu_ms": 0,
        },
        "error": null,
        "links": {
            "self": format!("/v1/jobs/{ID}"),
            "events": format!("/v1/jobs/{ID}/events"),
            "transcript": format!("/v1/jobs/{ID}/transcript"),
            "note": format!("/v1/jobs/{ID}/note"),
        },
        "title": null,
        "tags": ["work"],
        "trashed_at": null,
        "recorded_at": "2026-05-03T22:40:00+02:00",
        "created_at": "2023-11-14T22:13:20Z",
        "started_at": "2023-11-14T22:13:21Z",
        "finished_at": null,
    });
    assert_eq!(shown(job(JobState::Running(running))), expected);
}

#[test]
fn a_done_job_is_in_no_stage_and_expects_nothing() {
    let done = Job { fraction: 1.0, finished_at: Some(at(9_000)), ..job(JobState::Done) };
    let shown = shown(done);
    assert_eq!((&shown["status"], &shown["stage"]), (&json!("done"), &Value::Null));
    let progress = json!({ "fraction": 1.0, "stage_fraction": 1.0, "eta_ms": null });
    assert_eq!(shown["progress"], progress);
}

#[test]
fn a_failure_tells_why_and_whether_another_try_may_help() {
    let why = Failure::give_up("poisonous_chunk", "it died", "convert it");
    let failed = Failed { work: work(Stage::Transcribe, 1), why: why.clone() };
    let expected = json!({
        "code": "poisonous_chunk", "message": "it died", "hint": "convert it", "retryable": false,
    });
    assert_eq!(shown(job(JobState::Failed(failed)))["error"], expected);
    let parked = Parked { work: work(Stage::Ingest, 1), until: at(0), why };
    assert_eq!(shown(job(JobState::Parked(parked)))["error"], expected);
}

#[test]
fn without_a_note_there_is_no_link_to_one() {
    let mut job = job(JobState::Done);
    job.options.note = false;
    let shown = shown(job);
    assert_eq!((&shown["links"]["note"], &shown["template"]), (&Value::Null, &Value::Null));
}

#[test]
fn progress_within_a_stage_stays_within_its_bounds() {
    for (stage, fraction, expected) in [
        (Stage::Ingest, 0.0, 0.0),
        (Stage::Ingest, 0.05, 1.0),
        (Stage::Transcribe, 0.05, 0.0),
        (Stage::Transcribe, 0.95, 1.0),
        (Stage::Compose, 0.95, 0.0),
        (Stage::Ingest, 0.7, 1.0),
    ] {
        let running = Running { work: work(stage, 1), epoch: Epoch(3) };
        let job = Job { fraction, ..job(JobState::Running(running)) };
        let progress = Progress::of(&job, at(5_000));
        assert!((progress.stage_fraction - expected).abs() < 1e-9, "{stage:?} at {fraction}");
    }
}

#[test]
fn a_status_is_called_the_same_everywhere() {
    for status in JobStatus::ALL {
        assert_eq!(serde_json::to_value(status).unwrap(), json!(status.as_str()));
    }
    let state = JobState::Running(Running { work: work(Stage::Ingest, 1), epoch: Epoch(1) });
    assert_eq!(JobStatus::from(&state).as_str(), state.status());
}

#[test]
fn a_job_that_waits_is_done_after_all_that_is_ahead_as_fast_as_until_now() {
    let pace = Pace { model: "base".into(), cpu_ms: 500, sound_ms: 1_000 };
    let eta =
        |jobs, sound_ms, slots| waiting_eta_ms(Ahead { jobs, sound_ms }, 10_000, &pace, slots);
    assert_eq!(eta(0, 0, 1), 5_000);
    assert_eq!(eta(2, 20_000, 1), 15_000);
    assert_eq!(eta(2, 20_000, 2), 7_500);
    // Only the first thousand were looked at.
    assert_eq!(eta(2_000, 1_000_000, 1), 1_005_000);
}
