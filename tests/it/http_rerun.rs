//! `POST /v1/jobs/{id}/rerun`: the same recording once more, by another model or with more detail.

use super::kit::data;
use super::kit::server::Server;
use diarist::domain::options::JobOptions;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::os::unix::fs::MetadataExt;

async fn rerun(server: &Server, id: &str, change: &Value) -> Response {
    let url = format!("{}/v1/jobs/{id}/rerun", server.url);
    let request = Client::new().post(url).header("Content-Type", "application/json");
    request.body(change.to_string()).send().await.unwrap()
}

async fn body(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_recording_is_heard_again_with_the_same_date_and_tags() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let options = JobOptions {
        recorded_at: Some("2026-05-03T22:40:00+02:00".parse().unwrap()),
        tags: vec!["family".to_owned()],
        ..JobOptions::default()
    };
    let old = server.run(&data("memo.wav"), &options).await;
    let id = old.id.to_string();
    let answer = rerun(&server, &id, &json!({ "word_timestamps": true })).await;
    assert_eq!(answer.status(), 202);
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let new = body(answer).await;
    let new_id = new["id"].as_str().unwrap().to_owned();
    assert!(new_id != id && location == format!("/v1/jobs/{new_id}"));
    assert_eq!(server.wait(new_id.parse().unwrap()).await.status, "done");
    let new = server.json(&location).await;
    assert_eq!(
        (&new["recorded_at"], &new["tags"]),
        (&json!("2026-05-03T22:40:00+02:00"), &json!(["family"]))
    );
    assert_eq!(new["file_name"], "memo.wav");
    let transcript = server.json(&format!("{location}/transcript")).await;
    assert!(!transcript["segments"][0]["words"].as_array().unwrap().is_empty());
    let again = rerun(&server, &id, &json!({ "word_timestamps": true })).await;
    assert_eq!((again.status().as_u16(), body(again).await["id"].as_str()), (200, Some(&*new_id)));
    // One set of bytes under two names; each goes with its own job.
    let original = |id: &str| dir.path().join("audio").join(id).join("original.wav");
    let inode = |id: &str| std::fs::metadata(original(id)).unwrap().ino();
    assert_eq!(inode(&id), inode(&new_id));
    server.client.remove(old.id).await.unwrap();
    let audio = server.get(&format!("{location}/audio")).await.bytes().await.unwrap();
    assert_eq!(audio, std::fs::read(data("memo.wav")).unwrap());
    assert_eq!(std::fs::read_dir(dir.path().join("uploads")).unwrap().count(), 0);
}

#[tokio::test]
async fn nothing_different_is_the_same_job_from_either_side() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    // The sample says itself when it was spoken; the clip does not, and takes the time of its file.
    for file in ["samples/memo.ogg", "tests/data/speech/jfk.wav"] {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let old = server.run(&file, &JobOptions::default()).await.id.to_string();
        let url = format!("{}/v1/jobs/{old}/rerun", server.url);
        let bare = Client::new().post(url).send().await.unwrap();
        assert_eq!((bare.status().as_u16(), body(bare).await["id"].as_str()), (200, Some(&*old)));
        let new = body(rerun(&server, &old, &json!({ "language": "en" })).await).await;
        let new = new["id"].as_str().unwrap();
        assert!(new != old);
        let back = rerun(&server, new, &json!({ "language": "auto", "model": "tiny.en" })).await;
        assert_eq!((back.status().as_u16(), body(back).await["id"].as_str()), (200, Some(&*old)));
        let dates = [&*old, new].map(|id| format!("/v1/jobs/{id}"));
        let [first, second] = [server.json(&dates[0]).await, server.json(&dates[1]).await];
        assert_eq!(first["recorded_at"], second["recorded_at"]);
    }
}

#[tokio::test]
async fn a_missing_model_and_odd_wishes_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let old = server.run(&data("memo.wav"), &JobOptions::default()).await.id.to_string();
    for (change, code) in [
        (json!({ "model": "base.en" }), "model_missing"),
        (json!({ "language": "xx" }), "invalid_options"),
    ] {
        let refused = rerun(&server, &old, &change).await;
        assert_eq!(
            (refused.status().as_u16(), body(refused).await["code"].as_str()),
            (422, Some(code))
        );
    }
    let odd = rerun(&server, &old, &json!({ "modle": "base" })).await;
    assert_eq!(odd.status(), 400);
    let nobody = rerun(&server, "0198c0de-0000-7000-8000-000000000000", &json!({})).await;
    assert_eq!(nobody.status(), 404);
    std::fs::remove_dir_all(dir.path().join("audio").join(&old)).unwrap();
    let gone = rerun(&server, &old, &json!({ "word_timestamps": true })).await;
    assert_eq!(
        (gone.status().as_u16(), body(gone).await["code"].as_str()),
        (404, Some("no_recording"))
    );
}
