//! `/v1/admin/actors`, `/v1/admin/pools`, `/v1/admin/drain`, `/v1/admin/audit`: what is looked at, and what is ordered.

use super::http_stages::first_word;
use super::kit::server::{Server, follow};
use super::kit::{diarist, sound, sse};
use diarist::domain::options::JobOptions;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use std::time::Duration;

async fn order(server: &Server, method: Method, path: &str, body: Option<Value>) -> Response {
    let mut request = Client::new().request(method, format!("{}{path}", server.url));
    if let Some(body) = body {
        request = request.json(&body);
    }
    request.send().await.unwrap()
}

async fn post(server: &Server, path: &str) -> Response {
    order(server, Method::POST, path, None).await
}

async fn code(answer: Response) -> (u16, String) {
    let status = answer.status().as_u16();
    let told: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    (status, told["code"].as_str().unwrap_or_default().to_owned())
}

/// Looks until what is looked for is seen.
async fn see(server: &Server, path: &str, is: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..3_600 {
        let told = server.json(path).await;
        if is(&told) {
            return told;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never seen at {path}: {:#}", server.json(path).await);
}

async fn audit(server: &Server) -> Vec<(String, String, String)> {
    let told = server.json("/v1/admin/audit").await;
    let word = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    let items = told["items"].as_array().unwrap().iter();
    items.map(|it| (word(it, "action"), word(it, "target"), word(it, "outcome"))).collect()
}

#[tokio::test]
async fn an_actor_is_restarted_on_order_and_the_order_is_written_down() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    see(&server, "/v1/admin/actors", |tree| {
        tree["root"]["children"].as_array().unwrap().len() == 9
    })
    .await;
    for path in ["root/whisper/device-0", "root%2Fjanitor"] {
        let answer = post(&server, &format!("/v1/admin/actors/{path}/restart")).await;
        assert_eq!(answer.status(), 202, "{path}");
        let seen = format!("/v1/admin/actors?path={path}");
        let back = see(&server, &seen, |told| {
            told["root"]["restarts"] == 1 && told["root"]["status"] == "running"
        });
        assert_eq!(back.await["root"]["last_failure"], Value::Null);
    }
    let root = post(&server, "/v1/admin/actors/root/restart").await;
    assert_eq!(code(root).await, (409, "not_restarted".to_owned()));
    let nobody = post(&server, "/v1/admin/actors/root/nobody/restart").await;
    assert_eq!(code(nobody).await, (404, "unknown_actor".to_owned()));
    let nothing = post(&server, "/v1/admin/actors/root/stop").await;
    assert_eq!(code(nothing).await, (404, "unknown_path".to_owned()));
    let outcomes: Vec<_> = audit(&server).await.into_iter().rev().map(|it| (it.1, it.2)).collect();
    let words = |target: &str, outcome: &str| (target.to_owned(), outcome.to_owned());
    assert_eq!(
        outcomes,
        [
            words("root/whisper/device-0", "done"),
            words("root/janitor", "done"),
            words("root", "nobody is above the root to start it again; drain the node instead"),
            words("root/nobody", "there is no actor root/nobody"),
        ]
    );
    assert_eq!(server.terminate(), 0);
}

#[tokio::test]
async fn a_foreign_page_orders_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for path in ["/v1/admin/drain", "/v1/admin/actors/root/janitor/restart"] {
        let request = Client::new().post(format!("{}{path}", server.url));
        let answer = request.header("Origin", "https://evil.example").send().await.unwrap();
        assert_eq!(answer.status(), 403, "{path}");
    }
    assert_eq!(server.get("/health/ready").await.status(), 200);
    assert!(audit(&server).await.is_empty());
}

#[tokio::test]
async fn the_tree_is_shown_in_parts_and_wrong_filters_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let told = see(&server, "/v1/admin/actors?kind=device", |told| {
        told["root"]["children"][0]["children"][0]["kind"] == "device"
    });
    let told = told.await;
    assert_eq!(told["root"]["children"].as_array().unwrap().len(), 1);
    assert_eq!(told["state"], "open");
    let root = told["kinds"].as_array().unwrap().iter().find(|kind| kind["kind"] == "root");
    assert_eq!(root.unwrap()["actors"], 1);
    let shallow = server.json("/v1/admin/actors?depth=0").await;
    assert_eq!(shallow["root"]["left_out"]["count"], 9);
    let few = server.json("/v1/admin/actors?limit=2").await;
    assert_eq!(few["root"]["children"].as_array().unwrap().len(), 2);
    for (path, expected) in [
        ("/v1/admin/actors?limit=0", 400),
        ("/v1/admin/actors?limit=1001", 400),
        ("/v1/admin/actors?payload=1", 400),
        ("/v1/admin/actors?path=root/nobody", 404),
        ("/v1/admin/actors/events?path=root/nobody", 404),
    ] {
        assert_eq!(server.get(path).await.status(), expected, "{path}");
    }
}

