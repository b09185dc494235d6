//! The same random operations on SQLite and on PostgreSQL: what they answer and what they leave has to be the same.

use super::sample::{at, chunks, job, job_id, note, segment};
use crate::kit::postgres;
use diarist::domain::amendment::Amendment;
use diarist::domain::edits::{Edit, Revision};
use diarist::domain::failure::Failure;
use diarist::domain::ids::{Epoch, TenantId};
use diarist::domain::job::Job;
use diarist::domain::job_state::{Break, Event, JobState};
use diarist::domain::llm::{CallId, CallKey, ProviderId, Usage};
use diarist::domain::retry::RetryPolicy;
use diarist::domain::search::terms;
use diarist::domain::transcript::Gap;
use diarist::store::arrivals::{self, Arrival};
use diarist::store::transitions::{self, Guard, Transition};
use diarist::store::{
    Store, StoreError, Tx, chunks as kept_chunks, entries, events, gaps, jobs, labels, llm_calls,
    notes, pace, passages, removals, revisions, search, transcripts, trash,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sqlx::{Column, PgPool, Row, SqlitePool, TypeInfo, ValueRef};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU32, Ordering};
use uuid::Uuid;

const CASES: u32 = 20;
/// Jobs that the operations are about.
const JOBS: u32 = 4;

const TEXTS: [&str; 8] = [
    "We walked to the café in Tromsø.",
    "The new roof, the NEW roof!",
    "don’t — 3.5 % of naïve ÉTÉ",
    "",
    "  ",
    "roof\troof \u{e000} roof",
    "日本語 と ελληνικά",
    "a",
];
const QUERIES: [&str; 9] = [
    "roof",
    "\"new roof\"",
    "caf*",
    "naive ete",
    "don't",
    "TROMSØ",
    "ελληνικα",
    "ΕΛΛΗΝΙΚΆ",
    "roof walked",
];
const TAGS: [&[&str]; 4] = [&[], &["home"], &["home", "ünï"], &["b", "a", "b"]];
/// Every table with a tenant, and what is of its own kind in one of the databases.
const TABLES: [(&str, &[&str]); 10] = [
    ("jobs", &[]),
    ("job_events", &[]),
    ("chunks", &[]),
    ("gaps", &[]),
    ("notes", &[]),
    ("job_tags", &[]),
    ("transcript_versions", &[]),
    ("llm_calls", &[]),
    ("feeds", &[]),
    ("passages", &["id", "words"]),
];

/// One thing that is done; the first number says to which job.
#[derive(Debug, Clone)]
enum Op {
    Create(u32, usize),
    Step(u32, u8, bool),
    /// Steps of several jobs, and perhaps several of one, in one statement.
    Together(Vec<(u32, u8, bool)>),
    /// Which job, its tags, its fingerprint, its key, and whether it is forced.
    Arrive(Vec<(u32, usize, u8, Option<u8>, bool)>),
    Learn(u32, u8),
    Plan(u32, u64),
    Hear(u32, i64, usize),
    Die(u32, i64),
    Gap(u32),
    Note(u32, usize, usize),
    Amend(u32, Option<usize>, Option<usize>),
    Correct(u32, usize),
    Index(u32),
    Trash(u32, bool),
    Remove(u32),
    Call(u32, u8),
    Search(usize),
    List(Option<usize>, bool, i64),
}

