//! A node dies at a named moment of its work, is started again, and dies at the next one.

use crate::fakes::Fake;
use crate::kit::{data, sound};
use crate::ledger::{self, Sent};
use crate::node::Node;
use diarist::domain::options::JobOptions;
use diarist::domain::transcript::Transcript;
use diarist::failpoint::MOMENTS;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const KILLS: usize = 50;
const SEED: u64 = 20_261_127;
/// The calls, commits and files of one memo are fewer than this; a higher number would never come.
const MOST: u32 = 16;
/// How long a life may last that nothing ends.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn wherever_a_node_dies_nothing_is_lost_and_nothing_is_done_twice() {
    let (kills, seed) = (setting("CHAOS_KILLS", KILLS), setting("CHAOS_SEED", SEED));
    let mut random = fastrand::Rng::with_seed(seed);
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    let fake = Fake::start(([127, 0, 0, 1], 0).into()).await.unwrap();
    let files = [data("memo.wav"), sound::speech(dir.path(), 35)];
    let mut sent = Vec::new();
    let texts = undisturbed(&fake, &files).await;
    let reset = reqwest::Client::new().post(format!("{}/_reset", fake.url)).send().await;
    assert!(reset.unwrap().status().is_success());
    let (mut died, mut rounds) = (vec![0; MOMENTS.len()], 0);
    while died.iter().sum::<usize>() < kills {
        rounds += 1;
        assert!(rounds < 4 * kills, "hardly a moment comes: {died:?}");
        let which = usize::from(rounds % 5 == 0);
        sent.push(Sent {
            file: files[which].clone(),
            options: memo(&format!("round-{rounds}"), random.bool()),
            undisturbed: texts[which].clone(),
            job: None,
        });
        let moment = random.usize(0..MOMENTS.len());
        let at = random.u32(1..=most(MOMENTS[moment]));
        let node = Node::start(&data_dir, &fake, Some(&format!("{}:{at}", MOMENTS[moment])));
        died[moment] += usize::from(live(node, &mut sent).await);
    }
    let node = Node::start(&data_dir, &fake, None);
    let client = node.client.as_ref().expect("a node that nobody kills starts");
    for memo in &mut sent {
        // Handed in once more, a memo is the job that it already is.
        memo.hand_in(&node.url).await;
        ledger::over(client, memo.job.expect("a node that nobody kills answers")).await;
    }
    let uncertain = ledger::settle(client, &node.url, &data_dir, &sent, &fake).await;
    let died: Vec<String> = MOMENTS.iter().zip(died).map(|(at, n)| format!("{at} {n}")).collect();
    println!("seed {seed}: {} memos, {uncertain} calls uncertain; {}", sent.len(), died.join(", "));
}

/// One life: all memos that are not known to be taken are handed in, until it dies or has nothing left to do.
async fn live(mut node: Node, sent: &mut [Sent]) -> bool {
    let begun = Instant::now();
    if let Some(client) = node.client.clone() {
        for memo in sent.iter_mut().filter(|memo| memo.job.is_none()) {
            memo.hand_in(&node.url).await;
        }
        for memo in sent.iter().filter_map(|memo| memo.job) {
            // Whatever is over stays over, so the walk gets to the end of the work.
            while !node.is_dead() && client.job(memo).await.is_ok_and(|job| !job.is_over()) {
                assert!(begun.elapsed() < PATIENCE, "it neither dies nor ends its work");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    node.end()
}

/// The text of each file, from a life that nobody disturbs.
async fn undisturbed(fake: &Fake, files: &[PathBuf]) -> Vec<Transcript> {
    let dir = tempfile::tempdir().unwrap();
    let node = Node::start(dir.path(), fake, None);
    let client = node.client.as_ref().expect("a node that nobody kills starts");
    let mut texts = Vec::new();
    for file in files {
        let (job, _) = client.submit_file(file, &memo("first", true), None).await.unwrap();
        ledger::over(client, job.id).await;
        let undisturbed = client.transcript(job.id).await.unwrap();
        assert!(!undisturbed.segments.is_empty());
        texts.push(undisturbed);
    }
    texts
}

/// A tag makes it a memo of its own; unforced, its text is taken over from one that was heard before.
fn memo(tag: &str, force: bool) -> JobOptions {
    JobOptions { tags: vec![tag.to_owned()], force, ..JobOptions::default() }
}

fn most(moment: &str) -> u32 {
    if moment.starts_with("commit") { MOST } else { 2 }
}

fn setting<T: std::str::FromStr>(name: &str, otherwise: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}