#[tokio::test]
async fn the_live_stream_begins_with_the_tree_and_tells_what_changes() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    see(&server, "/v1/admin/actors", |tree| {
        tree["root"]["children"].as_array().unwrap().len() == 9
    })
    .await;
    let mut stream = server.get("/v1/admin/actors/events").await;
    let mut text = String::new();
    let mut ordered = false;
    let restarted = |event: &sse::Event| {
        let data: Value = serde_json::from_str(&event.data).unwrap();
        let actors = data["actors"].as_array().cloned().unwrap_or_default();
        let is_it = |it: &Value| it["path"] == "root/janitor" && it["restarts"] == 1;
        event.name == "change" && actors.iter().any(is_it)
    };
    let seen = async {
        while let Some(bytes) = stream.chunk().await.unwrap() {
            text.push_str(&String::from_utf8_lossy(&bytes));
            let events = sse::events(&text);
            if let Some(first) = events.first().filter(|_| !ordered) {
                assert_eq!(first.name, "tree");
                let tree: Value = serde_json::from_str(&first.data).unwrap();
                assert_eq!(tree["root"]["path"], "root");
                ordered = true;
                post(&server, "/v1/admin/actors/root/janitor/restart").await;
            }
            if events.iter().any(restarted) {
                return true;
            }
        }
        false
    };
    let seen = tokio::time::timeout(Duration::from_secs(20), seen).await;
    assert_eq!(seen, Ok(true));
}

#[tokio::test]
async fn pools_grow_and_shrink_while_they_work() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("DIARIST__WHISPER__SLOTS_MAX", "1")]);
    let file = sound::speech(dir.path(), 100);
    let (job, _) = server.client.submit_file(&file, &JobOptions::default(), None).await.unwrap();
    see(&server, "/v1/admin/queue", |queue| queue["slots"]["busy"] == 1).await;
    let size = |pool: &'static str, size: u32| {
        let path = format!("/v1/admin/pools/{pool}");
        let server = &server;
        async move { order(server, Method::PUT, &path, Some(json!({ "size": size }))).await }
    };
    assert_eq!(size("whisper", 2).await.status(), 200);
    assert_eq!(size("ingest", 3).await.status(), 200);
    see(&server, "/v1/admin/queue", |queue| queue["slots"]["busy"] == 2).await;
    assert_eq!(size("whisper", 1).await.status(), 200);
    assert_eq!(
        server.json("/v1/admin/pools").await,
        json!([{ "name": "ingest", "size": 3 }, { "name": "whisper", "size": 1 }])
    );
    assert_eq!(code(size("whisper", 0).await).await, (422, "invalid_size".to_owned()));
    assert_eq!(code(size("whisper", 257).await).await, (422, "invalid_size".to_owned()));
    assert_eq!(code(size("printer", 1).await).await, (404, "unknown_pool".to_owned()));
    follow(&server.client, job.id, 0).await.unwrap();
    let job = server.client.job(job.id).await.unwrap();
    assert_eq!(job.status, "done", "{:?}", job.error);
    assert!(job.attempt <= 1, "a change of size has cost the job an attempt");
}

#[tokio::test]
async fn a_drained_node_finishes_what_is_under_way_and_begins_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let file = sound::speech(dir.path(), 240);
    let (job, _) = server.client.submit_file(&file, &JobOptions::default(), None).await.unwrap();
    see(&server, "/v1/admin/queue", |queue| queue["slots"]["busy"].as_u64() > Some(0)).await;
    let node = server.json("/v1/admin/actors").await["node"].as_str().unwrap().to_owned();
    let other = post(&server, "/v1/admin/nodes/another/drain").await;
    assert_eq!(code(other).await, (404, "unknown_node".to_owned()));
    let answer = post(&server, &format!("/v1/admin/nodes/{node}/drain")).await;
    assert_eq!(answer.status(), 202);
    assert_eq!(post(&server, "/v1/admin/drain").await.status(), 202);
    assert_eq!(server.get("/health/ready").await.status(), 503);
    let refused = post(&server, "/v1/demo").await;
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(code(refused).await, (503, "not_ready".to_owned()));
    assert!(server.client.submit_file(&file, &JobOptions::default(), None).await.is_err());
    let waits = format!("/v1/jobs/{}", job.id);
    let drained = see(&server, &waits, |job| job["status"] == "queued").await;
    assert!(drained["progress"]["fraction"].as_f64() > Some(0.1), "{drained:#}");
    let mut follow = diarist(dir.path());
    follow.args(["jobs", "follow", &job.id.to_string(), "--server", &server.url]);
    let told = first_word(&mut follow);
    assert!(told.contains("does not begin it") && told.contains("takes no work"), "{told}");
    let tree = see(&server, "/v1/admin/actors", |tree| {
        tree["kinds"].as_array().unwrap().iter().all(|it| it["kind"] != "job" || it["actors"] == 0)
    });
    assert_eq!(tree.await["state"], "draining");
    assert_eq!(audit(&server).await[0], ("drain".to_owned(), node, "done".to_owned()));
    assert_eq!(server.terminate(), 0);
}
