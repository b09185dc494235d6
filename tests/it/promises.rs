//! What the engine promises of time, measured and printed: cancelling in every state, an end under load, a kill half-way,
//! and how soon work goes on after one.
//! The limits here are wide, since the machine may be busy with other tests; docs/benchmarks.md has the figures.

use super::http_stages::steer;
use super::kit::server::{Server, workers};
use super::kit::sse::{Event, events};
use super::kit::{data, postgres, sound};
use super::llm::Setting;
use chrono::{DateTime, TimeDelta, Utc};
use diarist::client::JobView;
use diarist::domain::ids::{Epoch, JobId, TenantId};
use diarist::domain::options::JobOptions;
use diarist::domain::record::{EventKind, JobEvent};
use diarist::store::{self, Store, chunks};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(5);
/// Beside other tests a chunk may take a minute.
const PATIENCE: Duration = Duration::from_secs(600);
const ROUNDS: usize = 5;
/// A language model is waited for as long as it takes.
const PATIENT: [(&str, &str); 2] = [
    ("DIARIST__LLM__LOCAL__FIRST_TOKEN_TIMEOUT_MS", "600000"),
    ("DIARIST__LLM__LOCAL__TIMEOUT", "600s"),
];
/// A worker that has used no processor for so long has stopped.
const STILL: Duration = Duration::from_millis(300);

/// Another tag makes another job of the same recording.
fn tagged() -> JobOptions {
    JobOptions { tags: vec![uuid::Uuid::now_v7().to_string()], ..JobOptions::default() }
}

fn heard_anew() -> JobOptions {
    JobOptions { note: false, force: true, ..JobOptions::default() }
}

async fn submit(server: &Server, file: &Path, options: &JobOptions) -> JobId {
    server.client.submit_file(file, options, None).await.unwrap().0.id
}

fn path(job: JobId) -> String {
    format!("/v1/jobs/{job}")
}