fn op() -> impl Strategy<Value = Op> {
    let one = || 0..JOBS;
    prop_oneof![
        3 => (one(), 0..TAGS.len()).prop_map(|(n, tags)| Op::Create(n, tags)),
        8 => (one(), 0..7u8, prop::bool::weighted(0.1)).prop_map(|(n, e, stale)| Op::Step(n, e, stale)),
        4 => prop::collection::vec((one(), 0..7u8, prop::bool::weighted(0.1)), 1..5).prop_map(Op::Together),
        2 => prop::collection::vec(arrival(), 1..4).prop_map(Op::Arrive),
        1 => (one(), any::<u8>()).prop_map(|(n, by)| Op::Learn(n, by)),
        2 => (one(), 0..4u64).prop_map(|(n, count)| Op::Plan(n, count)),
        5 => (one(), 0..4i64, 0..TEXTS.len()).prop_map(|(n, idx, text)| Op::Hear(n, idx, text)),
        1 => (one(), 0..4i64).prop_map(|(n, idx)| Op::Die(n, idx)),
        1 => one().prop_map(Op::Gap),
        2 => (one(), 0..TEXTS.len(), 0..TAGS.len()).prop_map(|(n, text, tags)| Op::Note(n, text, tags)),
        2 => (one(), prop::option::of(0..TEXTS.len()), prop::option::of(0..TAGS.len()))
            .prop_map(|(n, title, tags)| Op::Amend(n, title, tags)),
        1 => (one(), 0..TEXTS.len()).prop_map(|(n, text)| Op::Correct(n, text)),
        2 => one().prop_map(Op::Index),
        2 => (one(), any::<bool>()).prop_map(|(n, into)| Op::Trash(n, into)),
        1 => one().prop_map(Op::Remove),
        2 => (one(), 0..4u8).prop_map(|(n, how)| Op::Call(n, how)),
        3 => (0..QUERIES.len()).prop_map(Op::Search),
        2 => (prop::option::of(0..TAGS.len()), any::<bool>(), 1..5i64)
            .prop_map(|(tag, is_trashed, limit)| Op::List(tag, is_trashed, limit)),
    ]
}

fn arrival() -> impl Strategy<Value = (u32, usize, u8, Option<u8>, bool)> {
    (0..JOBS, 0..TAGS.len(), 0..3u8, prop::option::of(0..2u8), prop::bool::weighted(0.3))
}

#[test]
fn the_two_databases_agree() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (file, url) = (dir.path().join("diarist.db"), postgres::fresh());
    let (lite, pg) =
        runtime.block_on(async { (Store::open(&file).await.unwrap(), postgres::open(&url).await) });
    let (rows_of_lite, rows_of_pg) = runtime.block_on(async {
        let lite = SqlitePool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
        (lite, PgPool::connect(&url).await.unwrap())
    });
    let cases = AtomicU32::new(0);
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let ops = prop::collection::vec(op(), 10..60);
    let outcome = TestRunner::new(config).run(&ops, |ops| {
        // Each case has the databases to itself, under a tenant of its own.
        let case = cases.fetch_add(1, Ordering::Relaxed);
        let tenant = TenantId::from(format!("case {case}"));
        runtime.block_on(async {
            for (nth, op) in (0i64..).zip(&ops) {
                let (on_lite, on_pg) =
                    tokio::join!(perform(&lite, &tenant, op, nth), perform(&pg, &tenant, op, nth));
                prop_assert_eq!(on_lite, on_pg, "{:?}", op);
            }
            for (table, but) in TABLES {
                let lite = rows_of_sqlite(&rows_of_lite, table, &tenant, but).await;
                let pg = rows_of_postgres(&rows_of_pg, table, &tenant, but).await;
                prop_assert_eq!(lite, pg, "{}", table);
            }
            Ok(())
        })
    });
    runtime.block_on(async { tokio::join!(lite.close(), pg.close()) });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// What the store answers, as text.
async fn perform(store: &Store, tenant: &TenantId, op: &Op, nth: i64) -> String {
    match op {
        Op::Search(query) => look_for(store, tenant, QUERIES[*query]).await,
        Op::List(tag, is_trashed, limit) => list(store, tenant, *tag, *is_trashed, *limit).await,
        _ => {
            let mut tx = store.write().await.unwrap();
            let answer = match op {
                Op::Together(steps) => together(&mut tx, tenant, steps, nth).await,
                Op::Arrive(arrivals) => arrive(&mut tx, tenant, arrivals, nth).await,
                _ => write(&mut tx, tenant, op, nth).await,
            };
            if answer.is_ok() {
                tx.commit().await.unwrap();
            }
            told(answer)
        }
    }
}

