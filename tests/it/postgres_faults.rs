//! What PostgreSQL can do to a node in the very moment when somebody waits for it.

use crate::fakes::Fake;
use crate::kit::postgres::{self, Cluster};
use crate::kit::server::Server;
use crate::kit::{data, diarist};
use diarist::domain::options::JobOptions;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::fs::{self, File};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);
/// So long that the database is stopped before the answer comes.
const MODEL: &str = "gpt-5-mini@slow_first_token:2000";

async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < PATIENCE, "not seen: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn calls(fake: &Fake) -> i64 {
    let answer = reqwest::get(format!("{}/_calls", fake.url)).await.unwrap();
    answer.json::<Value>().await.unwrap()["count"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_comes_while_the_database_is_away_is_kept_and_not_paid_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let cluster = tokio::task::spawn_blocking(Cluster::start).await.unwrap();
    let (url, openai) = (cluster.fresh(), format!("{}/openai/v1", fake.url));
    let settings = [
        ("DIARIST__DATABASE__URL", url.as_str()),
        ("DIARIST__DATABASE__CONNECT_TIMEOUT_MS", "500"),
        ("DIARIST__LLM__POLICY", "best"),
        ("DIARIST__LLM__OPENAI__API_KEY", "sk-test"),
        ("DIARIST__LLM__OPENAI__BASE_URL", &openai),
        ("DIARIST__LLM__OPENAI__MODEL", MODEL),
    ];
    let log = dir.path().join("log");
    let mut command = diarist(&dir.path().join("data"));
    command.envs(settings).stderr(File::create(&log).unwrap());
    let server = Server::start_as(dir.path(), command);
    let file = data("memo.ogg");
    let sent = server.client.submit_file(&file, &JobOptions::default(), None).await;
    let job = sent.unwrap().0.id;
    until("the call", async || calls(&fake).await == 1).await;
    cluster.down();
    // Whatever it could be asked needs the database: it is seen by what it complains of.
    until("the answer", async || {
        fs::read_to_string(&log).unwrap().contains("an answer waits to be kept")
    })
    .await;
    cluster.up();
    until("the end of the job", async || {
        server.client.job(job).await.is_ok_and(|job| job.is_over())
    })
    .await;
    assert_eq!(server.client.job(job).await.unwrap().status, "done");
    assert_eq!(calls(&fake).await, 1, "it was asked again");
    let mut follow = server.client.follow(job, 0);
    let mut costs = Vec::new();
    while let Some(event) = follow.next().await.unwrap() {
        if event.kind == "cost" {
            costs.push(event.data["state"].clone());
        }
    }
    assert_eq!(costs, ["settled"]);
}

/// Somebody who has taken what every transaction of the node takes last, and never finds a deadlock itself: it is the
/// node's transaction that PostgreSQL undoes.
struct InTheWay {
    url: String,
    connection: PgConnection,
}

impl InTheWay {
    async fn new(url: &str) -> Self {
        let mut connection = PgConnection::connect(url).await.unwrap();
        for sql in ["set deadlock_timeout = '10min'", "begin", "update feeds set last = last"] {
            sqlx::query(sql).execute(&mut connection).await.unwrap();
        }
        Self { url: url.to_owned(), connection }
    }

    /// Takes what the node's transaction has taken first, once that one waits for the last.
    async fn meet(mut self, first: &'static str, with: &str) {
        let mut looker = PgConnection::connect(&self.url).await.unwrap();
        let waits = "select exists (select 1 from pg_stat_activity where wait_event_type = 'Lock' \
                     and datname = current_database())";
        until("the node waits", async || {
            sqlx::query_scalar(waits).fetch_one(&mut looker).await.unwrap()
        })
        .await;
        sqlx::query(first).bind(with).execute(&mut self.connection).await.unwrap();
        sqlx::query("commit").execute(&mut self.connection).await.unwrap();
    }
}

#[tokio::test]
async fn what_postgresql_undoes_for_another_is_made_again_before_it_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let url = postgres::fresh();
    let server = Server::start_with(dir.path(), &[("DIARIST__DATABASE__URL", &url)]);
    let plain = JobOptions { note: false, ..JobOptions::default() };
    let job = server.run(&data("memo.ogg"), &plain).await.id;
    let client = reqwest::Client::new();
    let path = format!("{}/v1/jobs/{job}", server.url);
    let (amend, id) =
        (client.patch(&path).json(&json!({ "title": "Made again" })), job.to_string());
    let row = "update jobs set epoch = epoch where id = $1";
    let other = InTheWay::new(&url).await;
    let (answer, ()) = tokio::join!(amend.send(), other.meet(row, &id));
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(server.json(&format!("/v1/jobs/{job}")).await["title"], "Made again");
    let memo = Part::bytes(fs::read(data("memo.wav")).unwrap()).file_name("memo.wav");
    let form = Form::new().text("options", r#"{"note": false}"#).part("file", memo);
    let send = client.post(format!("{}/v1/jobs", server.url)).header("Idempotency-Key", "one-key");
    let send = send.multipart(form).send();
    let same_key = "select pg_advisory_xact_lock(hashtextextended('key local ' || $1, 0))";
    let other = InTheWay::new(&url).await;
    let (sent, ()) = tokio::join!(send, other.meet(same_key, "one-key"));
    let answer = sent.unwrap();
    assert_eq!(answer.status(), 202);
    let other: Value = answer.json().await.unwrap();
    let other = server.wait(other["id"].as_str().unwrap().parse().unwrap()).await;
    assert_eq!(other.status, "done", "{:?}", other.error);
    let homes = fs::read_dir(dir.path().join("audio")).unwrap().count();
    assert_eq!(homes, 2, "each job has one recording");
}
