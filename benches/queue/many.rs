//! A hundred thousand jobs that wait, a thousand that run, and how quickly a failed one runs again among them.

use crate::made::arrival;
use crate::rig::{Database, Rig, Spread};
use crate::{bare, tell};
use diarist::actors::engine::{Engine, Stages};
use diarist::actors::supervise::Part;
use diarist::clock;
use diarist::domain::ids::{JobId, TenantId};
use diarist::domain::job_state::JobState;
use diarist::store::arrivals::Arrival;
use diarist::store::jobs;
use serde_json::json;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

const WAITING: usize = 100_000;
const RUNNING: usize = 1_000;
const CLAIMS: usize = 300;
const PANICS: usize = 200;

pub async fn all(database: &Database) {
    let rig = Rig::open(database, "few").await;
    for _ in 0..CLAIMS {
        bare::take(&rig.store, &[arrival(3)]).await;
    }
    let few = claims(&rig).await;
    rig.close().await;

    let rig = Rig::open(database, "many").await;
    let began = clock::tick();
    let first = fill(&rig).await;
    let figures = json!({ "jobs": WAITING + RUNNING, "seconds": began.elapsed().as_secs_f64() });
    tell("jobs brought in, 250 in one commit", figures);
    let many = claims(&rig).await;
    let figures = json!({
        "few_p50_ms": few.p50, "few_p99_ms": few.p99, "p50_ms": many.p50, "p99_ms": many.p99,
    });
    tell("a claim where 100,000 jobs wait, beside one where 300 do", figures);

    // The jobs are in their first stage, and wait for a decoder that never ends.
    let before = resident_mb();
    let engine = rig.start(Stages::Real, endless(&rig), RUNNING).await;
    while running(&rig).await < RUNNING as i64 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let figures = json!({ "before_mb": before, "rss_mb": resident_mb() });
    tell("memory with 100,000 jobs that wait and 1,000 that run", figures);

    let mut times = Vec::new();
    for &job in first.iter().rev().take(PANICS) {
        times.push(panic_and_back(&engine, job).await);
    }
    let back = Spread::of(times);
    let figures = json!({ "p50_ms": back.p50, "p99_ms": back.p99, "max_ms": back.max });
    tell("from an actor's panic to its job running again", figures);
    engine.stop().await;
    rig.close().await;
}

/// How long it takes to claim one job after the other.
async fn claims(rig: &Rig) -> Spread {
    let node = bare::node(&rig.store).await;
    let mut times = Vec::new();
    for _ in 0..CLAIMS {
        let began = clock::tick();
        assert_eq!(bare::claim(&rig.store, &node, 1).await.len(), 1);
        times.push(began.elapsed());
    }
    Spread::of(times)
}

/// The jobs that are first in line have a recording.
async fn fill(rig: &Rig) -> Vec<JobId> {
    let mut first = Vec::new();
    let mut left = WAITING + RUNNING;
    while left > 0 {
        let few: Vec<Arrival> = (0..left.min(250)).map(|_| arrival(3)).collect();
        for arrival in few.iter().take(RUNNING - first.len().min(RUNNING)) {
            let upload = rig.folder.uploads().join("memo");
            fs::write(&upload, b"sound").unwrap();
            rig.folder.keep(&upload, arrival.id(), "memo.m4a").unwrap();
            first.push(arrival.id());
        }
        bare::take(&rig.store, &few).await;
        left -= few.len();
    }
    first
}

/// A program that takes whatever it is asked for, and never answers.
fn endless(rig: &Rig) -> PathBuf {
    let exe = rig.folder.root().join("endless");
    fs::write(&exe, "#!/bin/sh\nexec sleep 3600\n").unwrap();
    fs::set_permissions(&exe, fs::Permissions::from_mode(0o755)).unwrap();
    exe
}

async fn running(rig: &Rig) -> i64 {
    let counts = jobs::count_by_status(&rig.store).await.unwrap();
    counts.into_iter().filter(|(status, _)| status == "running").map(|(_, n)| n).sum()
}

/// Until the next incarnation is there, under the next epoch.
async fn panic_and_back(engine: &Engine, job: JobId) -> Duration {
    let path = format!("root/jobs/{job}");
    let epoch = || async {
        let found = jobs::get(engine.store(), &TenantId::local(), job).await.unwrap().unwrap();
        let JobState::Running(running) = found.state else { return None };
        Some(running.epoch)
    };
    let before = epoch().await.unwrap();
    let began = clock::tick();
    assert!(engine.crash_actor(&path));
    loop {
        let part = Part { depth: 0, ..Part::of(&path) };
        let actor = engine.actors_in(&part);
        let is_back = actor.is_some_and(|it| it.restarts > 0 && it.status == "running");
        if is_back && epoch().await.is_some_and(|epoch| epoch > before) {
            return began.elapsed();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn resident_mb() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm").unwrap();
    let resident: u64 = pages.split(' ').nth(1).unwrap().parse().unwrap();
    resident * 4_096 / 1_000_000
}
