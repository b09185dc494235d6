//! A note through each of the four wire formats, with each fault, and with a server that is killed in the middle of a call.

use super::fakes::Fake;
use super::kit::data;
use super::kit::server::{Server, follow};
use diarist::domain::options::JobOptions;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

const SECRET: &str = "sk-test-hush-0123456789";
const PROVIDERS: [&str; 4] = ["openai", "anthropic", "mistral", "local"];

/// A server that may ask these providers, all of them played by the fake.
pub struct Setting {
    fake: Fake,
    settings: Vec<(String, String)>,
}

impl Setting {
    pub async fn new(policy: &str, providers: &[&str], more: &[(&str, &str)]) -> Self {
        let fake = Fake::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let mut settings = vec![("DIARIST__LLM__POLICY".to_owned(), policy.to_owned())];
        for provider in providers {
            let name = |key: &str| format!("DIARIST__LLM__{}__{key}", provider.to_uppercase());
            settings.push((name("BASE_URL"), format!("{}/{provider}/v1", fake.url)));
            settings.push((name("API_KEY"), SECRET.to_owned()));
            settings.push((name("FIRST_TOKEN_TIMEOUT_MS"), "1500".to_owned()));
            settings.push((name("TIMEOUT"), "4s".to_owned()));
            if *provider == "local" {
                settings.push((name("MODEL"), "local-model".to_owned()));
            }
        }
        // Two tries, and a second apart at most, so that every fault is over soon.
        settings.push(("DIARIST__ENGINE__BACKOFF_BASE_MS".to_owned(), "50".to_owned()));
        settings.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        Self { fake, settings }
    }

    pub fn start(&self, dir: &Path) -> Server {
        let settings: Vec<(&str, &str)> =
            self.settings.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        Server::start_with(dir, &settings)
    }

    pub async fn script(&self, step: Value) {
        let sent = reqwest::Client::new().post(format!("{}/_script", self.fake.url)).json(&step);
        assert!(sent.send().await.unwrap().status().is_success(), "{step}");
    }

    pub async fn reset(&self) {
        let sent = reqwest::Client::new().post(format!("{}/_reset", self.fake.url)).send().await;
        assert!(sent.unwrap().status().is_success());
    }

    pub async fn calls(&self) -> Value {
        let calls = reqwest::get(format!("{}/_calls", self.fake.url)).await.unwrap();
        calls.json().await.unwrap()
    }

    pub async fn count(&self) -> u64 {
        self.calls().await["count"].as_u64().unwrap()
    }

