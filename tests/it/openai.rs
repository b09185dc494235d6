//! `/v1/audio` and `/v1/models` on the wire: the envelope, the stream, whose job is cancelled. The SDKs are in `tests/openai`.

use super::kit::server::Server;
use super::kit::words::{words, wrong_words};
use super::kit::{data, sound};
use diarist::domain::options::JobOptions;
use futures::StreamExt;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const TRANSCRIPTIONS: &str = "/v1/audio/transcriptions";

fn form(file: &Path) -> Form {
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    let part = Part::bytes(std::fs::read(file).unwrap()).file_name(name);
    // The recording first: what it is to become is known only later.
    Form::new().part("file", part).text("model", "whisper-1")
}

fn post(server: &Server, path: &str, form: Form) -> RequestBuilder {
    Client::new().post(format!("{}{path}", server.url)).multipart(form)
}

async fn body(request: RequestBuilder) -> Value {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let body = answer.bytes().await.unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

/// Sends, and expects a refusal of this status in OpenAI's envelope; its parameter and code.
async fn refusal(request: RequestBuilder, status: u16) -> (Value, Value) {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert!(answer.headers().contains_key("x-request-id"));
    let told = answer.status().as_u16();
    let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(told, status, "{body}");
    let error = body["error"].as_object().unwrap();
    let mut names: Vec<_> = error.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["code", "message", "param", "type"]);
    assert_eq!(error["type"], "invalid_request_error");
    assert!(!error["message"].as_str().unwrap().is_empty());
    (error["param"].clone(), error["code"].clone())
}

#[tokio::test]
async fn every_refusal_on_these_paths_is_in_the_envelope_and_elsewhere_a_problem() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("DIARIST__SERVER__MAX_UPLOAD_BYTES", "200000")]);
    let http = Client::new();
    let at = |path: &str| format!("{}{path}", server.url);
    let memo = data("memo.wav");
    let foreign = http.get(at("/v1/models")).header("origin", "http://evil.example");
    assert_eq!(refusal(foreign, 403).await.1, "wrong_origin");
    let other_host = http.get(at("/v1/models")).header("host", "evil.example");
    assert_eq!(refusal(other_host, 421).await.1, "wrong_host");
    assert_eq!(refusal(http.get(at(TRANSCRIPTIONS)), 405).await.1, "method_not_supported");
    assert_eq!(refusal(http.get(at("/v1/audio/nothing")), 404).await.1, "unknown_url");
    assert_eq!(refusal(http.post(at(TRANSCRIPTIONS)), 400).await.1, "bad_form");
    let missing = json!("missing_required_parameter");
    let no_file = post(&server, TRANSCRIPTIONS, Form::new().text("model", "whisper-1"));
    assert_eq!(refusal(no_file, 400).await, (json!("file"), missing.clone()));
    let part = Part::bytes(std::fs::read(&memo).unwrap()).file_name("memo.wav");
    let no_model = post(&server, TRANSCRIPTIONS, Form::new().part("file", part));
    assert_eq!(refusal(no_model, 400).await, (json!("model"), missing));
    let large = Form::new().part("file", Part::bytes(vec![0; 200_001])).text("model", "whisper-1");
    let told = refusal(post(&server, TRANSCRIPTIONS, large), 413).await;
    assert_eq!(told, (json!("file"), json!("upload_too_large")));
    let long = form(&memo).text("keywords[]", "k".repeat(101));
    let told = refusal(post(&server, TRANSCRIPTIONS, long), 400).await;
    assert_eq!(told, (json!("keywords"), json!("invalid_value")));
    let german = form(&memo).text("language", "de");
    assert_eq!(refusal(post(&server, TRANSCRIPTIONS, german), 400).await.0, "language");
    let translation = post(&server, "/v1/audio/translations", form(&memo));
    assert_eq!(refusal(translation, 400).await.0, "model");
    let elsewhere = http.get(at("/v1/nothing")).send().await.unwrap();
    assert_eq!(elsewhere.headers()["content-type"], "application/problem+json");
    assert_eq!(server.json("/v1/jobs").await["items"], json!([]));
}

#[tokio::test]
async fn a_call_is_a_job_without_a_note_and_the_same_call_is_the_same_job() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let call = || {
        let form = form(&data("memo.wav")).text("vad_filter", "true");
        post(&server, TRANSCRIPTIONS, form).bearer_auth("anything")
    };
    let first = body(call()).await;
    assert_eq!(first["usage"], json!({ "type": "duration", "seconds": 3.1 }));
    assert_eq!(body(call()).await, first);
    let jobs = server.json("/v1/jobs").await;
    assert_eq!(jobs["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&jobs["items"][0]["status"], &jobs["items"][0]["template"]),
        (&json!("done"), &Value::Null)
    );
}