/// An error in the words of the store; the databases themselves say it in different ones.
fn told<T: Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Ok(answer) => format!("{answer:?}"),
        Err(error) => format!("error: {error}"),
    }
}

async fn write(tx: &mut Tx, tenant: &TenantId, op: &Op, nth: i64) -> Result<String, StoreError> {
    let now = at(nth);
    let n = about(op);
    let id = job_id(tenant, n);
    let Some(kept) = jobs::get_in(tx, tenant, id).await? else {
        return match op {
            Op::Create(n, tags) => {
                let job = job(tenant, *n, TAGS[*tags]);
                jobs::create(tx, &job, "print").await.map(|job| format!("{job:?}"))
            }
            _ => Ok("no such job".to_owned()),
        };
    };
    let job = match op {
        Op::Create(..) => return Ok("there already".to_owned()),
        Op::Step(_, event, is_stale) => return step(tx, &kept, *event, *is_stale, nth).await,
        Op::Learn(_, by) => {
            let fraction = f64::from(*by) / 255.0;
            jobs::learn(tx, &kept, &kept.audio, None, Some("de"), fraction).await?
        }
        Op::Plan(_, count) => {
            kept_chunks::plan(tx, &kept, &chunks(*count)).await?;
            kept
        }
        Op::Hear(_, idx, text) => {
            let segments = [segment(3, TEXTS[*text]), segment(4, "and more")];
            let heard =
                kept_chunks::Heard { idx: *idx, segments: &segments, fraction: 0.3, cpu_ms: 4 };
            kept_chunks::finish(tx, &kept, heard, now).await?
        }
        Op::Die(_, idx) => {
            let deaths = kept_chunks::count_death(tx, &kept, *idx).await?;
            return Ok(deaths.to_string());
        }
        Op::Gap(_) => {
            let gap = Gap { start_ms: 1, end_ms: 2, reason: "noise".into() };
            gaps::keep(tx, &kept, &[gap], now).await?
        }
        Op::Note(_, text, tags) => {
            let note = note(&kept, TEXTS[*text], TEXTS[(*text + 1) % TEXTS.len()], TAGS[*tags]);
            notes::put(tx, &kept, &note, now).await?
        }
        Op::Amend(_, title, tags) => {
            let title = title.map(|title| TEXTS[title].to_owned());
            let tags = tags.map(|tags| TAGS[tags].iter().map(|&tag| tag.to_owned()).collect());
            labels::amend(tx, &kept, &Amendment { title, tags }, now).await?
        }
        Op::Correct(_, text) => {
            let version = revisions::list_in(tx, &kept).await?.len() as u32 + 1;
            let edits = vec![Edit { id: 0, text: TEXTS[*text].to_owned() }];
            revisions::add(tx, &kept, &Revision { version, created_at: now, edits }).await?;
            kept
        }
        Op::Index(_) => {
            passages::put(tx, &kept, None).await?;
            kept
        }
        Op::Trash(_, into) => trash::set(tx, &kept, into.then_some(now), now).await?,
        Op::Remove(_) => {
            let removed = removals::remove(tx, tenant, id, now).await?;
            removals::finish(tx, id).await?;
            return Ok(removed.to_string());
        }
        Op::Call(_, how) => return call(tx, &kept, *how, nth).await,
        Op::Search(_) | Op::List(..) | Op::Together(_) | Op::Arrive(_) => {
            unreachable!("not about one job")
        }
    };
    Ok(format!("{job:?}"))
}

