//! `/v1/jobs` and its neighbours: what is taken, what is refused and in which words, what is shown.

use super::kit::server::Server;
use super::kit::{data, diarist, output, sound};
use diarist::domain::options::JobOptions;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn file_part() -> Part {
    Part::bytes(std::fs::read(data("memo.wav")).unwrap()).file_name("memo.wav")
}

fn post(server: &Server, form: Form) -> RequestBuilder {
    Client::new().post(format!("{}/v1/jobs", server.url)).multipart(form)
}

/// Sends, and expects a problem document of this status and code.
async fn problem(request: RequestBuilder, status: u16, code: &str) -> Value {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert!(answer.headers().contains_key("x-request-id"));
    let told = answer.status().as_u16();
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!((told, body["code"].as_str()), (status, Some(code)), "{body}");
    assert_eq!(body["status"], status);
    body
}

#[tokio::test]
async fn an_upload_becomes_a_job_with_all_its_fields() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let options = json!({ "tags": ["family"], "recorded_at": "2026-05-03T22:40:00+02:00" });
    let form = Form::new().part("file", file_part()).text("options", options.to_string());
    let answer = post(&server, form).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let job: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(location, format!("/v1/jobs/{}", job["id"].as_str().unwrap()));
    server.wait(job["id"].as_str().unwrap().parse().unwrap()).await;
    let job = server.json(&location).await;
    assert_eq!(job["status"], "done");
    assert_eq!(job["recorded_at"], "2026-05-03T22:40:00+02:00");
    assert_eq!(job["tags"], json!(["family"]));
    assert_eq!(job["audio"]["duration_ms"], 3_100);
    assert_eq!(job["audio"]["channels"], 1);
    assert_eq!(job["progress"]["fraction"], 1.0);
    let note = server.json(&format!("{location}/note?format=json")).await;
    assert_eq!(note["recorded_at"], "2026-05-03T22:40:00+02:00");
    let markdown = server.get(&format!("{location}/note?format=markdown")).await;
    assert!(markdown.text().await.unwrap().contains("date: 2026-05-03"));
}

#[tokio::test]
async fn the_same_upload_twice_is_one_job() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let options = JobOptions::default();
    let (first, existed) =
        server.client.submit_file(&data("memo.wav"), &options, None).await.unwrap();
    assert!(!existed);
    let (second, existed) =
        server.client.submit_file(&data("memo.wav"), &options, None).await.unwrap();
    assert_eq!((second.id, existed), (first.id, true));
    let forced = JobOptions { force: true, ..options.clone() };
    let (third, existed) =
        server.client.submit_file(&data("memo.wav"), &forced, None).await.unwrap();
    assert!(third.id != first.id && !existed);
    let other = JobOptions { language: "en".into(), ..options };
    let (fourth, _) = server.client.submit_file(&data("memo.wav"), &other, None).await.unwrap();
    assert!(fourth.id != first.id && fourth.id != third.id);
}

#[tokio::test]
async fn an_idempotency_key_is_for_one_upload() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let send = |form: Form| post(&server, form).header("Idempotency-Key", "abc");
    let form = || Form::new().part("file", file_part());
    let first: Value = body(send(form()).send().await.unwrap()).await;
    let again = send(form()).send().await.unwrap();
    assert_eq!(again.status(), 200);
    assert_eq!(body(again).await["id"], first["id"]);
    let other = form().text("options", r#"{"note":false}"#);
    problem(send(other), 422, "idempotency_key_reused").await;
}