/// Looks until it is so, and says how long that took since `from`.
async fn so(what: &str, from: Instant, is: impl AsyncFn() -> bool) -> Duration {
    while !is().await {
        assert!(from.elapsed() < PATIENCE, "not seen: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    from.elapsed()
}

/// Looks at the server until it is so.
async fn seen(server: &Server, path: &str, what: &str, is: impl Fn(&Value) -> bool) {
    so(what, Instant::now(), async || is(&server.json(path).await)).await;
}

/// What a process has used of the processors so far, in milliseconds.
fn cpu_ms(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ');
    // A tick has ten milliseconds.
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}

/// How long after `from` a process has used the processor last, or has ended, and how much it used since it had
/// used `before`.
async fn stops(process: u32, before: u64, from: Instant) -> (Duration, u64) {
    let (mut used, mut last) = (before, from);
    while last.elapsed() < STILL {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let now = cpu_ms(process);
        if now < used {
            return (from.elapsed(), used - before);
        }
        if now != used {
            (used, last) = (now, Instant::now());
        }
    }
    (last - from, used - before)
}

/// What is said of the times of a state, and whether they are within the limit.
fn figures(state: &str, mut took: Vec<Duration>) -> String {
    took.sort();
    let (median, most) = (took[took.len() / 2], took[took.len() - 1]);
    assert!(most < LIMIT, "{state}: it goes on for {most:?} after it was cancelled");
    format!("cancelled while {state}: p50 {median:.0?}, max {most:.0?}")
}

/// Cancels jobs in every state.
struct Canceller {
    setting: Setting,
    server: Server,
    memo: PathBuf,
    /// Takes a moment to decode.
    long: PathBuf,
    /// Takes a moment to hear.
    chunks: PathBuf,
    /// Those that were cancelled, as they were then.
    over: Vec<JobView>,
}

impl Canceller {
    async fn start(dir: &Path) -> Self {
        // Nothing but the cancellation ends a call that hangs.
        let settings = [&PATIENT[..], &[("DIARIST__WHISPER__SLOTS_MAX", "2")]].concat();
        let setting = Setting::new("best", &["local"], &settings).await;
        let server = setting.start(dir);
        let (memo, long) = (data("memo.wav"), sound::speech(dir, 600));
        let chunks = sound::speech(dir, 120);
        Self { setting, server, memo, long, chunks, over: Vec::new() }
    }

    async fn submit(&self, file: &Path, options: JobOptions) -> JobId {
        submit(&self.server, file, &options).await
    }

    /// Cancels a job; its events have an end then. The moment of the answer.
    async fn cancel(&mut self, job: JobId) -> Instant {
        let told = self.server.client.cancel(job).await.unwrap();
        let answered = Instant::now();
        assert_eq!(told.status, "cancelled");
        let events = super::kit::server::follow(&self.server.client, job, 0).await.unwrap();
        assert_eq!(events.last().unwrap().data["status"], "cancelled");
        self.over.push(told);
        answered
    }

    async fn waiting(&mut self, run_at: Option<TimeDelta>) -> Vec<Duration> {
        let mut took = Vec::new();
        steer(&self.server, "ingest", "pause").await;
        for _ in 0..ROUNDS {
            let run_at = run_at.map(|later| (Utc::now() + later).fixed_offset());
            let job = self.submit(&self.memo, JobOptions { run_at, ..tagged() }).await;
            took.push(self.cancel(job).await.elapsed());
        }
        steer(&self.server, "ingest", "resume").await;
        took
    }

    async fn ingesting(&mut self) -> Vec<Duration> {
        let mut took = Vec::new();
        for _ in 0..ROUNDS {
            let job = self.submit(&self.long, heard_anew()).await;
            let server = self.server.pid();
            let children = || workers(server, "decode-worker");
            so("a decoder", Instant::now(), async || !children().is_empty()).await;
            // It can neither finish nor end by itself now.
            children().into_iter().for_each(|child| signal(child, Signal::STOP));
            assert_eq!(self.server.json(&path(job)).await["stage"], "ingest");
            let answered = self.cancel(job).await;
            took.push(so("no decoder", answered, async || children().is_empty()).await);
        }
        took
    }

    /// Also the processor time that Whisper used after the answers.
    async fn inside_inference(&mut self) -> (Vec<Duration>, u64) {
        let (mut took, mut used_ms) = (Vec::new(), 0);
        for _ in 0..ROUNDS {
            let job = self.submit(&self.chunks, heard_anew()).await;
            let hears = |job: &Value| job["stage"] == "transcribe";
            seen(&self.server, &path(job), "a transcription", hears).await;
            let server = self.server.pid();
            let children = || workers(server, "whisper-worker");
            so("a worker", Instant::now(), async || !children().is_empty()).await;
            let child = children()[0];
            let before = cpu_ms(child);
            so("an inference", Instant::now(), async || cpu_ms(child) > before + 200).await;
            self.over.push(self.server.client.cancel(job).await.unwrap());
            let (time, used) = stops(child, cpu_ms(child), Instant::now()).await;
            took.push(time);
            used_ms += used;
        }
        (took, used_ms)
    }

    async fn composing(&mut self) -> Vec<Duration> {
        let mut took = Vec::new();
        self.setting.reset().await;
        self.setting.script(json!({ "fault": "hang", "times": 100 })).await;
        for asked in 0..ROUNDS {
            let job = self.submit(&self.memo, tagged()).await;
            self.setting.called(asked as u64 + 1).await;
            let answered = self.cancel(job).await;
            let left = async || {
                let calls = self.setting.calls().await;
                let mut calls = calls["calls"].as_array().unwrap().iter();
                calls.all(|call| call["outcome"] == "client_left")
            };
            took.push(so("the call given up", answered, left).await);
        }
        took
    }

    async fn parked(&mut self) -> Vec<Duration> {
        let mut took = Vec::new();
        self.setting.reset().await;
        self.setting.script(json!({ "fault": { "rate_limited": "date" }, "times": 1_000 })).await;
        for _ in 0..ROUNDS {
            let job = self.submit(&self.memo, tagged()).await;
            let is_parked = |seen: &Value| seen["status"] == "parked";
            seen(&self.server, &path(job), "a parked job", is_parked).await;
            took.push(self.cancel(job).await.elapsed());
        }
        took
    }
}

#[tokio::test]
async fn a_cancelled_job_stops_in_every_state() {
    let dir = tempfile::tempdir().unwrap();
    let mut jobs = Canceller::start(dir.path()).await;
    let calm = jobs.server.run(&sound::speech(dir.path(), 60), &heard_anew()).await;
    let calm = jobs.server.json(&path(calm.id)).await;
    let per_chunk_ms = calm["cost"]["cpu_ms"].as_u64().unwrap() / 3;
    println!("{}", figures("queued", jobs.waiting(None).await));
    println!("{}", figures("scheduled", jobs.waiting(Some(TimeDelta::hours(1))).await));
    println!("{}", figures("ingesting", jobs.ingesting().await));
    let (took, used_ms) = jobs.inside_inference().await;
    println!(
        "{used_ms} ms of processor after {ROUNDS} cancellations, a chunk takes {per_chunk_ms} ms"
    );
    println!("{}", figures("inside inference", took));
    println!("{}", figures("a language model is asked", jobs.composing().await));
    println!("{}", figures("parked", jobs.parked().await));
    for told in &jobs.over {
        let now = jobs.server.client.job(told.id).await.unwrap();
        let (was, is) = (told.last_event_id, now.last_event_id);
        assert_eq!((now.status.as_str(), is), ("cancelled", was), "it went on after its end");
    }
    // A busy machine makes it slow, and no machine makes it use more of the processor.
    assert!(used_ms < ROUNDS as u64 * per_chunk_ms * 3 / 4, "chunks were heard to their end");
}

/// Whether a job is being transcribed, and a chunk of it is done.
fn hears(seen: &Value) -> bool {
    seen["stage"] == "transcribe" && seen["progress"]["stage_fraction"].as_f64() > Some(0.0)
}

fn signal(process: u32, signal: Signal) {
    let _ = kill_process(Pid::from_raw(i32::try_from(process).unwrap()).unwrap(), signal);
}

#[tokio::test]
async fn a_node_ends_in_time_under_load_and_nobody_pays_for_it() {
    const WAITING: usize = 50;
    let dir = tempfile::tempdir().unwrap();
    let three = [&PATIENT[..], &[("DIARIST__ENGINE__MAX_ACTIVE_JOBS", "3")]].concat();
    let setting = Setting::new("best", &["local"], &three).await;
    setting.script(json!({ "fault": "hang", "times": 100 })).await;
    let server = setting.start(dir.path());
    let mut jobs = vec![submit(&server, &data("memo.wav"), &tagged()).await];
    setting.called(1).await;
    // The long ones come to their place before the others may: all three places are taken from then on.
    steer(&server, "transcribe", "pause").await;
    let long = sound::speech(dir.path(), 240);
    for _ in 0..2 {
        jobs.push(submit(&server, &long, &heard_anew()).await);
    }
    let decoded = |seen: &Value| seen["items"][1]["waiting"] == 2;
    seen(&server, "/v1/admin/stages", "both decoded", decoded).await;
    steer(&server, "ingest", "pause").await;
    let waiting = sound::speech(dir.path(), 61);
    for _ in 0..WAITING {
        jobs.push(submit(&server, &waiting, &heard_anew()).await);
    }
    steer(&server, "transcribe", "resume").await;
    for job in &jobs[1..3] {
        seen(&server, &path(*job), "a chunk heard", hears).await;
    }
    steer(&server, "ingest", "resume").await;
    let mut told = Vec::new();
    for job in &jobs[1..3] {
        told.push(server.client.job(*job).await.unwrap().last_event_id);
    }

    let (begun, at) = (Instant::now(), Utc::now());
    assert_eq!(server.terminate(), 0);
    let took = begun.elapsed();
    println!("SIGTERM under load: {took:.1?}");
    assert!(took < Duration::from_secs(30), "{took:?}");
    let store = Store::open(&dir.path().join("diarist.db")).await.unwrap();
    for (n, id) in jobs.iter().enumerate() {
        waits_without_blame(&store, *id, n, at).await;
    }
    for (id, told) in jobs[1..3].iter().zip(told) {
        println!("{}", keeps_what_it_told(&store, *id, told).await);
    }
    store.close().await;
}

/// Has not been claimed after the signal, nor at all unless it had a place, and has lost no attempt.
async fn waits_without_blame(store: &Store, id: JobId, n: usize, signal: DateTime<Utc>) {
    let tenant = TenantId::local();
    let job = store::jobs::get(store, &tenant, id).await.unwrap().unwrap();
    let attempt = job.state.work().unwrap().attempt;
    // What could not be finished in time is cut off: the next start takes its job back from the node that is gone.
    let is_cut_off = n < 3 && job.state.status() == "running";
    assert!(is_cut_off || job.state.status() == "queued", "job {n} is {}", job.state.status());
    assert_eq!(attempt, 1, "job {n}");
    let events = store::events::after(store, &tenant, id, 0, 10_000).await.unwrap();
    let claims = events.iter().filter(|event| event.data["status"] == "running");
    let claims: Vec<_> = claims.map(|event| event.at).collect();
    assert!(claims.iter().all(|at| *at <= signal), "job {n} was claimed after the signal");
    assert_eq!(claims.is_empty(), n >= 3, "job {n}: {} claims", claims.len());
}

/// Every segment that a listener has heard of is there, and those of chunks that were still under way then.
async fn keeps_what_it_told(store: &Store, id: JobId, told: i64) -> String {
    let tenant = TenantId::local();
    let events = store::events::after(store, &tenant, id, 0, 10_000).await.unwrap();
    let segments = |events: &[JobEvent]| {
        events.iter().filter(|event| event.kind == EventKind::Segment).count()
    };
    let (before, all) = (segments(&events[..usize::try_from(told).unwrap()]), segments(&events));
    assert!(before > 0);
    let chunks = chunks::list(store, &tenant, id).await.unwrap();
    let kept = chunks.iter().filter_map(|chunk| chunk.segments.as_ref()).map(Vec::len);
    assert_eq!(kept.sum::<usize>(), all, "what was told is not what is kept");
    format!("segments told before the signal: {before}, kept in the end: {all}")
}

/// The stretches that were begun, those that were kept, and how far it has come, as a listener is told them.
#[derive(Default)]
struct Seen {
    begun: BTreeSet<u64>,
    kept: BTreeSet<u64>,
    fraction: f64,
}

impl Seen {
    fn of(events: &[Event]) -> Self {
        let mut seen = Self::default();
        for event in events {
            let data: Value = serde_json::from_str(&event.data).unwrap();
            match event.name.as_str() {
                "partial" => drop(seen.begun.insert(data["start_ms"].as_u64().unwrap())),
                "segment" => {
                    // Each segment is of the stretch that was begun last before it.
                    let start_ms = data["start_ms"].as_u64().unwrap();
                    seen.kept.extend(seen.begun.range(..=start_ms).next_back());
                }
                _ => {}
            }
            seen.fraction = data["fraction"].as_f64().unwrap_or(0.0).max(seen.fraction);
        }
        seen
    }
}

#[tokio::test]
async fn a_recording_that_is_killed_half_way_hears_at_most_a_chunk_a_slot_again() {
    const SLOTS: usize = 2;
    let dir = tempfile::tempdir().unwrap();
    let settings = [("DIARIST__WHISPER__SLOTS_MAX", "2")];
    let server = Server::start_with(dir.path(), &settings);
    let job = submit(&server, &sound::speech(dir.path(), 600), &heard_anew()).await;
    let mut stream = server.get(&format!("{}/events", path(job))).await;
    let mut text = Vec::new();
    let before = loop {
        text.extend(stream.chunk().await.unwrap().unwrap());
        let seen = Seen::of(&events(&String::from_utf8_lossy(&text)));
        if seen.fraction >= 0.5 {
            break seen;
        }
    };
    server.kill();
    let server = Server::start_with(dir.path(), &settings);
    let told = server.client.job(job).await.unwrap();
    assert!(!told.is_over());
    let after = server.get(&format!("{}/events?after={}", path(job), told.last_event_id)).await;
    let after = Seen::of(&events(&after.text().await.unwrap()));
    assert_eq!(server.client.job(job).await.unwrap().status, "done");
    let again: BTreeSet<_> = before.begun.intersection(&after.begun).collect();
    let (first, second) = (before.begun.len(), after.begun.len());
    println!(
        "begun before the kill {first}, of these kept {}; begun after it {second}, again {}",
        before.kept.len(),
        again.len()
    );
    assert!(before.kept.len() >= 8 && second >= 8, "it was not killed half-way");
    assert!(before.kept.is_disjoint(&after.begun), "what was kept was heard again");
    assert!(again.len() <= SLOTS, "{again:?}");
}

/// How soon a job runs again after its node was killed and started again.
#[tokio::test]
async fn after_a_kill_and_a_restart_the_work_goes_on_at_once() {
    let url = postgres::fresh();
    for database in [None, Some(url.as_str())] {
        let dir = tempfile::tempdir().unwrap();
        let settings: Vec<_> =
            database.map(|url| ("DIARIST__DATABASE__URL", url)).into_iter().collect();
        let mut server = Server::start_with(dir.path(), &settings);
        let job = submit(&server, &sound::speech(dir.path(), 600), &heard_anew()).await;
        let store = match database {
            Some(url) => postgres::open(url).await,
            None => Store::open(&dir.path().join("diarist.db")).await.unwrap(),
        };
        let (_, mut epoch) = claimed(&store, job, Epoch(0)).await;
        let mut took = Vec::new();
        for _ in 0..kills() {
            server.kill();
            let executed = Utc::now();
            server = Server::start_with(dir.path(), &settings);
            let (at, next) = claimed(&store, job, epoch).await;
            took.push((at - executed).to_std().unwrap_or_default());
            epoch = next;
        }
        took.sort();
        let (p50, p99) = (took[took.len() / 2], took[took.len() * 99 / 100]);
        let on = database.map_or("SQLite", |_| "PostgreSQL");
        println!("{} kills on {on}: goes on after p50 {p50:?}, p99 {p99:?}", took.len());
        assert!(p50 < LIMIT, "{took:?}");
    }
}

/// A measurement takes more of them.
fn kills() -> usize {
    std::env::var("PROMISES_KILLS").map_or(5, |kills| kills.parse().unwrap())
}

/// When the job was first claimed after this claim, and under which one.
async fn claimed(store: &Store, job: JobId, after: Epoch) -> (DateTime<Utc>, Epoch) {
    let tenant = TenantId::local();
    so("a later claim", Instant::now(), async || {
        let job = store::jobs::get(store, &tenant, job).await.unwrap().unwrap();
        job.state.epoch().is_some_and(|epoch| epoch > after)
    })
    .await;
    let events = store::events::after(store, &tenant, job, 0, 10_000).await.unwrap();
    let mut states = events.iter().filter(|event| event.kind == EventKind::State);
    let later = |event: &&JobEvent| {
        event.data["status"] == "running" && event.data["epoch"].as_i64() > Some(after.0)
    };
    let first = states.find(later).unwrap();
    (first.at, Epoch(first.data["epoch"].as_i64().unwrap()))
}
