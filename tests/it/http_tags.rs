//! `PATCH /v1/jobs/{id}` and `/v1/tags`: what a person calls a memo is what every list, note and search says.

use super::http_trash::ask;
use super::kit::server::Server;
use super::kit::{data, sound};
use diarist::domain::options::JobOptions;
use reqwest::Method;
use serde_json::{Value, json};

async fn patch(server: &Server, id: &str, body: Value) -> (u16, Value) {
    ask(server, Method::PATCH, &format!("/v1/jobs/{id}"), Some(body)).await
}

#[tokio::test]
async fn a_title_and_tags_are_changed_everywhere_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let options = JobOptions { tags: vec!["draft".into()], ..JobOptions::default() };
    let job = server.run(&data("speech/jfk.wav"), &options).await;
    let id = job.id.to_string();
    let before = server.json(&format!("/v1/jobs/{id}/note")).await;
    let (status, changed) = patch(
        &server,
        &id,
        json!({ "title": " Inauguration ", "tags": ["speech", "sixties", "speech"] }),
    )
    .await;
    assert_eq!((status, &changed["title"]), (200, &json!("Inauguration")));
    assert_eq!(changed["tags"], json!(["speech", "sixties"]));
    let note = server.json(&format!("/v1/jobs/{id}/note")).await;
    assert_eq!((&note["title"], &note["tags"]), (&changed["title"], &changed["tags"]));
    assert_eq!((&note["summary"], &note["sections"]), (&before["summary"], &before["sections"]));
    let page =
        server.get(&format!("/v1/jobs/{id}/note?format=markdown")).await.text().await.unwrap();
    assert!(
        page.contains("Inauguration") && page.contains("sixties") && !page.contains("draft"),
        "{page}"
    );
    for list in [
        "/v1/entries?tag=sixties",
        "/v1/notes?tag=sixties",
        "/v1/entries?q=inauguration",
        "/v1/notes?q=inaug*",
    ] {
        let item = &server.json(list).await["items"][0];
        assert_eq!((&item["id"], &item["title"]), (&json!(id), &changed["title"]), "{list}");
    }
    let hit = &server.json("/v1/entries?q=inauguration").await["items"][0]["matches"][0];
    assert_eq!((&hit["source"], &hit["text"]), (&json!("title"), &json!("Inauguration")));
    assert_eq!(server.json("/v1/jobs?tag=speech").await["items"][0]["id"], json!(id));
    for list in ["/v1/entries?tag=draft", "/v1/notes?tag=draft", "/v1/jobs?tag=draft"] {
        assert_eq!(server.json(list).await["items"], json!([]), "{list}");
    }
    let counted = json!([{ "tag": "sixties", "count": 1 }, { "tag": "speech", "count": 1 }]);
    assert_eq!(server.json("/v1/tags").await["items"], counted);
    // One at a time leaves the other, and nothing changes nothing.
    patch(&server, &id, json!({ "title": "Ask not" })).await;
    assert_eq!(server.json(&format!("/v1/jobs/{id}/note")).await["tags"], changed["tags"]);
    let (_, as_it_is) = patch(&server, &id, json!({ "tags": [] })).await;
    assert_eq!((&as_it_is["title"], &as_it_is["tags"]), (&json!("Ask not"), &json!([])));
    assert_eq!(patch(&server, &id, json!({})).await, (200, as_it_is));
    assert_eq!(server.json("/v1/entries?q=inauguration").await["total"], 0);
    // The same upload is the same job, whatever it is called.
    let again = server.client.submit_file(&data("speech/jfk.wav"), &options, None).await.unwrap().0;
    assert_eq!(again.id, job.id);
    assert_eq!(server.json("/v1/entries").await["total"], 1);
}

#[tokio::test]
async fn what_is_beyond_the_limits_is_refused_with_its_place_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let job = server.run(&data("speech/jfk.wav"), &JobOptions::default()).await;
    let id = job.id.to_string();
    let before = server.json(&format!("/v1/jobs/{id}")).await;
    for (body, status, pointer) in [
        (json!({ "tags": ["two words"] }), 422, "/tags/0"),
        (json!({ "tags": ["a", ""] }), 422, "/tags/1"),
        (json!({ "tags": (0..21).map(|n| format!("t{n}")).collect::<Vec<_>>() }), 422, "/tags"),
        (json!({ "title": " " }), 422, "/title"),
        (json!({ "title": "t".repeat(201) }), 422, "/title"),
        (json!({ "title": 7 }), 400, ""),
        (json!({ "name": "x" }), 400, ""),
    ] {
        let (got, problem) = patch(&server, &id, body.clone()).await;
        assert_eq!(got, status, "{body}: {problem}");
        if status == 422 {
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
        }
    }
    assert_eq!(server.json(&format!("/v1/jobs/{id}")).await, before);
    let nobody = uuid::Uuid::nil().to_string();
    assert_eq!(patch(&server, &nobody, json!({ "title": "x" })).await.0, 404);
}

#[tokio::test]
async fn a_title_given_while_the_memo_is_heard_is_the_title_of_its_note() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let file = sound::speech(dir.path(), 60);
    let (job, _) = server.client.submit_file(&file, &JobOptions::default(), None).await.unwrap();
    let id = job.id.to_string();
    let mut events = server.client.follow(job.id, 0);
    while events.next().await.unwrap().is_some_and(|event| event.kind != "segment") {}
    patch(&server, &id, json!({ "title": "Novels", "tags": ["books"] })).await;
    assert_eq!(server.json("/v1/entries?q=novels&tag=books").await["total"], 1);
    assert_eq!(server.wait(job.id).await.status, "done");
    let note = server.json(&format!("/v1/jobs/{id}/note")).await;
    assert_eq!((&note["title"], &note["tags"][0]), (&json!("Novels"), &json!("books")));
    let entry = server.json("/v1/entries?q=novels&tag=books").await;
    assert_eq!((&entry["total"], &entry["items"][0]["tags"]), (&json!(1), &note["tags"]));
}
