//! A node dies at a named moment of its work, is started again, and dies at the next one. Its PostgreSQL is ill-treated
//! meanwhile.

use crate::fakes::Fake;
use crate::kit::postgres::Cluster;
use crate::kit::{data, sound};
use crate::ledger::{self, Sent};
use crate::node::{Node, Place};
use crate::setting;
use diarist::domain::options::JobOptions;
use diarist::domain::transcript::Transcript;
use diarist::failpoint::MOMENTS;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const KILLS: usize = 50;
const KILLS_ON_POSTGRES: usize = 15;
const SEED: u64 = 20_261_127;
/// The calls, commits and files of one memo are fewer than this; a higher number would never come.
const MOST: u32 = 16;
/// How long a life may last that nothing ends.
const PATIENCE: Duration = Duration::from_secs(300);
/// A memo is done within about this time: a fault of the database comes before.
const MEMO_MS: u64 = 1_500;
/// What a database can do to a node.
const FAULTS: [&str; 3] = ["restarted", "crashed", "cut off"];

#[tokio::test]
async fn wherever_a_node_dies_nothing_is_lost_and_nothing_is_done_twice() {
    println!("{}", run(setting("CHAOS_KILLS", KILLS), None).await);
}

#[tokio::test]
async fn wherever_a_node_or_its_postgresql_dies_nothing_is_lost_and_nothing_is_done_twice() {
    let kills = setting("CHAOS_KILLS", KILLS_ON_POSTGRES);
    println!("{}", run(kills, Some(Database::start())).await);
}

/// Says what came of it.
#[expect(clippy::print_stdout, reason = "a thousand kills take a while, and say where they are")]
async fn run(kills: usize, database: Option<Database>) -> String {
    let seed = setting("CHAOS_SEED", SEED);
    let mut random = fastrand::Rng::with_seed(seed);
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    let fake = Fake::start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let files = [data("memo.wav"), sound::speech(dir.path(), 35)];
    let mut sent = Vec::new();
    let texts = undisturbed(&fake, &files).await;
    let settings = database.as_ref().map(Database::settings).unwrap_or_default();
    let place = Place { data_dir: &data_dir, fake: &fake, settings };
    let (mut died, mut rounds) = (vec![0; MOMENTS.len()], 0);
    let mut faults = [0; FAULTS.len()];
    while died.iter().sum::<usize>() < kills {
        rounds += 1;
        assert!(rounds < 4 * kills, "hardly a moment comes: {died:?}");
        let which = usize::from(rounds % 5 == 0);
        sent.push(Sent {
            file: files[which].clone(),
            options: memo(&format!("round-{rounds}"), random.bool()),
            undisturbed: texts[which].clone(),
            job: None,
            is_over: false,
        });
        let moment = random.usize(0..MOMENTS.len());
        let at = random.u32(1..=most(MOMENTS[moment]));
        let node = Node::start(&place, Some(&format!("{}:{at}", MOMENTS[moment])));
        let fault = database.as_ref().filter(|_| random.bool()).map(|database| {
            let fault = random.usize(0..FAULTS.len());
            faults[fault] += 1;
            database.ill_treat(fault, Duration::from_millis(random.u64(0..MEMO_MS)))
        });
        died[moment] += usize::from(live(node, &mut sent, fault).await);
        if rounds % 100 == 0 {
            println!("{rounds} lives, {} of them killed", died.iter().sum::<usize>());
        }
    }
    let node = Node::start(&place, None);
    let client = node.client.as_ref().expect("a node that nobody kills starts");
    for memo in &mut sent {
        // Handed in once more, a memo is the job that it already is.
        memo.hand_in(&node.url).await;
        ledger::over(client, memo.job.expect("a node that nobody kills answers")).await;
    }
    let uncertain = ledger::settle(client, &node.url, &[&data_dir], &sent, &fake).await;
    let told = |names: &[&str], times: &[usize]| {
        let told = names.iter().zip(times).map(|(name, n)| format!("{name} {n}"));
        told.collect::<Vec<_>>().join(", ")
    };
    let on = match database {
        Some(_) => format!("PostgreSQL ({})", told(&FAULTS, &faults)),
        None => "SQLite".to_owned(),
    };
    let (memos, died) = (sent.len(), told(&MOMENTS, &died));
    format!("{on}, seed {seed}: {memos} memos, {uncertain} calls uncertain; {died}")
}

