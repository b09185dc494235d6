//! What has failed: found by its reason, with a hint, and tried again all at once.

use super::kit::server::Server;
use super::kit::{diarist, output, sound};
use diarist::domain::options::JobOptions;
use serde_json::{Value, json};

#[tokio::test]
async fn a_stage_past_its_deadline_fails_and_is_found_and_retried_by_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let hasty = [
        ("DIARIST__ENGINE__TRANSCRIBE_DEADLINE_MS", "1000"),
        ("DIARIST__ENGINE__MAX_ATTEMPTS", "1"),
    ];
    let file = sound::speech(dir.path(), 240);
    let options = JobOptions { note: false, ..JobOptions::default() };
    let server = Server::start_with(dir.path(), &hasty);
    let job = server.run(&file, &options).await;
    let error = job.error.unwrap();
    assert_eq!((job.status.as_str(), error.code.as_str()), ("failed", "stage_overdue"));
    assert!(error.retryable && !error.hint.is_empty(), "{error:?}");
    let listed = server.json("/v1/jobs?status=failed&code=stage_overdue").await;
    assert_eq!(listed["items"][0]["id"], job.id.to_string());
    let others = server.json("/v1/jobs?status=failed&code=other").await;
    assert_eq!(others["items"], json!([]));
    let failures = server.json("/v1/jobs/failures").await;
    assert_eq!(failures["items"][0]["count"], 1);
    assert_eq!(failures["items"][0]["error"]["code"], "stage_overdue");
    assert_eq!(failures["items"][0]["newest"], job.id.to_string());
    let (table, _, exit) = output(diarist(dir.path()).args(["jobs", "failed"]));
    assert!(exit == 0 && table.contains("stage_overdue"), "{table}");
    assert_eq!(server.terminate(), 0);
    let server = Server::start(dir.path());
    let retry = async |body: Value| {
        let url = format!("{}/v1/jobs/retry", server.url);
        let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 202);
        serde_json::from_slice::<Value>(&answer.bytes().await.unwrap()).unwrap()
    };
    assert_eq!(retry(json!({ "code": "other" })).await, json!({ "retried": 0, "more": false }));
    assert_eq!(retry(json!({ "code": "stage_overdue" })).await["retried"], 1);
    assert_eq!(server.json("/v1/jobs/failures").await["items"], json!([]));
    assert_ne!(server.client.job(job.id).await.unwrap().status, "failed");
}
