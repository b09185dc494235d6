//! `POST /v1/jobs/{id}/trash` and `restore`: out of every list and back, and for good once its time is over.

use super::http_entries::{all, counts, filled, filled_with};
use super::kit::server::{Server, follow};
use super::kit::{data, sound};
use diarist::domain::options::JobOptions;
use fastrand::Rng;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub async fn ask(server: &Server, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = Client::new().request(method, format!("{}{path}", server.url));
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

async fn post(server: &Server, path: &str) -> (u16, Value) {
    ask(server, Method::POST, path, None).await
}

#[tokio::test]
async fn a_trashed_job_is_in_no_list_and_comes_back_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let options = JobOptions { tags: vec!["speech".into()], ..JobOptions::default() };
    let job = server.run(&data("speech/jfk.wav"), &options).await;
    let id = job.id.to_string();
    let lists = [
        "/v1/entries",
        "/v1/entries?q=country",
        "/v1/notes",
        "/v1/notes?q=country",
        "/v1/notes?tag=speech",
        "/v1/tags",
        "/v1/days",
        "/v1/jobs",
    ];
    let mut before = Vec::new();
    for list in lists {
        before.push(server.json(list).await);
    }
    let (status, trashed) = post(&server, &format!("/v1/jobs/{id}/trash")).await;
    assert_eq!((status, trashed["id"].as_str()), (200, Some(id.as_str())));
    assert!(trashed["trashed_at"].is_string(), "{trashed}");
    assert_eq!(post(&server, &format!("/v1/jobs/{id}/trash")).await, (200, trashed.clone()));
    for list in lists {
        assert_eq!(server.json(list).await["items"], json!([]), "{list}");
    }
    assert_eq!(server.json("/v1/entries").await["total"], 0);
    for list in [
        "/v1/entries?trash=true",
        "/v1/entries?trash=true&q=country",
        "/v1/entries?trash=true&tag=speech",
        "/v1/jobs?trash=true",
    ] {
        let items = &server.json(list).await["items"];
        assert_eq!(items[0]["id"], json!(id), "{list}");
        assert_eq!(items[0]["trashed_at"], trashed["trashed_at"], "{list}");
    }
    // It can still be looked at, and its journal says what has happened to it.
    assert_eq!(server.json(&format!("/v1/jobs/{id}/note")).await["tags"][0], "speech");
    let told = follow(&server.client, job.id, job.last_event_id).await.unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].kind.as_str(), &told[0].data["trashed_at"]),
        ("state", &trashed["trashed_at"])
    );
    let (status, restored) = post(&server, &format!("/v1/jobs/{id}/restore")).await;
    assert_eq!((status, &restored["trashed_at"]), (200, &Value::Null));
    assert_eq!(post(&server, &format!("/v1/jobs/{id}/restore")).await, (200, restored));
    for (list, before) in lists.iter().zip(before).filter(|(list, _)| **list != "/v1/jobs") {
        assert_eq!(server.json(list).await, before, "{list}");
    }
    assert_eq!(server.json("/v1/entries?trash=true").await["total"], 0);
    for verb in ["trash", "restore"] {
        let unknown = format!("/v1/jobs/{}/{verb}", uuid::Uuid::nil());
        assert_eq!(post(&server, &unknown).await.0, StatusCode::NOT_FOUND.as_u16());
    }
}