/// One life: all memos that are not known to be taken are handed in, until it dies or has nothing left to do.
async fn live(mut node: Node, sent: &mut [Sent], fault: Option<JoinHandle<()>>) -> bool {
    let begun = Instant::now();
    if let Some(client) = node.client.clone() {
        for memo in sent.iter_mut().filter(|memo| memo.job.is_none()) {
            memo.hand_in(&node.url).await;
        }
        for memo in sent.iter_mut().filter(|memo| !memo.is_over) {
            let Some(job) = memo.job else { continue };
            // Whatever is over stays over, so the walk gets to the end of the work. Without an answer nobody knows.
            while !node.is_dead() && !memo.is_over {
                memo.is_over = client.job(job).await.is_ok_and(|job| job.is_over());
                if begun.elapsed() > PATIENCE {
                    panic!("it neither dies nor ends its work: {}", node.told(job).await);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    // The next life finds a database that is well.
    if let Some(fault) = fault {
        fault.join().unwrap();
    }
    node.end()
}

/// A PostgreSQL of its own, to be ill-treated.
struct Database {
    cluster: &'static Cluster,
    url: String,
}

impl Database {
    fn start() -> Self {
        // It lives as long as the process, whose end removes it.
        let cluster: &'static Cluster = Box::leak(Box::new(Cluster::start()));
        Self { cluster, url: cluster.fresh() }
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        vec![
            ("DIARIST__DATABASE__URL", self.url.clone()),
            ("DIARIST__DATABASE__CONNECT_TIMEOUT_MS", "2000".to_owned()),
        ]
    }

    /// Does something to it after a while, which is over when the thread ends.
    fn ill_treat(&self, fault: usize, after: Duration) -> JoinHandle<()> {
        let (cluster, url) = (self.cluster, self.url.clone());
        thread::spawn(move || {
            thread::sleep(after);
            match FAULTS[fault] {
                "cut off" => cluster.cut(&url),
                how => {
                    cluster.stop(if how == "crashed" { "immediate" } else { "fast" });
                    cluster.up();
                }
            }
        })
    }
}

/// The text of each file, from a life that nobody disturbs; the calls of that life are not in the books.
pub async fn undisturbed(fake: &Fake, files: &[PathBuf]) -> Vec<Transcript> {
    let dir = tempfile::tempdir().unwrap();
    let place = Place { data_dir: dir.path(), fake, settings: Vec::new() };
    let node = Node::start(&place, None);
    let client = node.client.as_ref().expect("a node that nobody kills starts");
    let mut texts = Vec::new();
    for file in files {
        let (job, _) = client.submit_file(file, &memo("first", true), None).await.unwrap();
        ledger::over(client, job.id).await;
        let undisturbed = client.transcript(job.id).await.unwrap();
        assert!(!undisturbed.segments.is_empty());
        texts.push(undisturbed);
    }
    let reset = reqwest::Client::new().post(format!("{}/_reset", fake.url)).send().await;
    assert!(reset.unwrap().status().is_success());
    texts
}

/// A tag makes it a memo of its own; unforced, its text is taken over from one that was heard before.
pub fn memo(tag: &str, force: bool) -> JobOptions {
    JobOptions { tags: vec![tag.to_owned()], force, ..JobOptions::default() }
}

fn most(moment: &str) -> u32 {
    if moment.starts_with("commit") { MOST } else { 2 }
}