/// Which job it is about.
fn about(op: &Op) -> u32 {
    *match op {
        Op::Create(n, _) | Op::Step(n, ..) | Op::Learn(n, _) | Op::Plan(n, _) | Op::Hear(n, ..) => {
            n
        }
        Op::Die(n, _) | Op::Gap(n) | Op::Note(n, ..) | Op::Amend(n, ..) | Op::Correct(n, _) => n,
        Op::Index(n) | Op::Trash(n, _) | Op::Remove(n) | Op::Call(n, _) => n,
        Op::Search(_) | Op::List(..) | Op::Together(_) | Op::Arrive(_) => {
            unreachable!("not about one job")
        }
    }
}

async fn step(
    tx: &mut Tx,
    job: &Job,
    event: u8,
    is_stale: bool,
    nth: i64,
) -> Result<String, StoreError> {
    let Some(step) = decided(job, event, is_stale, nth) else { return Ok("refused".to_owned()) };
    let job = match step.guard {
        Guard::Held => jobs::save(tx, &step.job, &step.next, step.at).await?,
        Guard::Seen => jobs::change(tx, &step.job, &step.next, step.at).await?,
    };
    Ok(format!("{job:?}"))
}

async fn together(
    tx: &mut Tx,
    tenant: &TenantId,
    steps: &[(u32, u8, bool)],
    nth: i64,
) -> Result<String, StoreError> {
    let mut all = Vec::new();
    for (n, event, is_stale) in steps {
        let job = jobs::get_in(tx, tenant, job_id(tenant, *n)).await?;
        all.extend(job.and_then(|job| decided(&job, *event, *is_stale, nth)));
    }
    let saved = transitions::save_all(tx, &all).await?;
    Ok(saved.into_iter().map(told).collect::<Vec<_>>().join("; "))
}

/// A job that is there already gets another one of its kind, under an id of its own.
async fn arrive(
    tx: &mut Tx,
    tenant: &TenantId,
    arrivals: &[(u32, usize, u8, Option<u8>, bool)],
    nth: i64,
) -> Result<String, StoreError> {
    let made = (0u32..).zip(arrivals).map(|(idx, (n, tags, print, key, is_forced))| {
        let id = job_id(tenant, 1_000 + nth as u32 * 10 + idx);
        let job = Job { id, ..job(tenant, *n, TAGS[*tags]) };
        let mut arrival = Arrival::new(job, Vec::new(), format!("print {print}"));
        arrival.key = key.map(|key| format!("key {key}"));
        arrival.is_forced = *is_forced;
        arrival
    });
    let taken = arrivals::take_all(tx, &made.collect::<Vec<_>>(), at(nth)).await?;
    Ok(format!("{taken:?}"))
}

fn decided(job: &Job, event: u8, is_stale: bool, nth: i64) -> Option<Transition> {
    let why = Failure::retry("broken", "it broke", "");
    let policy = RetryPolicy { max_attempts: 2, base_ms: 10, cap_ms: 100 };
    let event = match event {
        0 => Event::Kept,
        1 => Event::Enqueued(at(nth)),
        2 | 3 => Event::Leased(job.epoch.next()),
        4 => Event::Finished(job.epoch),
        5 => Event::Broke(job.epoch, Break { why, policy, jitter: 0.5 }),
        _ => Event::Cancel,
    };
    let next = job.state.clone().apply(event, at(nth)).ok()?.next;
    let behind = if is_stale { 7 } else { 0 };
    let (epoch, version) = (Epoch(job.epoch.0 + behind), job.version + behind);
    let job = Job { epoch, version, ..job.clone() };
    let guard = match job.state {
        JobState::Running(_) => Guard::Held,
        _ => Guard::Seen,
    };
    Some(Transition { job, next, guard, at: at(nth) })
}

