//! The books kept outside the system: what was handed in, what it has to say, and how often the language model was asked.

use crate::fakes::Fake;
use crate::kit::server::follow;
use diarist::client::{Client, JobView};
use diarist::domain::ids::JobId;
use diarist::domain::options::JobOptions;
use diarist::domain::transcript::Transcript;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A memo that was handed in: from the first try on it must end as one job, whoever dies.
pub struct Sent {
    pub file: PathBuf,
    pub options: JobOptions,
    /// What an undisturbed run has heard in it.
    pub undisturbed: Transcript,
    /// Known once the server has answered.
    pub job: Option<JobId>,
    /// It was seen to be over, and stays so.
    pub is_over: bool,
}

impl Sent {
    /// Hands it in, or hands it in again under the same key; an answer that never came leaves the job unknown.
    pub async fn hand_in(&mut self, url: &str) {
        let file = Part::bytes(std::fs::read(&self.file).unwrap()).file_name("memo.wav");
        let options = serde_json::to_string(&self.options).unwrap();
        let form = Form::new().text("options", options).part("file", file);
        let request = reqwest::Client::new().post(format!("{url}/v1/jobs")).multipart(form);
        let Ok(answer) = request.header("Idempotency-Key", &self.options.tags[0]).send().await
        else {
            return;
        };
        // A database that is away: it may be taken, and is sent again.
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            return;
        }
        assert!(answer.status().is_success(), "{}", answer.status());
        let Ok(view) = answer.json::<Value>().await else { return };
        let job: JobId = view["id"].as_str().unwrap().parse().unwrap();
        let before = self.job.replace(job);
        assert!(before.is_none_or(|before| before == job), "one memo became two jobs");
    }
}

/// Everything that must hold when the dust has settled; gives the number of calls whose end nobody knows.
pub async fn settle(
    client: &Client,
    url: &str,
    data_dirs: &[&Path],
    sent: &[Sent],
    fake: &Fake,
) -> usize {
    let mut jobs = BTreeSet::new();
    let (mut booked, mut uncertain) = (0, 0);
    for memo in sent {
        let id = memo.job.expect("an accepted memo has a job");
        assert!(jobs.insert(id), "two memos became one job");
        let (ended, lost) = one(client, url, memo, id).await;
        booked += ended;
        uncertain += lost;
    }
    let all: Value = get(&format!("{url}/v1/jobs?limit=200")).await;
    if sent.len() <= 200 {
        assert_eq!(
            all["items"].as_array().unwrap().len(),
            sent.len(),
            "a job that nobody handed in"
        );
    }
    let asked = get(&format!("{}/_calls", fake.url)).await["count"].as_u64().unwrap();
    assert!(asked <= booked as u64, "{asked} calls were made, and {booked} are in the books");
    assert!(asked + uncertain as u64 >= booked as u64, "{booked} booked, {asked} made");
    let files = |of: &str| {
        let folders = data_dirs.iter().map(|dir| std::fs::read_dir(dir.join(of)).unwrap().count());
        folders.sum::<usize>()
    };
    assert_eq!(files("audio"), sent.len(), "a recording without a job, or a job without one");
    assert_eq!(files("uploads"), 0, "uploads are left");
    uncertain
}

/// One job: done once, told without a gap, with the very text of an undisturbed run.
async fn one(client: &Client, url: &str, memo: &Sent, id: JobId) -> (usize, usize) {
    let events = follow(client, id, 0).await.unwrap();
    let job: JobView = client.job(id).await.unwrap();
    assert_eq!(job.status, "done", "{id}: {:?}", job.error);
    let numbers: Vec<i64> = events.iter().map(|event| event.id).collect();
    assert!(numbers.iter().copied().eq(1..=job.last_event_id), "{id}: {numbers:?}");
    let of = |kind: &str| events.iter().filter(|event| event.kind == kind).collect::<Vec<_>>();
    let shown = get(&format!("{url}/v1/jobs/{id}")).await;
    let states = of("state");
    let last = &states.last().unwrap().data;
    for field in ["status", "attempt"] {
        assert_eq!(last[field], shown[field], "{id}: the fold of the events is not the row");
    }
    assert_eq!(states.iter().filter(|state| state.data["status"] == "done").count(), 1);
    let mut before = 0.0;
    for event in events.iter().filter(|event| event.data["fraction"].is_f64()) {
        let now = event.data["fraction"].as_f64().unwrap();
        assert!(now >= before, "{id}: progress went back at event {}", event.id);
        before = now;
    }
    let transcript = client.transcript(id).await.unwrap();
    assert_eq!(transcript.segments, memo.undisturbed.segments, "{id}: another text");
    let told: Vec<&Value> = of("segment").iter().map(|event| &event.data["text"]).collect();
    let said: Vec<Value> = transcript.segments.iter().map(|it| it.text.clone().into()).collect();
    assert_eq!(told, said.iter().collect::<Vec<_>>(), "{id}: a chunk was told twice, or never");
    let ended = of("cost");
    let count = |state: &str| ended.iter().filter(|event| event.data["state"] == state).count();
    assert!(count("settled") <= 1, "{id}: a note was paid for twice");
    assert_eq!(of("note").len(), usize::from(memo.options.note), "{id}: notes");
    (ended.len(), count("uncertain"))
}

async fn get(url: &str) -> Value {
    let answer = reqwest::get(url).await.unwrap();
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    answer.json().await.unwrap()
}

/// Waits for the end of a job.
pub async fn over(client: &Client, id: JobId) {
    while !client.job(id).await.unwrap().is_over() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
