//! `POST /v1/demo`: one request from nothing to a transcript with words and a note.

use super::kit::server::Server;
use reqwest::Client;
use serde_json::Value;

#[tokio::test]
async fn the_sample_becomes_a_note_with_the_time_of_each_word() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let post = || async {
        let answer = Client::new().post(format!("{}/v1/demo", server.url)).send().await.unwrap();
        let status = answer.status().as_u16();
        let job: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        (status, job["id"].as_str().unwrap_or_default().to_owned())
    };
    let (status, id) = post().await;
    assert_eq!(status, 202);
    assert_eq!(server.wait(id.parse().unwrap()).await.status, "done");
    assert_eq!(post().await, (200, id.clone()));
    let transcript = server.json(&format!("/v1/jobs/{id}/transcript")).await;
    assert!(!transcript["segments"][0]["words"].as_array().unwrap().is_empty());
    let note = server.json(&format!("/v1/jobs/{id}/note")).await;
    assert!(note["recorded_at"].as_str().unwrap().starts_with("2026-05-03T22:40:00"), "{note}");
}

#[tokio::test]
async fn without_the_default_model_another_one_does_and_without_any_it_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("DIARIST__WHISPER__MODEL", "base.en")]);
    let demo = || Client::new().post(format!("{}/v1/demo", server.url)).send();
    let answer = demo().await.unwrap();
    assert_eq!(answer.status(), 202);
    let none = dir.path().join("no-models");
    let other = tempfile::tempdir().unwrap();
    let settings = [("DIARIST__STORAGE__MODELS_DIR", none.to_str().unwrap())];
    let server = Server::start_with(other.path(), &settings);
    let answer = Client::new().post(format!("{}/v1/demo", server.url)).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    let told: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(told["code"], "model_missing");
}
