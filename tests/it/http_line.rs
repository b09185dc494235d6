//! The line of jobs as its users meet it: short memos, other tenants, a time of one's own, and a line that is full.

use super::http_stages::{steer, until};
use super::kit::node::TestNode;
use super::kit::server::{Server, follow};
use super::kit::{data, sound};
use chrono::{TimeDelta, Utc};
use diarist::actors::engine::Submission;
use diarist::domain::ids::TenantId;
use diarist::domain::job::Job;
use diarist::domain::options::JobOptions;
use diarist::store::jobs;
use std::path::Path;

fn fresh() -> JobOptions {
    JobOptions { note: false, force: true, ..JobOptions::default() }
}

#[tokio::test]
async fn a_short_memo_does_not_wait_behind_long_recordings() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("DIARIST__ENGINE__MAX_ACTIVE_JOBS", "2")]);
    let long = sound::speech(dir.path(), 400);
    let mut longs = Vec::new();
    for _ in 0..3 {
        longs.push(server.client.submit_file(&long, &fresh(), None).await.unwrap().0.id);
    }
    let works = |seen: &serde_json::Value| seen["items"][1]["running"] == 1;
    until(&server, "/v1/admin/stages", "a long one at work", works).await;
    let (short, _) = server.client.submit_file(&data("memo.wav"), &fresh(), None).await.unwrap();
    assert_eq!(server.wait(short.id).await.status, "done");
    for job in longs {
        let job = server.client.job(job).await.unwrap();
        assert!(!job.is_over(), "a long one was done before the short memo: {job:?}");
    }
}

async fn submit(node: &TestNode, tenant: &str, file: &Path) -> Job {
    let mut upload = node.engine.begin_upload().await.unwrap();
    upload.write(&std::fs::read(file).unwrap()).await.unwrap();
    let submission = Submission {
        tenant: TenantId::from(tenant.to_owned()),
        uploaded: upload.finish().await.unwrap(),
        file_name: "memo.wav".to_owned(),
        last_modified: None,
        options: fresh(),
        idempotency_key: None,
    };
    node.engine.submit(submission).await.unwrap().job
}

#[tokio::test(flavor = "multi_thread")]
async fn many_jobs_of_one_tenant_do_not_make_another_wait() {
    let dir = tempfile::tempdir().unwrap();
    let places = [("engine.max_active_jobs", 2.into()), ("engine.short_places", 0.into())];
    let node = TestNode::start_with(dir.path(), &places).await;
    let file = sound::speech(dir.path(), 90);
    let mut many = Vec::new();
    for _ in 0..5 {
        many.push(submit(&node, "many", &file).await);
    }
    let one = submit(&node, "one", &file).await;
    let begun = async |job: &Job| {
        loop {
            let found = jobs::get(node.engine.store(), &job.tenant, job.id).await.unwrap().unwrap();
            if let Some(at) = found.started_at {
                return at;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let one_begun = begun(&one).await;
    let mut before = 0;
    for job in &many {
        let found = jobs::get(node.engine.store(), &job.tenant, job.id).await.unwrap().unwrap();
        before += usize::from(found.started_at.is_some_and(|at| at <= one_begun));
    }
    assert!(before < many.len(), "all of the many began before the one");
    node.end().await;
}

#[tokio::test]
async fn a_job_for_later_begins_when_its_time_has_come() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let run_at = Utc::now() + TimeDelta::seconds(3);
    let options = JobOptions { run_at: Some(run_at.fixed_offset()), ..fresh() };
    let (job, _) = server.client.submit_file(&data("memo.wav"), &options, None).await.unwrap();
    assert_eq!(job.status, "queued");
    follow(&server.client, job.id, 0).await.unwrap();
    let seen = server.json(&format!("/v1/jobs/{}", job.id)).await;
    assert_eq!(seen["status"], "done");
    let started: chrono::DateTime<Utc> = seen["started_at"].as_str().unwrap().parse().unwrap();
    assert!(started.timestamp_millis() >= run_at.timestamp_millis(), "{started} {run_at}");
}

#[tokio::test]
async fn a_full_line_refuses_one_more_and_says_when_to_come_again() {
    for (key, status, code) in [
        ("DIARIST__ENGINE__MAX_QUEUED_JOBS", 503, "queue_full"),
        ("DIARIST__ENGINE__MAX_QUEUED_JOBS_PER_TENANT", 429, "too_many_jobs"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start_with(dir.path(), &[(key, "1")]);
        steer(&server, "ingest", "pause").await;
        let (job, _) = server.client.submit_file(&data("memo.wav"), &fresh(), None).await.unwrap();
        let body = std::fs::read(data("memo.wav")).unwrap();
        let part = reqwest::multipart::Part::bytes(body).file_name("memo.wav");
        let form = reqwest::multipart::Form::new().part("file", part);
        let url = format!("{}/v1/jobs", server.url);
        let refused = reqwest::Client::new().post(url).multipart(form).send().await.unwrap();
        assert_eq!(refused.status(), status);
        assert!(refused.headers().contains_key("retry-after"));
        let problem: serde_json::Value =
            serde_json::from_slice(&refused.bytes().await.unwrap()).unwrap();
        assert_eq!(problem["code"], code, "{problem}");
        let uploads = std::fs::read_dir(dir.path().join("uploads")).map_or(0, Iterator::count);
        assert_eq!(uploads, 0, "a refused upload stays behind");
        steer(&server, "ingest", "resume").await;
        assert_eq!(server.wait(job.id).await.status, "done");
        server.client.submit_file(&data("memo.wav"), &fresh(), None).await.unwrap();
    }
}