async fn call(tx: &mut Tx, job: &Job, how: u8, nth: i64) -> Result<String, StoreError> {
    let id = CallId(Uuid::from_u64_pair(job.id.0.as_u64_pair().0, nth.cast_unsigned()));
    let key = CallKey {
        provider: ProviderId::Local,
        model: "small".into(),
        template: "diary v1".into(),
        hash: "h".into(),
    };
    llm_calls::plan(tx, job, id, &key, at(nth)).await?;
    if how > 0 {
        llm_calls::send(tx, job, id, at(nth)).await?;
    }
    let usage = (how == 1).then_some(Usage { input_tokens: 5, output_tokens: 2 });
    let why = Failure::give_up("llm_refused", "refused", "");
    let outcome = if how == 1 { Ok("an answer") } else { Err(&why) };
    let ending = llm_calls::Ending { outcome, usage, usd_micros: usage.map(|_| 9) };
    match how {
        1 | 2 => llm_calls::settle(tx, job, id, &ending, at(nth)).await?,
        _ => llm_calls::lose_open(tx, job, at(nth)).await?,
    }
    Ok(String::new())
}

async fn look_for(store: &Store, tenant: &TenantId, query: &str) -> String {
    let terms = terms(query);
    let filter = entries::Filter { terms: terms.clone(), limit: 9, ..entries::Filter::default() };
    let found = entries::list(store, tenant, &filter).await.unwrap();
    let ids: Vec<_> = found.iter().map(|entry| entry.job.id).collect();
    let matches = search::matches(store, tenant, &ids, &terms).await.unwrap();
    let in_notes = notes::Filter { terms, limit: 9, ..notes::Filter::default() };
    let in_notes = notes::list(store, tenant, &in_notes).await.unwrap();
    format!("{found:?} {matches:?} {in_notes:?}")
}

async fn list(
    store: &Store,
    tenant: &TenantId,
    tags: Option<usize>,
    is_trashed: bool,
    limit: i64,
) -> String {
    let tag = tags.and_then(|tags| TAGS[tags].first()).map(|&tag| tag.to_owned());
    let filter =
        entries::Filter { tag: tag.clone(), is_trashed, limit, ..entries::Filter::default() };
    let page = entries::list(store, tenant, &filter).await.unwrap();
    let all = entries::count(store, tenant, &filter).await.unwrap();
    let days = entries::count_days(store, tenant, None, None).await.unwrap();
    let filter = jobs::Filter { tag, is_trashed, limit, ..jobs::Filter::default() };
    let listed = jobs::list(store, tenant, &filter).await.unwrap();
    let mut texts = Vec::new();
    for job in &listed {
        texts.push(transcripts::version(store, job, None).await.unwrap());
    }
    let tags = labels::count(store, tenant).await.unwrap();
    let feed = events::feed(store, tenant, 3, 20).await.unwrap();
    let paces = pace::by_model(store).await.unwrap();
    format!("{page:?} {all} {days:?} {listed:?} {texts:?} {tags:?} {feed:?} {paces:?}")
}

type Dump = Vec<BTreeMap<String, String>>;

/// All rows of a tenant, each column as text, in an order of their own.
macro_rules! dump {
    ($name:ident, $pool:ty) => {
        async fn $name(pool: &$pool, table: &str, tenant: &TenantId, but: &[&str]) -> Dump {
            let sql = format!("select * from {table} where tenant = $1");
            let sql = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(tenant.as_str());
            let rows = sql.fetch_all(pool).await.unwrap();
            let mut dump: Dump = Vec::new();
            for row in &rows {
                let mut line = BTreeMap::new();
                for (idx, column) in row.columns().iter().enumerate() {
                    if but.contains(&column.name()) {
                        continue;
                    }
                    let value = row.try_get_raw(idx).unwrap();
                    let text = match value.type_info().name() {
                        _ if value.is_null() => "null".to_owned(),
                        "INTEGER" | "INT8" => row.get::<i64, _>(idx).to_string(),
                        "REAL" | "FLOAT8" => row.get::<f64, _>(idx).to_string(),
                        _ => row.get::<String, _>(idx),
                    };
                    line.insert(column.name().to_owned(), text);
                }
                dump.push(line);
            }
            dump.sort();
            dump
        }
    };
}

dump!(rows_of_sqlite, SqlitePool);
dump!(rows_of_postgres, PgPool);
