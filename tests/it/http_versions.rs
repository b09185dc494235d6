//! `PUT /v1/jobs/{id}/transcript` and its versions: corrections keep the times, are found, and lose nothing.

use super::kit::server::Server;
use super::kit::{data, sound};
use diarist::domain::options::JobOptions;
use reqwest::{Client, Response};
use serde_json::{Value, json};

async fn put(server: &Server, id: &str, body: &Value) -> Response {
    let url = format!("{}/v1/jobs/{id}/transcript", server.url);
    let request = Client::new().put(url).header("Content-Type", "application/json");
    request.body(body.to_string()).send().await.unwrap()
}

async fn body(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// The words of the first segment with their times.
fn words(transcript: &Value) -> Vec<(String, u64, u64)> {
    let words = transcript["segments"][0]["words"].as_array().unwrap().iter();
    let ms = |word: &Value, key: &str| word[key].as_u64().unwrap();
    let read = |word: &Value| {
        let text = word["text"].as_str().unwrap().to_owned();
        (text, ms(word, "start_ms"), ms(word, "end_ms"))
    };
    words.map(read).collect()
}

async fn heard(server: &Server) -> (String, Value) {
    let options = JobOptions { word_timestamps: true, ..JobOptions::default() };
    let job = server.run(&data("speech/jfk.wav"), &options).await;
    assert_eq!(job.status, "done");
    let id = job.id.to_string();
    let transcript = server.json(&format!("/v1/jobs/{id}/transcript")).await;
    (id, transcript)
}

#[tokio::test]
async fn a_corrected_word_keeps_its_time_and_the_first_text_stays() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let (id, first) = heard(&server).await;
    assert_eq!((&first["version"], &first["edited"]), (&json!(0), &json!(false)));
    let text = first["segments"][0]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("Americans"), "{text}");
    let mended = text.replace("Americans", "Martians");
    let edit = json!({ "base_version": 0, "segments": [{ "id": 0, "text": mended }] });
    let answer = put(&server, &id, &edit).await;
    assert_eq!(answer.status(), 200);
    let second = body(answer).await;
    assert_eq!((&second["version"], &second["edited"]), (&json!(1), &json!(true)));
    let (before, after) = (words(&first), words(&second));
    assert_eq!(before.len(), after.len());
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((old.1, old.2), (new.1, new.2), "{old:?} {new:?}");
        assert_eq!(old.0.replace("Americans", "Martians"), new.0);
    }
    let path = format!("/v1/jobs/{id}/transcript");
    assert_eq!(server.json(&path).await, second);
    assert_eq!(server.json(&format!("{path}?version=1")).await, second);
    assert_eq!(server.json(&format!("{path}?version=0")).await, first);
    for format in ["text", "srt", "vtt", "tsv", "md"] {
        let newest = server.get(&format!("{path}?format={format}")).await.text().await.unwrap();
        let old = server.get(&format!("{path}?format={format}&version=0")).await;
        let old = old.text().await.unwrap();
        assert!(newest.contains("Martians") && !newest.contains("Americans"), "{newest}");
        assert_eq!(old.replace("Americans", "Martians").len(), newest.len(), "{format}");
    }
    let listed = server.json(&format!("{path}/versions")).await;
    let told: Vec<_> = listed["items"].as_array().unwrap().iter().collect();
    assert_eq!((&told[0]["version"], &told[0]["source"]), (&json!(0), &json!("whisper")));
    assert_eq!((&told[1]["version"], &told[1]["source"]), (&json!(1), &json!("edit")));
    assert_eq!(told[1]["changed_segments"], 1);
    assert!(told[1]["created_at"].is_string() && told.len() == 2);
}

#[tokio::test]
async fn a_search_finds_the_corrected_text_and_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let (id, first) = heard(&server).await;
    let text = first["segments"][0]["text"].as_str().unwrap();
    let edit = |base: u32, text: &str| json!({ "base_version": base, "segments": [{ "id": 0, "text": text }] });
    let mended = format!("{text} Zanzibar!");
    assert_eq!(put(&server, &id, &edit(0, &mended)).await.status(), 200);
    let found = server.json("/v1/notes?q=zanzibar").await;
    assert_eq!(found["items"][0]["id"], id.as_str());
    assert_eq!(found["items"][0]["matches"][0]["source"], "transcript");
    server.kill();
    let server = Server::start(dir.path());
    assert_eq!(server.json(&format!("/v1/jobs/{id}/transcript")).await["version"], 1);
    let back = body(put(&server, &id, &edit(1, text)).await).await;
    assert_eq!((&back["version"], &back["edited"]), (&json!(2), &json!(false)));
    assert_eq!(back["segments"], first["segments"]);
    assert_eq!(server.json("/v1/notes?q=zanzibar").await["items"], json!([]));
}

#[tokio::test]
async fn nobody_overwrites_what_they_have_not_seen_and_no_change_is_no_version() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let (id, first) = heard(&server).await;
    let text = first["segments"][0]["text"].as_str().unwrap();
    let edit = |base: u32, id: u32, text: &str| json!({ "base_version": base, "segments": [{ "id": id, "text": text }] });
    let same = body(put(&server, &id, &edit(0, 0, &format!("  {text}\n"))).await).await;
    assert_eq!(same, first);
    let tries = (0..4).map(|n| {
        let edit = edit(0, 0, &format!("{text} {n}"));
        let (server, id) = (&server, &id);
        async move { put(server, id, &edit).await.status().as_u16() }
    });
    let mut statuses = futures::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409]);
    let refused = put(&server, &id, &edit(0, 0, "late")).await;
    assert_eq!(refused.status(), 409);
    assert_eq!(body(refused).await["code"], "version_conflict");
    for (edit, status, code) in [
        (edit(1, 99, "x"), 422, "invalid_edits"),
        (json!({ "base_version": 1 }), 400, "bad_request"),
        (json!({ "base_version": -1, "segments": [] }), 400, "bad_request"),
    ] {
        let answer = put(&server, &id, &edit).await;
        assert_eq!(answer.status(), status, "{edit}");
        let told = body(answer).await;
        assert_eq!(told["code"], code);
        assert!(status != 422 || told["errors"][0]["pointer"] == "/segments/0/id", "{told}");
    }
    let missing = server.get(&format!("/v1/jobs/{id}/transcript?version=7")).await;
    assert_eq!(missing.status(), 404);
    assert_eq!(body(missing).await["code"], "unknown_version");
}

#[tokio::test]
async fn an_unfinished_transcript_is_not_corrected() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let file = sound::speech(dir.path(), 240);
    let options = JobOptions { note: false, ..JobOptions::default() };
    let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
    let id = job.id.to_string();
    let edit = json!({ "base_version": 0, "segments": [] });
    let refused = put(&server, &id, &edit).await;
    assert_eq!(refused.status(), 409);
    assert_eq!(body(refused).await["code"], "transcript_not_ready");
    let nobody = put(&server, "0198c0de-0000-7000-8000-000000000000", &edit).await;
    assert_eq!(nobody.status(), 404);
}
