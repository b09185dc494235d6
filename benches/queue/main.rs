//! What the engine's own work costs, with stages in which nothing is done, on real databases in their full durability.
//!
//! `cargo bench --bench queue -- sqlite FOLDER`, `… -- postgres URL`: jobs a second, from being handed in to being done,
//! beside a bare loop of the same statements, and how soon a job starts. `… -- many FOLDER`: a hundred thousand jobs that
//! wait and a thousand that run. Each measurement is a line of JSON.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench fails by panicking, and tells its results"
)]

mod bare;
mod made;
mod many;
mod rig;
mod through;

use rig::{Database, Rig};
use serde_json::json;
use std::path::PathBuf;

/// The jobs of one stage that the engine is to take through their life in a second.
const LIFECYCLES_PER_S: f64 = 3_000.0;

/// Settings that the peers know as well.
struct Settings {
    jobs: usize,
    in_flight: usize,
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let number = |flag: &str, default| {
        let at = args.iter().position(|arg| arg == flag);
        at.and_then(|at| args.get(at + 1)).map_or(default, |number| number.parse().unwrap())
    };
    let settings =
        Settings { jobs: number("--jobs", 20_000), in_flight: number("--in-flight", 128) };
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let temp = tempfile::tempdir().unwrap();
    let lite = |folder: &str| Database::Lite(PathBuf::from(folder));
    match words[..] {
        ["sqlite", folder, ..] => runtime.block_on(all(&lite(folder), &settings)),
        ["postgres", url, ..] => runtime.block_on(all(&Database::Pg(url.to_owned()), &settings)),
        ["many", folder] => runtime.block_on(many::all(&lite(folder))),
        [] => runtime.block_on(all(&Database::Lite(temp.path().to_owned()), &settings)),
        _ => panic!("say: sqlite FOLDER, postgres URL, or many FOLDER"),
    }
}

async fn all(database: &Database, settings: &Settings) {
    let Settings { jobs, in_flight } = *settings;
    let rig = Rig::open(database, "bare").await;
    let commits = bare::two_commits(&rig.store).await;
    tell("two bare commits", json!({ "p50_ms": commits.p50, "p99_ms": commits.p99 }));
    let bare = bare::lifecycles(&rig.store, jobs, in_flight).await;
    tell_rate("bare loop of the same statements", jobs, bare);
    rig.close().await;

    let one = through::lifecycles(database, "one", 1, jobs, in_flight).await;
    tell_rate("lifecycle", jobs, one);
    let three = through::lifecycles(database, "three", 3, jobs / 2, in_flight).await;
    tell_rate("lifecycle of three stages", jobs / 2, three);
    let half = jobs as f64 / one / 2.0;
    for (what, rate) in [
        ("enqueue to start at half load", half),
        ("enqueue to start at half of what is asked for", LIFECYCLES_PER_S / 2.0),
    ] {
        let starts = through::starts(database, "starts", rate, in_flight).await;
        let to_commits = starts.p99 / commits.p99;
        let figures = json!({
            "per_s": rate.round(), "p50_ms": starts.p50, "p99_ms": starts.p99, "to_two_commits": to_commits,
        });
        tell(what, figures);
    }
}

fn tell_rate(what: &str, jobs: usize, seconds: f64) {
    let rate = (jobs as f64 / seconds).round();
    tell(what, json!({ "jobs": jobs, "seconds": seconds, "jobs_per_s": rate }));
}

/// In the form that the peers use as well.
fn tell(what: &str, figures: serde_json::Value) {
    let mut line = json!({ "peer": "diarist", "version": env!("CARGO_PKG_VERSION"), "what": what });
    let (Some(line), Some(figures)) = (line.as_object_mut(), figures.as_object()) else { return };
    line.extend(figures.clone());
    println!("{}", json!(line));
}