#[tokio::test]
async fn a_stream_is_plain_events_that_end_with_done() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let call = post(&server, TRANSCRIPTIONS, form(&data("speech/jfk.wav")).text("stream", "true"));
    let answer = call.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let stream = answer.text().await.unwrap();
    let said: Vec<&str> =
        stream.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect();
    assert_eq!(said.last(), Some(&"[DONE]"));
    let said: Vec<Value> =
        said[..said.len() - 1].iter().map(|data| serde_json::from_str(data).unwrap()).collect();
    let (done, deltas) = said.split_last().unwrap();
    let joined: String = deltas.iter().map(|event| event["delta"].as_str().unwrap()).collect();
    assert_eq!(done["type"], "transcript.text.done");
    assert_eq!(done["text"], joined);
    assert_eq!(done["usage"]["input_tokens"], 550);
    assert!(deltas.iter().all(|event| event["type"] == "transcript.text.delta"));
}

#[tokio::test]
async fn installed_models_and_aliases_are_listed_and_an_alias_of_nothing_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let names = |list: Value| -> Vec<String> {
        let data = list["data"].as_array().unwrap().clone();
        data.iter().map(|model| model["id"].as_str().unwrap().to_owned()).collect()
    };
    let server = Server::start(dir.path());
    let listed = names(server.json("/v1/models").await);
    for name in ["tiny.en", "whisper-1", "gpt-4o-transcribe"] {
        assert!(listed.contains(&name.to_owned()), "{listed:?}");
    }
    drop(server);
    let other = [("DIARIST__WHISPER__MODEL", "not-installed")];
    let server = Server::start_with(dir.path(), &other);
    let listed = names(server.json("/v1/models").await);
    assert!(listed.contains(&"tiny.en".to_owned()) && !listed.contains(&"whisper-1".to_owned()));
    let told = refusal(post(&server, TRANSCRIPTIONS, form(&data("memo.wav"))), 404).await;
    assert_eq!(told, (json!("model"), json!("model_not_found")));
}

/// The newest job as soon as `good` holds of it.
async fn seen(server: &Server, patience: Duration, good: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let job = server.json("/v1/jobs?limit=1").await["items"][0].clone();
        if good(&job) {
            return job;
        }
        assert!(begun.elapsed() < patience, "{job}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_caller_who_goes_away_cancels_the_job_of_the_call_but_no_job_of_others() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let file = sound::speech(dir.path(), 180);
    let is = |status: &'static str| move |job: &Value| job["status"] == status;
    for stream in ["false", "true"] {
        let call = post(&server, TRANSCRIPTIONS, form(&file).text("stream", stream));
        let call = tokio::spawn(async move {
            let mut answer = call.send().await.unwrap().bytes_stream();
            while answer.next().await.is_some() {}
        });
        seen(&server, Duration::from_secs(60), is("running")).await;
        call.abort();
        seen(&server, Duration::from_secs(2), is("cancelled")).await;
    }
    let options = JobOptions { note: false, ..JobOptions::default() };
    let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
    let call = post(&server, TRANSCRIPTIONS, form(&file));
    let hasty = tokio::time::timeout(Duration::from_millis(1_500), call.send()).await;
    assert!(hasty.is_err(), "the job was done too soon to be left");
    let after = server.wait(job.id).await;
    assert_eq!((after.id, after.status.as_str()), (job.id, "done"));
}

#[tokio::test]
async fn a_phrase_that_is_spoken_ten_times_is_there_ten_times() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let clip = std::fs::read(data("speech/jfk.wav")).unwrap();
    let begin = clip.windows(4).position(|window| window == b"data").unwrap() + 8;
    let samples: Vec<i16> =
        clip[begin..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    for pause in [4_800, 11_200] {
        let mut refrain = Vec::new();
        for _ in 0..10 {
            refrain.extend(&samples[126_400..171_200]);
            refrain.resize(refrain.len() + pause, 0);
        }
        let file = sound::write(&dir.path().join("refrain.wav"), &refrain);
        let heard = body(post(&server, TRANSCRIPTIONS, form(&file))).await;
        let text = words(heard["text"].as_str().unwrap()).join(" ");
        assert_eq!(text.matches("can do for your country").count(), 10, "{pause}: {text}");
    }
}

#[tokio::test]
async fn a_prompt_that_says_the_beginning_leaves_it_in_the_text() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let said = std::fs::read_to_string(data("speech/jfk.txt")).unwrap();
    for prompt in ["And so my fellow Americans", "and so, my fellow Americans, ask not", &said] {
        let call = form(&data("speech/jfk.wav")).text("prompt", prompt.to_owned());
        let heard = body(post(&server, TRANSCRIPTIONS, call)).await;
        assert!(wrong_words(heard["text"].as_str().unwrap(), &said) <= 1, "{prompt}: {heard}");
    }
}
