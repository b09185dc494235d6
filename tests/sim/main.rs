//! The engine's core under a simulated clock: nodes that freeze and die, commits that fail or whose answer is lost,
//! providers that break, all drawn from one seed. A failing seed replays exactly: `SIM_SEED=7 make sim`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and plays the outside world"
)]

mod leases;
mod ledger;
mod life;
#[path = "../it/kit/made_up.rs"]
mod made_up;
mod node;
mod world;

use diarist::store::Store;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use world::{Failed, Variant, World};

const SEEDS: u64 = 2_000;
const FIRST: u64 = 1;
/// Seeds of which a broken engine has to fail one: it is caught soon, or the simulation is blind.
const TO_CATCH: u64 = 400;

#[test]
fn no_fault_costs_a_job_doubles_an_effect_or_turns_progress_back() {
    if let Some(seed) = setting("SIM_SEED") {
        return report(run(seed..seed + 1, Variant::Sound));
    }
    let seeds = setting("SIM_SEEDS").unwrap_or(SEEDS);
    report(run(FIRST..FIRST + seeds, Variant::Sound));
}

#[test]
fn a_seed_replays_exactly() {
    let [first, second] = [1, 2].map(|_| traced(77));
    assert!(first.len() > 50, "hardly anything happens: {}", first.len());
    assert_eq!(first, second);
}

#[test]
fn an_engine_without_fencing_is_caught() {
    assert!(run(FIRST..FIRST + TO_CATCH, Variant::NoFencing).is_some());
}

#[test]
fn a_lease_that_is_renewed_too_late_is_caught() {
    assert!(run(FIRST..FIRST + TO_CATCH, Variant::RenewalLate).is_some());
}

#[test]
fn an_answer_before_its_commit_is_caught() {
    assert!(run(FIRST..FIRST + TO_CATCH, Variant::AckBeforeCommit).is_some());
}

/// The first seed that fails, of those that all processors get through together.
fn run(seeds: Range<u64>, variant: Variant) -> Option<Failed> {
    let (first, next) = (seeds.start, Arc::new(AtomicU64::new(seeds.start)));
    let failed = Arc::new(Mutex::new(None));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let work = |_| {
        let (next, failed, end) = (next.clone(), failed.clone(), seeds.end);
        thread::spawn(move || {
            on_a_store(async |store| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end || failed.lock().unwrap().is_some() {
                        return;
                    }
                    if let Err(why) = World::new(store, seed, variant).run().await {
                        failed.lock().unwrap().get_or_insert(why);
                    }
                }
            });
        })
    };
    let threads: Vec<_> = (0..threads).map(work).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    println!("{variant:?}: {} seeds", next.load(Ordering::Relaxed) - first);
    failed.lock().unwrap().take()
}

/// Everything that happens under a seed.
fn traced(seed: u64) -> Vec<String> {
    let mut trace = Vec::new();
    on_a_store(async |store| {
        let mut world = World::new(store, seed, Variant::Sound);
        world.run().await.unwrap();
        trace = world.into_trace();
    });
    trace
}

/// A store of its own, in memory where the machine has a folder for that: what a commit costs is not the question here.
fn on_a_store(work: impl AsyncFnOnce(&Store)) {
    let memory = PathBuf::from("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let dir = dir.unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&dir.path().join("sim.db")).await.unwrap();
        work(&store).await;
        store.close().await;
    });
}

fn report(failed: Option<Failed>) {
    if let Some(Failed { seed, why, trace }) = failed {
        let tail = trace.len().saturating_sub(60);
        panic!(
            "seed {seed}: {why}\n{}\nreplay: SIM_SEED={seed} make sim",
            trace[tail..].join("\n")
        );
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