    /// Waits until the fake has been called so often.
    pub async fn called(&self, times: u64) {
        let patience = Instant::now();
        while self.count().await < times {
            assert!(patience.elapsed() < Duration::from_secs(60), "never called {times} times");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The job of a memo that is always composed anew, and its note.
async fn noted(server: &Server) -> (Value, Value) {
    let options = JobOptions { tags: vec![tag()], ..JobOptions::default() };
    let job = server.run(&data("memo.wav"), &options).await;
    assert_eq!(job.status, "done", "{:?}", job.error);
    let shown = server.json(&format!("/v1/jobs/{}", job.id)).await;
    let note = server.json(&format!("/v1/jobs/{}/note", job.id)).await;
    (shown, note)
}

/// Another tag makes another job, which takes the text of the first one over.
fn tag() -> String {
    format!("t{}", uuid::Uuid::now_v7().simple())
}

/// Everything that this server shows of a job, in one text.
async fn all_that_is_shown(server: &Server, job: &Value) -> String {
    let id: diarist::domain::ids::JobId = job["id"].as_str().unwrap().parse().unwrap();
    let events = follow(&server.client, id, 0).await.unwrap();
    let markdown = server.get(&format!("/v1/jobs/{id}/note?format=markdown")).await;
    format!(
        "{job} {events:?} {} {}",
        markdown.text().await.unwrap(),
        server.json("/v1/admin/actors").await
    )
}

#[tokio::test]
async fn a_note_comes_through_each_of_the_four_wire_formats() {
    for provider in PROVIDERS {
        let dir = tempfile::tempdir().unwrap();
        let setting = Setting::new("best", &[provider], &[]).await;
        let server = setting.start(dir.path());
        let (job, note) = noted(&server).await;
        assert_eq!(note["composer"]["provider"], provider, "{note}");
        assert_eq!(note["composer"]["template"], "diary");
        assert!(note["composer"].get("tried").is_none(), "{note}");
        assert!(!note["sections"].as_array().unwrap().is_empty());
        assert!(note["tags"][0].as_str().unwrap().starts_with('t'));
        for sentence in note["sections"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|s| s["sentences"].as_array().unwrap())
        {
            assert!(!sentence["segments"].as_array().unwrap().is_empty(), "{sentence}");
        }
        let cost = &job["cost"];
        assert!(cost["input_tokens"].as_i64().unwrap() > 100, "{provider}: {cost}");
        assert!(cost["output_tokens"].as_i64().unwrap() > 10, "{provider}: {cost}");
        assert_eq!(
            cost["usd_micros"].as_i64().unwrap() > 0,
            provider != "local",
            "{provider}: {cost}"
        );
        assert_eq!(setting.count().await, 1, "{provider}");
        let shown = all_that_is_shown(&server, &job).await;
        assert!(shown.contains("kind: \"cost\"") && !shown.contains(SECRET), "{shown}");
    }
}

/// Each fault of the fake, and what the person gets: the provider's note after all, or the floor with the reason.
const FAULTS: [(&str, bool); 36] = [
    ("\"odd_framing\"", true),
    ("\"unknown_values\"", true),
    ("\"usage_missing\"", true),
    ("\"thinking\"", true),
    ("{\"slow_first_token\":300}", true),
    ("{\"slow_tokens\":1}", true),
    ("{\"slow_first_token\":60000}", false),
    ("{\"slow_tokens\":3000}", false),
    ("\"hang\"", false),
    ("\"hang_mid_stream\"", false),
    ("\"cut_before_headers\"", false),
    ("\"cut_stream\"", false),
    ("\"end_early\"", false),
    ("\"malformed_body\"", false),
    ("\"empty_choices\"", false),
    ("\"empty_content\"", false),
    ("\"malformed_content\"", false),
    ("\"wrong_schema\"", false),
    ("\"refusal\"", false),
    ("\"content_filter\"", false),
    ("\"length_cut\"", false),
    ("{\"rate_limited\":\"millis\"}", false),
    ("{\"rate_limited\":\"fraction\"}", false),
    ("{\"rate_limited\":\"past_date\"}", false),
    ("{\"rate_limited\":\"absurd\"}", false),
    ("{\"rate_limited\":\"reset_headers\"}", false),
    ("\"insufficient_quota\"", false),
    ("\"overloaded\"", false),
    ("\"overloaded_mid_stream\"", false),
    ("\"server_error\"", false),
    ("\"bad_gateway\"", false),
    ("\"unavailable\"", false),
    ("\"unauthorized\"", false),
    ("\"forbidden\"", false),
    ("\"model_not_found\"", false),
    ("\"context_length\"", false),
];

#[tokio::test]
async fn no_fault_costs_a_memo_and_the_floor_says_why() {
    let wires = PROVIDERS.map(|provider| async move {
        let dir = tempfile::tempdir().unwrap();
        let setting = Setting::new(provider, &[provider], &[]).await;
        let server = setting.start(dir.path());
        for (fault, heals) in FAULTS {
            setting.reset().await;
            let fault: Value = serde_json::from_str(fault).unwrap();
            setting.script(json!({ "fault": fault, "times": 9 })).await;
            let (job, note) = noted(&server).await;
            let composer = &note["composer"];
            let wanted = if heals { provider } else { "extractive" };
            assert_eq!(composer["provider"], wanted, "{provider} {fault}: {composer}");
            if !heals {
                assert_eq!(composer["tried"][0]["provider"], provider, "{fault}: {composer}");
            }
            let calls = setting.count().await;
            assert!((1..=3).contains(&calls), "{provider} {fault}: {calls} calls");
            let shown = all_that_is_shown(&server, &job).await;
            let told = shown.matches("kind: \"cost\"").count() as u64;
            assert_eq!(told, calls, "{provider} {fault}: each call is in the books once");
            assert!(!shown.contains(SECRET), "{provider} {fault}");
            if !heals {
                let line = format!("{provider} was asked and");
                assert!(shown.contains(&line), "{provider} {fault}: {shown}");
            }
        }
    });
    futures::future::join_all(wires).await;
}

#[tokio::test]
async fn a_fault_that_passes_costs_no_note() {
    let dir = tempfile::tempdir().unwrap();
    let setting = Setting::new("best", &["openai", "anthropic"], &[]).await;
    let server = setting.start(dir.path());
    for (fault, by) in [
        (json!("malformed_content"), "openai"),
        (json!("fenced_content"), "openai"),
        (json!("wrong_schema"), "openai"),
        (json!("cut_stream"), "openai"),
        (json!({ "rate_limited": "date" }), "openai"),
        (json!({ "rate_limited": "seconds" }), "openai"),
        (json!("overloaded"), "openai"),
        (json!("unauthorized"), "anthropic"),
        (json!("refusal"), "anthropic"),
    ] {
        setting.reset().await;
        setting.script(json!({ "fault": fault, "provider": "openai" })).await;
        let (_, note) = noted(&server).await;
        assert_eq!(note["composer"]["provider"], by, "{fault}: {}", note["composer"]);
        assert_eq!(setting.count().await, 2, "{fault}");
    }
}

#[tokio::test]
async fn a_call_is_paid_for_once_whenever_the_server_is_killed() {
    // Between sent and settled: uncertain, shown, and sent again under the same name.
    let dir = tempfile::tempdir().unwrap();
    let setting = Setting::new("openai", &["openai"], &[]).await;
    setting.script(json!({ "fault": "hang" })).await;
    let server = setting.start(dir.path());
    let options = JobOptions::default();
    let (job, _) = server.client.submit_file(&data("memo.wav"), &options, None).await.unwrap();
    setting.called(1).await;
    server.kill();
    let server = setting.start(dir.path());
    assert_eq!(server.wait(job.id).await.status, "done");
    let note = server.json(&format!("/v1/jobs/{}/note", job.id)).await;
    assert_eq!(note["composer"]["provider"], "openai");
    let calls = setting.calls().await;
    assert_eq!(calls["count"], 2);
    let name = |call: usize| calls["calls"][call]["headers"]["idempotency-key"].clone();
    assert!(name(0).is_string() && name(0) == name(1), "{calls}");
    let events = follow(&server.client, job.id, 0).await.unwrap();
    let states: Vec<_> =
        events.iter().filter(|e| e.kind == "cost").map(|e| e.data["state"].clone()).collect();
    assert_eq!(states, ["uncertain", "settled"]);
    let cost = server.json(&format!("/v1/jobs/{}", job.id)).await["cost"].clone();
    assert_eq!(cost["usd_micros"], Value::Null, "nobody knows what the lost call cost: {cost}");
    server.kill();

    // After an answer that was settled, and before the note: a bad first answer keeps the job busy with its repair.
    setting.reset().await;
    setting.script(json!([{ "fault": "malformed_content" }, { "fault": "hang" }])).await;
    let server = setting.start(dir.path());
    let again = JobOptions { tags: vec![tag()], ..JobOptions::default() };
    let (job, _) = server.client.submit_file(&data("memo.wav"), &again, None).await.unwrap();
    setting.called(2).await;
    server.kill();
    let server = setting.start(dir.path());
    assert_eq!(server.wait(job.id).await.status, "done");
    let calls = setting.calls().await;
    assert_eq!(calls["count"], 3, "the first answer is not paid for again: {calls}");
    let turns = |call: usize| calls["calls"][call]["body"]["messages"].as_array().unwrap().len();
    assert_eq!([turns(0), turns(1), turns(2)], [2, 4, 4]);
}

#[tokio::test]
async fn a_cancelled_job_hangs_up_within_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let setting = Setting::new("anthropic", &["anthropic"], &[]).await;
    setting.script(json!({ "fault": "hang" })).await;
    let server = setting.start(dir.path());
    let options = JobOptions::default();
    let (job, _) = server.client.submit_file(&data("memo.wav"), &options, None).await.unwrap();
    setting.called(1).await;
    let began = Instant::now();
    server.client.cancel(job.id).await.unwrap();
    while setting.calls().await["calls"][0]["outcome"] != "client_left" {
        assert!(began.elapsed() < Duration::from_secs(1), "{}", setting.calls().await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(server.client.job(job.id).await.unwrap().status, "cancelled");
}

#[tokio::test]
async fn the_same_upload_is_composed_anew_once_there_is_a_key() {
    let dir = tempfile::tempdir().unwrap();
    let plain = Setting::new("best", &[], &[]).await;
    let server = plain.start(dir.path());
    let first = server.run(&data("memo.wav"), &JobOptions::default()).await;
    let again = server.run(&data("memo.wav"), &JobOptions::default()).await;
    assert_eq!(first.id, again.id);
    server.kill();
    let keyed = Setting::new("best", &["mistral"], &[]).await;
    let server = keyed.start(dir.path());
    let anew = server.run(&data("memo.wav"), &JobOptions::default()).await;
    assert_ne!(first.id, anew.id);
    let note = server.json(&format!("/v1/jobs/{}/note", anew.id)).await;
    assert_eq!(note["composer"]["provider"], "mistral");
}