async fn body(answer: reqwest::Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

#[tokio::test]
async fn bad_uploads_are_refused_in_words_and_leave_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("DIARIST__SERVER__MAX_UPLOAD_BYTES", "200000")]);
    let form = |bytes: Vec<u8>| Form::new().part("file", Part::bytes(bytes).file_name("x.m4a"));
    problem(post(&server, form(b"not sound at all, just words".repeat(50))), 400, "not_audio")
        .await;
    problem(post(&server, form(Vec::new())), 400, "empty_file").await;
    problem(post(&server, form(vec![0; 200_001])), 413, "upload_too_large").await;
    problem(post(&server, Form::new().text("options", "{}")), 400, "bad_form").await;
    let with = |options: &'static str| {
        post(&server, Form::new().part("file", file_part()).text("options", options))
    };
    let told = problem(with(r#"{"diarise":true}"#), 422, "invalid_options").await;
    assert!(told.to_string().contains("diarise"), "{told}");
    let told = problem(with(r#"{"language":"xx","tags":["a b"]}"#), 422, "invalid_options").await;
    assert_eq!(told["errors"].as_array().unwrap().len(), 2);
    problem(with(r#"{"language":"de"}"#), 422, "invalid_options").await;
    problem(with(r#"{"model":"base.en"}"#), 422, "model_missing").await;
    assert_eq!(server.json("/v1/jobs").await["items"], json!([]));
    let uploads = std::fs::read_dir(dir.path().join("uploads")).unwrap().count();
    assert_eq!(uploads, 0, "a refused upload is still in the folder");
}

#[tokio::test]
async fn unknown_things_and_strangers_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let get = |path: &str| Client::new().get(format!("{}{path}", server.url));
    problem(get("/v1/jobs/0198c0de-0000-7000-8000-000000000000"), 404, "unknown_job").await;
    problem(get("/v1/jobs/nonsense"), 400, "bad_request").await;
    problem(get("/v1/nowhere"), 404, "unknown_path").await;
    problem(get("/v1/jobs?limit=0"), 400, "bad_request").await;
    problem(get("/v1/jobs?limit=201"), 400, "bad_request").await;
    problem(
        Client::new().request(Method::PUT, format!("{}/v1/jobs", server.url)),
        405,
        "wrong_method",
    )
    .await;
    problem(get("/v1/jobs").header("Host", "evil.example"), 421, "wrong_host").await;
    problem(get("/v1/jobs").header("Origin", "http://evil.example"), 403, "wrong_origin").await;
    let ours = get("/v1/jobs").header("Origin", &server.url).send().await.unwrap();
    assert_eq!(ours.status(), 200);
}

#[tokio::test]
async fn cancel_ends_a_running_job_within_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let file = sound::speech(dir.path(), 240);
    let options = JobOptions { note: false, ..JobOptions::default() };
    let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
    let mut follow = server.client.follow(job.id, 0);
    while follow.next().await.unwrap().is_some_and(|event| event.kind != "segment") {}
    assert_eq!(server.client.cancel(job.id).await.unwrap().status, "cancelled");
    let cancelled = Instant::now();
    while !idle(&server).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(cancelled.elapsed() < Duration::from_secs(5), "whisper goes on");
    }
    let late = Client::new().post(format!("{}/v1/jobs/{}/cancel", server.url, job.id));
    problem(late, 409, "wrong_state").await;
    let transcript = Client::new().get(format!("{}/v1/jobs/{}/transcript", server.url, job.id));
    problem(transcript, 409, "transcript_not_ready").await;
    server.client.retry(job.id).await.unwrap();
    assert_eq!(server.wait(job.id).await.status, "done");
}

async fn idle(server: &Server) -> bool {
    let tree = server.json("/v1/admin/actors").await;
    let rooms = tree["root"]["children"].as_array().unwrap();
    rooms.iter().all(|room| room["state"] == "idle")
}

#[tokio::test]
async fn lists_are_paged_and_filtered() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let mut ids = Vec::new();
    for tag in ["a", "b", "c"] {
        let options = JobOptions { tags: vec![tag.into()], note: false, ..JobOptions::default() };
        ids.push(server.run(&data("memo.wav"), &options).await.id.to_string());
    }
    let first = server.json("/v1/jobs?limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = server.json(&format!("/v1/jobs?limit=2&cursor={cursor}")).await;
    let id = |page: &Value, n: usize| page["items"][n]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        [id(&first, 0), id(&first, 1), id(&second, 0)],
        [ids[2].clone(), ids[1].clone(), ids[0].clone()]
    );
    assert_eq!(second["next_cursor"], Value::Null);
    let tagged = server.json("/v1/jobs?tag=b&status=done").await;
    assert_eq!(tagged["items"].as_array().unwrap().len(), 1);
    assert_eq!(id(&tagged, 0), ids[1]);
    assert_eq!(server.json("/v1/jobs?status=failed").await["items"], json!([]));
}

#[tokio::test]
async fn captions_and_words_have_their_times() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let options = JobOptions { word_timestamps: true, note: false, ..JobOptions::default() };
    let job = server.run(&data("speech/jfk.wav"), &options).await;
    let path = format!("/v1/jobs/{}/transcript", job.id);
    let transcript = server.json(&path).await;
    let words = transcript["segments"][0]["words"].as_array().unwrap().clone();
    assert!(words.len() >= 10, "{words:?}");
    let times: Vec<u64> = words.iter().map(|word| word["start_ms"].as_u64().unwrap()).collect();
    assert!(times.is_sorted() && *times.last().unwrap() <= 11_000, "{times:?}");
    let srt = server.get(&format!("{path}?format=srt")).await.text().await.unwrap();
    assert!(srt.starts_with("1\n00:00:00,"), "{srt}");
    let vtt = server.get(&format!("{path}?format=vtt")).await.text().await.unwrap();
    assert!(vtt.starts_with("WEBVTT\n"), "{vtt}");
    let note = Client::new().get(format!("{}/v1/jobs/{}/note", server.url, job.id));
    problem(note, 404, "no_note").await;
}

#[tokio::test]
async fn health_metrics_and_the_tree_are_true() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    server.run(&data("memo.wav"), &JobOptions::default()).await;
    assert_eq!(server.get("/health/live").await.status(), 200);
    assert_eq!(server.get("/health/ready").await.status(), 200);
    let metrics = server.get("/metrics").await.text().await.unwrap();
    for line in
        ["diarist_jobs{status=\"done\"} 1", "diarist_http_requests_total{", "# HELP diarist_jobs "]
    {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
    let tree = server.json("/v1/admin/actors").await;
    let kinds = |of: &Value| {
        let children = of["children"].as_array().unwrap();
        children.iter().map(|child| child["kind"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        kinds(&tree["root"]),
        [
            "checkpointer",
            "ingest",
            "janitor",
            "jobs",
            "llm",
            "pulls",
            "watchdog",
            "whisper",
            "writer"
        ]
    );
    assert_eq!(kinds(&tree["root"]["children"][7]), ["device"]);
    assert_eq!(tree["root"]["children"][3]["policy"]["restart"], "permanent");
    let document = server.json("/openapi.json").await;
    assert!(document["paths"]["/v1/jobs/{id}/events"]["get"].is_object());
}

#[tokio::test]
async fn the_longest_recording_is_taken_and_a_longer_one_refused() {
    let length_ms = 3_100;
    for (limit_ms, taken) in [(length_ms, true), (length_ms - 1, false)] {
        let dir = tempfile::tempdir().unwrap();
        let limit = limit_ms.to_string();
        let settings = [("DIARIST__AUDIO__MAX_DURATION_MS", limit.as_str())];
        let server = Server::start_with(dir.path(), &settings);
        if taken {
            assert_eq!(server.run(&data("memo.wav"), &JobOptions::default()).await.status, "done");
        } else {
            let form = Form::new().part("file", file_part());
            problem(post(&server, form), 413, "audio_too_long").await;
        }
    }
}

#[tokio::test]
async fn a_job_keeps_to_the_weights_that_it_was_made_with() {
    let dir = tempfile::tempdir().unwrap();
    let models = dir.path().join("models");
    let own = [("DIARIST__STORAGE__MODELS_DIR", models.to_str().unwrap())];
    let (shown, _, _) = output(diarist(dir.path()).args(["config", "show"]));
    let shared = shown.lines().find(|line| line.starts_with("storage.models_dir")).unwrap();
    let source = format!("{}/tiny.en.bin", shared.split('"').nth(1).unwrap());
    let mut import = diarist(dir.path());
    import.envs(own).args(["models", "import", &source, "--name", "mine"]);
    assert_eq!(output(&mut import).2, 0);
    let server = Server::start_with(dir.path(), &own);
    let options = JobOptions { model: Some("mine".into()), note: false, ..JobOptions::default() };
    let file = sound::speech(dir.path(), 240);
    let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
    let mut follow = server.client.follow(job.id, 0);
    while follow.next().await.unwrap().is_some_and(|event| event.kind != "segment") {}
    server.kill();
    let manifest = models.join("mine.json");
    let mut card: Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
    card["sha256"] = "0".repeat(64).into();
    std::fs::write(&manifest, card.to_string()).unwrap();
    let server = Server::start_with(dir.path(), &own);
    let job = server.wait(job.id).await;
    assert_eq!(job.status, "failed");
    assert_eq!(job.error.unwrap().code, "model_changed");
}
