//! `/v1/hardware`, `/v1/admin/models` and `/v1/admin/queue`: what the machine is, which model suits it, and getting one.

use super::kit::server::Server;
use super::kit::{data, sound};
use diarist::domain::options::JobOptions;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

async fn ask(server: &Server, method: Method, path: &str) -> Response {
    Client::new().request(method, format!("{}{path}", server.url)).send().await.unwrap()
}

async fn body(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

async fn model(server: &Server, name: &str) -> Value {
    let listed = server.json("/v1/admin/models").await;
    let items = listed["items"].as_array().unwrap();
    items.iter().find(|item| item["name"] == name).unwrap().clone()
}

/// Looks at the model until what is looked for is seen.
async fn see(server: &Server, name: &str, seconds: u64, is: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..seconds * 10 {
        let item = model(server, name).await;
        if is(&item) {
            return item;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not seen in {seconds} s: {}", model(server, name).await);
}

/// A server with an empty shelf, no way to the hub, and a pip of ours, which does what `script` says.
fn cut_off(dir: &Path, script: &str) -> Server {
    let bin = dir.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    for name in ["python3", "pip", "pip3"] {
        let program = bin.join(name);
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let models = dir.join("models");
    let settings = [
        ("PATH", path.as_str()),
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
        ("DIARIST__STORAGE__MODELS_DIR", models.to_str().unwrap()),
    ];
    Server::start_with(dir, &settings)
}

#[tokio::test]
async fn the_machine_and_the_model_that_suits_it_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let machine = server.json("/v1/hardware").await;
    assert!(machine["processors"].as_u64().unwrap() > 0 && machine["cpu"].is_string());
    assert!(machine["memory_bytes"].as_u64() >= machine["free_memory_bytes"].as_u64());
    assert!(machine["free_disk_bytes"].as_u64().unwrap() > 0);
    let listed = server.json("/v1/admin/models").await;
    assert_eq!(listed["default"], "tiny.en");
    let names: Vec<_> = listed["items"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert!(names.contains(&&listed["recommended"]["name"]) && names[0] == "tiny");
    let why = listed["recommended"]["why"].as_str().unwrap();
    assert!(why.contains("memory") && why.ends_with('.'), "{why}");
    let tiny = model(&server, "tiny.en").await;
    assert_eq!((&tiny["installed"], &tiny["multilingual"]), (&json!(true), &json!(false)));
    assert!(tiny["bytes"].as_u64().unwrap() > 70_000_000 && tiny["pull"].is_null());
    assert!(tiny["estimated_rtf"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn the_queue_tells_what_is_loaded_and_what_the_jobs_have_shown() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let idle = server.json("/v1/admin/queue").await;
    assert_eq!((&idle["jobs"]["done"], &idle["oldest_queued_ms"]), (&json!(0), &Value::Null));
    let file = sound::speech(dir.path(), 40);
    let options = JobOptions { note: false, ..JobOptions::default() };
    server.run(&file, &options).await;
    server.run(&data("memo.wav"), &options).await;
    let queue = server.json("/v1/admin/queue").await;
    assert_eq!((&queue["jobs"]["done"], &queue["jobs"]["queued"]), (&json!(2), &json!(0)));
    assert!(queue["slots"]["total"].as_u64().unwrap() > 0 && queue["slots"]["busy"] == 0);
    assert_eq!(queue["models_loaded"][0]["name"], "tiny.en");
    assert!(queue["models_loaded"][0]["memory_bytes"].as_u64().unwrap() > 10_000_000);
    assert_eq!(model(&server, "tiny.en").await["loaded"], true);
}

#[tokio::test]
async fn a_model_is_got_while_the_server_runs_and_can_be_used_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let models = dir.path().join("models");
    let settings = [("DIARIST__STORAGE__MODELS_DIR", models.to_str().unwrap())];
    let server = Server::start_with(dir.path(), &settings);
    assert_eq!(model(&server, "tiny.en").await["installed"], false);
    let asked = ask(&server, Method::POST, "/v1/admin/models/tiny.en/pull").await;
    assert_eq!(asked.status(), 202);
    assert_eq!(body(asked).await["pull"]["state"], "running");
    let again = ask(&server, Method::POST, "/v1/admin/models/tiny.en/pull").await;
    assert_eq!(again.status(), 202);
    let tree = server.json("/v1/admin/actors").await;
    let rooms = tree["root"]["children"].as_array().unwrap();
    let pulls = rooms.iter().find(|room| room["kind"] == "pulls").unwrap();
    assert_eq!((&pulls["state"], &pulls["current"]), (&json!("pulling"), &json!("tiny.en")));
    let done = see(&server, "tiny.en", 300, |item| item["pull"]["state"] != "running").await;
    assert_eq!(
        (&done["pull"]["state"], &done["installed"]),
        (&json!("done"), &json!(true)),
        "{done}"
    );
    assert!(done["pull"]["received_bytes"].as_u64().unwrap() > 70_000_000, "{done}");
    let job = server.run(&data("memo.wav"), &JobOptions::default()).await;
    assert_eq!(job.status, "done");
}

#[tokio::test]
async fn a_pull_that_fails_says_why_and_one_that_nobody_wants_ends() {
    let dir = tempfile::tempdir().unwrap();
    let broken = cut_off(dir.path(), "echo 'ERROR: no such package' >&2; exit 1");
    let asked = ask(&broken, Method::POST, "/v1/admin/models/tiny.en/pull").await;
    assert_eq!(asked.status(), 202);
    let failed = see(&broken, "tiny.en", 60, |item| item["pull"]["state"] == "failed").await;
    assert!(failed["pull"]["error"].as_str().unwrap().contains("no such package"), "{failed}");
    drop(broken);
    // A download that never ends; its process writes down who it is.
    let dir = tempfile::tempdir().unwrap();
    let mark = dir.path().join("pid");
    let server = cut_off(dir.path(), &format!("echo $$ > '{}'; exec sleep 600", mark.display()));
    for name in ["tiny.en", "base"] {
        ask(&server, Method::POST, &format!("/v1/admin/models/{name}/pull")).await;
    }
    for _ in 0..600 {
        if std::fs::read_to_string(&mark).is_ok_and(|pid| pid.ends_with('\n')) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let process = std::fs::read_to_string(&mark).unwrap().trim().to_owned();
    assert_eq!(model(&server, "base").await["pull"]["phase"], "waiting");
    std::fs::remove_file(&mark).unwrap();
    let ended = ask(&server, Method::DELETE, "/v1/admin/models/tiny.en/pull").await;
    assert_eq!(ended.status(), 200);
    assert!(body(ended).await["pull"].is_null());
    // Its turn is the next one's, and the process is gone.
    see(&server, "base", 60, |item| item["pull"]["phase"] == "downloading").await;
    for _ in 0..100 {
        if !Path::new(&format!("/proc/{process}/exe")).exists() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!Path::new(&format!("/proc/{process}/exe")).exists(), "the download goes on");
    assert_eq!(server.terminate(), 0);
}

#[tokio::test]
async fn a_model_that_nobody_knows_is_not_got() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for method in [Method::POST, Method::DELETE] {
        let refused = ask(&server, method, "/v1/admin/models/huge/pull").await;
        assert_eq!(refused.status(), 404);
        assert_eq!(body(refused).await["code"], "unknown_model");
    }
}
