//! A node is frozen in the middle of its work until another one has given that work back, and wakes up: everything that it
//! still wants to write is out of date.

use crate::fakes::Fake;
use crate::kills::{memo, undisturbed};
use crate::kit::postgres::Cluster;
use crate::kit::{data, sound};
use crate::ledger::{self, Sent};
use crate::node::{Node, Place};
use crate::setting;
use diarist::client::Client;
use diarist::domain::ids::JobId;
use sqlx::PgPool;
use std::time::{Duration, Instant};

const ZOMBIES: usize = 5;
const SEED: u64 = 20_261_127;
/// As short as a lease may sensibly be, so that many fit into a test.
const LEASE: [(&str, &str); 3] = [
    ("DIARIST__ENGINE__LEASE_MS", "800"),
    ("DIARIST__ENGINE__RENEW_MS", "200"),
    ("DIARIST__ENGINE__TAKEOVER_MS", "100"),
];
/// Time in which a language model thinks: some of the nodes freeze while they wait for it.
const SLOW_MODEL: &str = "gpt-5-mini@slow_first_token:300";
/// Jobs of a node that may be unfinished when it gets another one.
const AT_ONCE: usize = 2;
/// A memo is done within about this time: a node is frozen before.
const MEMO_MS: u64 = 1_500;
const PATIENCE: Duration = Duration::from_secs(300);

#[tokio::test]
async fn a_node_that_wakes_up_past_its_lease_loses_nothing_and_does_nothing_twice() {
    let (zombies, seed) = (setting("CHAOS_ZOMBIES", ZOMBIES), setting("CHAOS_SEED", SEED));
    let mut random = fastrand::Rng::with_seed(seed);
    let dir = tempfile::tempdir().unwrap();
    let fake = Fake::start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let files = [data("memo.wav"), sound::speech(dir.path(), 35)];
    let texts = undisturbed(&fake, &files).await;
    let cluster = Cluster::start();
    let url = cluster.fresh();
    let database = PgPool::connect(&url).await.unwrap();
    // Each has its own recordings, and gives back what the other one has left.
    let folders = [dir.path().join("one"), dir.path().join("other")];
    let nodes = folders.each_ref().map(|folder| {
        let mut settings = vec![("DIARIST__DATABASE__URL", url.clone())];
        settings.push(("DIARIST__LLM__OPENAI__MODEL", SLOW_MODEL.to_owned()));
        settings.extend(LEASE.map(|(key, value)| (key, value.to_owned())));
        Node::start(&Place { data_dir: folder, fake: &fake, settings }, None)
    });
    let clients = nodes.each_ref().map(|node| node.client.clone().expect("it starts"));
    let mut sent: Vec<Sent> = Vec::new();
    let mut works: [Vec<JobId>; 2] = [Vec::new(), Vec::new()];
    let (mut woken, mut taken, mut rounds) = (0, 0, 0);
    while woken < zombies {
        rounds += 1;
        assert!(rounds < 10 * zombies, "hardly a node is frozen at its work");
        let (which, other) = if random.bool() { (0, 1) } else { (1, 0) };
        works[which] = unfinished(&clients[which], &works[which]).await;
        if works[which].len() < AT_ONCE {
            let file = usize::from(rounds % 5 == 0);
            let mut memo = Sent {
                file: files[file].clone(),
                options: memo(&format!("round-{rounds}"), random.u8(0..4) > 0),
                undisturbed: texts[file].clone(),
                job: None,
                is_over: false,
            };
            memo.hand_in(&nodes[which].url).await;
            works[which].push(memo.job.expect("a node that is awake answers"));
            sent.push(memo);
        }
        tokio::time::sleep(Duration::from_millis(random.u64(0..MEMO_MS))).await;
        let before = incarnation(&nodes[which].url).await;
        nodes[which].freeze();
        // What it has asked of the database before may still be done: the last look counts.
        let mut left = Vec::new();
        while is_leased(&database, &before).await {
            left = running(&clients[other], &works[which]).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        given_back(&clients[other], &left).await;
        nodes[which].wake();
        begins_anew(&nodes[which].url, &before).await;
        (woken, taken) = (woken + usize::from(!left.is_empty()), taken + left.len());
    }
    for memo in &sent {
        ledger::over(&clients[0], memo.job.expect("it was answered")).await;
    }
    let folders = folders.each_ref().map(|folder| folder.as_path());
    let uncertain = ledger::settle(&clients[0], &nodes[0].url, &folders, &sent, &fake).await;
    let memos = sent.len();
    println!(
        "zombies, seed {seed}: {woken} nodes woke up past their lease, {taken} claims were taken from them; \
         {memos} memos, {uncertain} calls uncertain"
    );
}

async fn unfinished(client: &Client, jobs: &[JobId]) -> Vec<JobId> {
    let mut left = Vec::new();
    for job in jobs {
        if !client.job(*job).await.unwrap().is_over() {
            left.push(*job);
        }
    }
    left
}

/// Those of the jobs that are being worked on, as another node sees it.
async fn running(client: &Client, jobs: &[JobId]) -> Vec<JobId> {
    let mut found = Vec::new();
    for job in jobs {
        if client.job(*job).await.unwrap().status == "running" {
            found.push(*job);
        }
    }
    found
}

/// By the clock of the database, as all nodes go by it.
async fn is_leased(database: &PgPool, node: &str) -> bool {
    let sql = "select exists (select 1 from nodes where id = $1 \
               and lease_until > extract(epoch from clock_timestamp()) * 1000)";
    sqlx::query_scalar(sql).bind(node).fetch_one(database).await.unwrap()
}

/// Until somebody has found that the lease is over.
async fn given_back(client: &Client, jobs: &[JobId]) {
    let begun = Instant::now();
    while !running(client, jobs).await.is_empty() {
        assert!(begun.elapsed() < PATIENCE, "nobody gives back what a frozen node has left");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Until the node has found itself fenced.
async fn begins_anew(url: &str, before: &str) {
    let begun = Instant::now();
    while incarnation(url).await == before {
        assert!(begun.elapsed() < PATIENCE, "a node does not find itself fenced");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The name under which a node claims.
async fn incarnation(url: &str) -> String {
    let answer = reqwest::get(format!("{url}/v1/admin/actors")).await.unwrap();
    let tree: serde_json::Value = answer.json().await.unwrap();
    tree["node"].as_str().unwrap().to_owned()
}
