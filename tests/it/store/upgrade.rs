//! A diary of the release before becomes one of this release: the tables as they were then, with data in every state.

use super::sample::at;
use crate::kit::postgres;
use diarist::config::{DatabaseConfig, Overrides, load};
use diarist::domain::dispatch::Lane;
use diarist::domain::ids::{NodeId, TenantId};
use diarist::domain::job::Job;
use diarist::store::arrivals::{self, Arrival, Arrived};
use diarist::store::claims::{self, Head, Wish};
use diarist::store::{
    Store, entries, events, failures, jobs, labels, nodes, notes, transcripts, upkeep,
};
use sqlx::migrate::Migrator;
use sqlx::{PgPool, SqlitePool};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// The last migration that the release before knew; PostgreSQL's first one is as old.
const BEFORE: u32 = 8;

/// One job a state, as that release wrote them: `seq` counts events, and `epoch` still counted transitions.
const JOBS: [(&str, &str, &str); 6] = [
    (
        "01",
        "queued",
        r#"{"status":"queued","work":{"stage":"ingest","attempt":1,"wants_note":true},"not_before":"2026-01-01T00:00:00Z"}"#,
    ),
    (
        "02",
        "running",
        r#"{"status":"running","work":{"stage":"transcribe","attempt":1,"wants_note":true},"epoch":3}"#,
    ),
    (
        "03",
        "parked",
        r#"{"status":"parked","work":{"stage":"compose","attempt":1,"wants_note":true},"until":"2026-01-02T00:00:00Z","why":{"code":"llm_limited","message":"later","hint":"","verdict":{"park":{"until":"2026-01-02T00:00:00Z"}}}}"#,
    ),
    (
        "04",
        "failed",
        r#"{"status":"failed","work":{"stage":"ingest","attempt":5,"wants_note":true},"why":{"code":"no_audio","message":"no sound","hint":"send another","verdict":"give_up"}}"#,
    ),
    (
        "05",
        "cancelled",
        r#"{"status":"cancelled","work":{"stage":"ingest","attempt":1,"wants_note":true}}"#,
    ),
    ("06", "done", r#"{"status":"done"}"#),
];

const NOTE: &str = r#"{"title":"A day at the sea","recorded_at":"2026-01-01T10:00:00+01:00","summary":"We went to the sea.","sections":[],"mood":null,"people":[],"places":[],"todos":[],"tags":["sea"],"quotes":[],"open_questions":[],"composer":{"provider":"extractive","model":null,"template":"diary","version":1},"coverage":1.0}"#;

fn id(n: &str) -> String {
    format!("01900000-0000-7000-8000-0000000000{n}")
}

fn data() -> Vec<String> {
    let mut all = Vec::new();
    for (nth, (n, status, state)) in JOBS.iter().enumerate() {
        let id = id(n);
        let told = format!(
            r#"{{"status":"{status}","stage":null,"attempt":{},"epoch":3}}"#,
            attempt(status)
        );
        let due = match *status {
            "queued" | "running" => "1767225600000",
            "parked" => "1767312000000",
            _ => "null",
        };
        let stage = match *status {
            "running" => "'transcribe'",
            "parked" => "'compose'",
            "done" => "null",
            _ => "'ingest'",
        };
        all.push(format!(
            "insert into jobs (id, tenant, state, status, stage, attempt, epoch, priority, due_at, options, file_name, audio, \
             recorded_at, language, model, fraction, cpu_ms, last_seq, told_chunks, told_segments, fingerprint, hearing, \
             created_at, spoken_at) values ('{id}', 'local', '{state}', '{status}', {stage}, {}, 3, 1, {due}, \
             '{{\"language\":\"auto\",\"task\":\"transcribe\",\"word_timestamps\":false,\"note\":true,\"priority\":\"normal\",\"tags\":[\"old\"],\"force\":false}}', \
             'Memo {n}.m4a', '{{\"duration_ms\":4000,\"format\":\"isomp4\",\"codec\":\"aac\",\"channels\":1,\"sample_rate_hz\":48000,\"bytes\":9,\"sha256\":\"{n}\"}}', \
             '2026-01-01T10:00:00+01:00', 'en', '{{\"name\":\"base\",\"sha256\":\"aa\"}}', 0.5, 7, 2, 1, 1, 'print {n}', 'hears {n}', \
             {}, '2026-01-01T10:00:00')",
            attempt(status),
            1_767_225_600_000i64 + nth as i64,
        ));
        for (seq, payload) in [(1, told.replace(status, "received")), (2, told)] {
            let position = nth * 2 + seq;
            all.push(format!(
                "insert into job_events (job_id, tenant, seq, at, kind, payload, position) values \
                 ('{id}', 'local', {seq}, 1767225600000, 'state', '{payload}', {position})"
            ));
        }
        all.push(format!(
            "insert into job_tags (job_id, tenant, idx, tag, is_trashed) values ('{id}', 'local', 0, 'old', 0)"
        ));
    }
    let done = id("06");
    all.push(format!("insert into feeds (tenant, last) values ('local', {})", JOBS.len() * 2));
    all.push(format!(
        "insert into chunks (job_id, tenant, idx, start_sample, end_sample, deaths, segments) values ('{done}', 'local', 0, 0, 64000, 0, \
         '[{{\"id\":0,\"start_ms\":0,\"end_ms\":4000,\"text\":\"We went to the sea.\",\"language\":\"en\",\"avg_logprob\":-0.2,\"no_speech_prob\":0.0,\"words\":[]}}]')"
    ));
    all.push(format!(
        "insert into notes (job_id, tenant, note, created_at, spoken_at, title, summary) values \
         ('{done}', 'local', '{NOTE}', 1767225600000, '2026-01-01T10:00:00', 'A day at the sea', 'We went to the sea.')"
    ));
    all.push(format!(
        "insert into idempotency_keys (tenant, key, fingerprint, job_id, created_at) values \
         ('local', 'k', 'print 06', '{done}', 1767225600000)"
    ));
    all
}

fn attempt(status: &str) -> u32 {
    match status {
        "done" => 0,
        "failed" => 5,
        _ => 1,
    }
}

/// The migrations up to the release before.
async fn before(folder: &str) -> Migrator {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
    let some = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(all).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name[..4].parse::<u32>().unwrap() <= BEFORE {
            fs::copy(&path, some.path().join(name)).unwrap();
        }
    }
    Migrator::new(some.path()).await.unwrap()
}