#[tokio::test]
async fn the_same_upload_again_takes_its_job_out_of_the_trash() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let job = server.run(&data("speech/jfk.wav"), &JobOptions::default()).await;
    post(&server, &format!("/v1/jobs/{}/trash", job.id)).await;
    let (file, options) = (data("speech/jfk.wav"), JobOptions::default());
    let again = server.client.submit_file(&file, &options, None).await.unwrap();
    assert_eq!(again.0.id, job.id);
    let entries = server.json("/v1/entries").await;
    assert_eq!((&entries["total"], &entries["items"][0]["trashed_at"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn a_job_that_is_trashed_while_it_runs_runs_to_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let file = sound::speech(dir.path(), 60);
    let (job, _) = server.client.submit_file(&file, &JobOptions::default(), None).await.unwrap();
    let mut events = server.client.follow(job.id, 0);
    while events.next().await.unwrap().is_some_and(|event| event.kind != "segment") {}
    post(&server, &format!("/v1/jobs/{}/trash", job.id)).await;
    assert_eq!(server.wait(job.id).await.status, "done");
    assert_eq!(server.json("/v1/tags").await["items"], json!([]));
    let trash = server.json("/v1/entries?trash=true&q=the").await;
    assert_eq!((&trash["total"], &trash["items"][0]["has_note"]), (&json!(1), &json!(true)));
}

#[tokio::test]
async fn the_trash_is_emptied_of_what_lies_in_it_for_long_enough() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let old = server.run(&data("speech/jfk.wav"), &JobOptions::default()).await;
    let kept = server.run(&data("memo.wav"), &JobOptions::default()).await;
    post(&server, &format!("/v1/jobs/{}/trash", old.id)).await;
    assert_eq!(server.terminate(), 0);
    let server = Server::start(dir.path());
    assert_eq!(server.json("/v1/entries?trash=true").await["total"], 1, "thirty days are not over");
    assert_eq!(server.terminate(), 0);
    let server = Server::start_with(dir.path(), &[("DIARIST__STORAGE__TRASH_KEEP_MS", "0")]);
    assert_eq!(server.json("/v1/entries?trash=true").await["total"], 0);
    assert_eq!(server.get(&format!("/v1/jobs/{}", old.id)).await.status(), StatusCode::NOT_FOUND);
    assert!(!dir.path().join("audio").join(old.id.to_string()).exists());
    assert_eq!(server.json("/v1/entries").await["items"][0]["id"], json!(kept.id));
}

/// What the diary should say, as a plain list of what was done to it.
struct Model {
    tags: BTreeSet<String>,
    title: String,
    is_trashed: bool,
}

#[tokio::test]
async fn whatever_is_trashed_taken_back_and_renamed_counts_agree_with_lists() {
    let dir = tempfile::tempdir().unwrap();
    let server = filled(dir.path(), 40).await;
    let mut model: BTreeMap<String, Model> = BTreeMap::new();
    for item in all(&server, "", 500).await {
        let tags = item["tags"].as_array().unwrap().iter();
        let tags = tags.map(|tag| tag.as_str().unwrap().to_owned()).collect();
        let title = item["title"].as_str().unwrap().to_owned();
        let id = item["id"].as_str().unwrap().to_owned();
        model.insert(id, Model { tags, title, is_trashed: false });
    }
    let ids: Vec<String> = model.keys().cloned().collect();
    let mut rng = Rng::with_seed(11);
    for turn in 0..150 {
        let id = &ids[rng.usize(..ids.len())];
        let known = model.get_mut(id).unwrap();
        let (path, body) = match rng.u8(0..5) {
            0 | 1 => {
                known.is_trashed = true;
                (format!("/v1/jobs/{id}/trash"), None)
            }
            2 => {
                known.is_trashed = false;
                (format!("/v1/jobs/{id}/restore"), None)
            }
            3 => {
                known.tags = rng
                    .choose_multiple(["a", "b", "work", "family"], 2)
                    .into_iter()
                    .map(str::to_owned)
                    .collect();
                (format!("/v1/jobs/{id}"), Some(json!({ "tags": known.tags })))
            }
            _ => {
                known.title = format!("Renamed zebra{turn}");
                (format!("/v1/jobs/{id}"), Some(json!({ "title": known.title })))
            }
        };
        let method = if body.is_some() { Method::PATCH } else { Method::POST };
        assert_eq!(ask(&server, method, &path, body).await.0, 200, "{path}");
        if turn % 15 == 14 {
            agree(&server, &model).await;
        }
    }
    assert_eq!(server.terminate(), 0);
    let server = filled_with(dir.path(), 0, &[]).await;
    agree(&server, &model).await;
}

async fn agree(server: &Server, model: &BTreeMap<String, Model>) {
    for is_trashed in [false, true] {
        let of = || model.iter().filter(|(_, known)| known.is_trashed == is_trashed);
        let listed = all(server, &format!("&trash={is_trashed}"), 6).await;
        assert_eq!(listed.len(), of().count());
        for item in &listed {
            let known = &model[item["id"].as_str().unwrap()];
            assert_eq!(
                (known.is_trashed, item["title"].as_str()),
                (is_trashed, Some(known.title.as_str()))
            );
            let tags = item["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap());
            assert!(
                tags.collect::<BTreeSet<_>>().into_iter().eq(known.tags.iter().map(String::as_str))
            );
        }
        for q in ["zebra*", "renamed"] {
            let found = all(server, &format!("&trash={is_trashed}&q={q}"), 6).await.len();
            assert_eq!(found, of().filter(|(_, known)| known.title.starts_with("Renamed")).count());
        }
        let tagged = all(server, &format!("&trash={is_trashed}&tag=work"), 6).await.len();
        assert_eq!(tagged, of().filter(|(_, known)| known.tags.contains("work")).count());
    }
    let mut tags = BTreeMap::new();
    for known in model.values().filter(|known| !known.is_trashed) {
        for tag in &known.tags {
            *tags.entry(tag.clone()).or_insert(0) += 1;
        }
    }
    assert_eq!(counts(server, "/v1/tags", "tag").await, tags);
    let there = model.values().filter(|known| !known.is_trashed).count() as u64;
    assert_eq!(counts(server, "/v1/days", "day").await.values().sum::<u64>(), there);
}