#[tokio::test]
async fn sqlite_takes_over_from_the_release_before() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("diarist.db");
    let pool = SqlitePool::connect(&format!("sqlite://{}?mode=rwc", file.display())).await.unwrap();
    before("sqlite").await.run(&pool).await.unwrap();
    for sql in data() {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let config = load(&Overrides::default()).unwrap().config.database;
    goes_on(&config, &file).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_takes_over_from_the_release_before() {
    let url = postgres::fresh();
    let pool = PgPool::connect(&url).await.unwrap();
    before("postgres").await.run(&pool).await.unwrap();
    for sql in data() {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    pool.close().await;
    goes_on(&postgres::config(&url), Path::new("/nowhere")).await;
}

/// All that was there is there, and what was not over goes on.
async fn goes_on(config: &DatabaseConfig, file: &Path) {
    let store = Store::connect(config, file).await.unwrap();
    let (tenant, node) = (TenantId::local(), NodeId("node".into()));
    let filter = jobs::Filter { limit: 99, ..jobs::Filter::default() };
    let all = jobs::list(&store, &tenant, &filter).await.unwrap();
    assert_eq!(all.len(), JOBS.len());
    let named = |n: &str| all.iter().find(|job| job.id.to_string() == id(n)).unwrap();
    for (n, status, _) in JOBS {
        let told = events::after(&store, &tenant, named(n).id, 0, 9).await.unwrap();
        assert_eq!((named(n).state.status(), told.len()), (status, 2));
    }

    let done = named("06");
    let note = notes::get(&store, &tenant, done.id).await.unwrap().unwrap();
    assert_eq!(note.title, "A day at the sea");
    let transcript = transcripts::get(&store, done).await.unwrap();
    assert_eq!(transcript.text.trim(), "We went to the sea.");
    let filter = entries::Filter { limit: 9, ..entries::Filter::default() };
    assert_eq!(entries::list(&store, &tenant, &filter).await.unwrap().len(), JOBS.len());
    assert_eq!(labels::count(&store, &tenant).await.unwrap(), [("old".to_owned(), 6)]);
    let failed = failures::ids(&store, &tenant, Some("no_audio"), 9).await.unwrap();
    assert_eq!(failed, [named("04").id]);

    let mut tx = store.write().await.unwrap();
    nodes::begin(&mut tx, &node, "home", Duration::from_secs(60)).await.unwrap();
    claims::wake_queued(&mut tx, at(1)).await.unwrap();
    let heads = Head::all(&Lane::ALL);
    let wish = Wish { tenant: &tenant, heads: &heads, most: 9, home: None };
    let claimed = claims::claim(&mut tx, &node, &wish, at(1)).await.unwrap();
    assert_eq!(claimed.iter().map(|job| job.id).collect::<Vec<_>>(), [named("01").id]);
    let mut again = Arrival::new(done.clone(), Vec::new(), "print 06".to_owned());
    again.key = Some("k".to_owned());
    let known = arrivals::take_all(&mut tx, &[again], at(1)).await.unwrap();
    assert!(matches!(&known[..], [Arrived::Known(Job { id, .. })] if *id == done.id), "{known:?}");
    tx.commit().await.unwrap();
    let left = claims::held(&store, &node).await.unwrap();
    assert!(left.iter().any(|held| held.job == named("02").id), "what ran there is given back");
    let due = claims::due(&store, at(60 * 24 * 2)).await.unwrap();
    assert_eq!(due.iter().map(|job| job.id).collect::<Vec<_>>(), [named("03").id]);
    store.close().await;
    assert_eq!(upkeep::verify(config, file).await.unwrap(), Vec::<String>::new());
}
