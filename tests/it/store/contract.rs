//! What every database has to keep to.

use super::sample::{at, chunks, finish, job, job_id, note, running, segment, step};
use crate::kit::postgres as pg;
use chrono::TimeDelta;
use diarist::domain::amendment::Amendment;
use diarist::domain::dispatch::{Lane, place_in_line};
use diarist::domain::edits::{Edit, Revision};
use diarist::domain::failure::Failure;
use diarist::domain::ids::{Epoch, NodeId, RecordingId, TenantId};
use diarist::domain::job::Job;
use diarist::domain::job_state::{Event, JobState};
use diarist::domain::llm::{CallId, CallKey, CallState, ProviderId, Usage};
use diarist::domain::options::{JobOptions, Priority};
use diarist::domain::record::EventKind;
use diarist::domain::recording::Recording;
use diarist::domain::search::terms;
use diarist::domain::transcript::Gap;
use diarist::store::arrivals::{self, Arrival, Arrived};
use diarist::store::chunks::Heard;
use diarist::store::claims::{self, Head, Wish};
use diarist::store::transitions::{self, Guard, Transition};
use diarist::store::{
    Store, StoreError, chunks as kept_chunks, entries, events, gaps, jobs, labels, llm_calls,
    nodes, notes, pace, passages, recordings, removals, revisions, search, transcripts, trash,
};
use futures::future::join_all;
use std::time::Duration;
use uuid::Uuid;

/// Each test runs once on each database, on a store that holds nothing.
macro_rules! on_both {
    ($($name:ident)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let dir = tempfile::tempdir().unwrap();
                let store = super::Store::open(&dir.path().join("diarist.db")).await.unwrap();
                super::$name(&store).await;
                store.close().await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let store = super::pg::open(&super::pg::fresh()).await;
                super::$name(&store).await;
                store.close().await;
            })*
        }
    };
}

on_both! {
    a_job_is_read_back_as_it_was_written
    a_stale_hand_changes_nothing
    what_is_not_committed_has_not_happened
    chunks_are_told_in_order_and_once
    chunks_that_end_at_once_are_all_told
    the_feed_has_no_gap_and_never_goes_back
    one_upload_at_a_time_is_one_job
    arrivals_of_one_commit_meet_each_other
    transitions_of_one_statement_are_each_guarded
    lists_are_cut_by_day_tag_status_and_page
    words_are_found_folded_begun_and_in_a_row
    the_trash_hides_and_gives_back
    a_removed_job_leaves_nothing_but_its_name
    calls_are_in_the_books_and_on_the_bill
    recordings_grow_and_become_jobs
    corrections_are_versions
    what_could_not_be_heard_is_kept_and_told
    the_pace_is_that_of_finished_jobs
    whoever_is_first_in_line_is_claimed_once
    every_character_is_kept_or_replaced
}

fn me() -> TenantId {
    TenantId::local()
}

async fn add(store: &Store, n: u32, tags: &[&str]) -> Job {
    let mut tx = store.write().await.unwrap();
    let job = running(&mut tx, &job(&me(), n, tags), at(n.into())).await;
    tx.commit().await.unwrap();
    job
}

/// A job that has said `said` and is over, with a note where there is a title for one.
async fn add_spoken(store: &Store, n: u32, said: &[&str], title: Option<&str>) -> Job {
    let mut tx = store.write().await.unwrap();
    let now = at(n.into());
    let mut job = running(&mut tx, &job(&me(), n, &["given"]), now).await;
    job = finish(&mut tx, &job, now).await;
    job = step(&mut tx, &job, Event::Leased(job.epoch.next()), now).await;
    kept_chunks::plan(&mut tx, &job, &chunks(1)).await.unwrap();
    let segments: Vec<_> = (0..).zip(said).map(|(n, text)| segment(n, text)).collect();
    let heard = Heard { idx: 0, segments: &segments, fraction: 0.9, cpu_ms: 700 };
    job = kept_chunks::finish(&mut tx, &job, heard, now).await.unwrap();
    passages::put(&mut tx, &job, None).await.unwrap();
    job = finish(&mut tx, &job, now).await;
    if let Some(title) = title {
        job = step(&mut tx, &job, Event::Leased(job.epoch.next()), now).await;
        let note = note(&job, title, said[0], &["noted", "given"]);
        job = notes::put(&mut tx, &job, &note, now).await.unwrap();
        job = finish(&mut tx, &job, now).await;
    }
    tx.commit().await.unwrap();
    job
}

async fn a_job_is_read_back_as_it_was_written(store: &Store) {
    let written = add(store, 1, &["home", "ünïcode"]).await;
    let read = jobs::get(store, &me(), written.id).await.unwrap().unwrap();
    assert_eq!(read, written);
    assert_eq!(
        jobs::get(store, &TenantId::from("other".to_owned()), written.id).await.unwrap(),
        None
    );
    let told = events::after(store, &me(), written.id, 0, 100).await.unwrap();
    assert_eq!(told.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(told[3].data["status"], "running");
    let counted = jobs::count_by_status(store).await.unwrap();
    assert_eq!(counted, [("running".to_owned(), 1)]);
    let filter = jobs::Filter { status: Some("running".into()), limit: 9, ..Default::default() };
    assert_eq!(jobs::list(store, &me(), &filter).await.unwrap(), [written]);
}

async fn a_stale_hand_changes_nothing(store: &Store) {
    let old = add(store, 1, &[]).await;
    let mut tx = store.write().await.unwrap();
    let new = finish(&mut tx, &old, at(2)).await;
    tx.commit().await.unwrap();
    let mut tx = store.write().await.unwrap();
    let is_stale = |error| matches!(error, StoreError::StaleEpoch { job } if job == old.id);
    let next = old.state.clone().apply(Event::Interrupted, at(3)).unwrap().next;
    assert!(is_stale(jobs::save(&mut tx, &old, &next, at(3)).await.unwrap_err()));
    let learned = jobs::learn(&mut tx, &old, &old.audio, None, Some("fr"), 0.9).await;
    assert!(is_stale(learned.unwrap_err()));
    let gap = Gap { start_ms: 0, end_ms: 1, reason: "noise".into() };
    assert!(is_stale(gaps::keep(&mut tx, &old, &[gap], at(3)).await.unwrap_err()));
    let said = note(&old, "Title", "A sentence.", &[]);
    assert!(is_stale(notes::put(&mut tx, &old, &said, at(3)).await.unwrap_err()));
    tx.commit().await.unwrap();
    assert_eq!(jobs::get(store, &me(), old.id).await.unwrap().unwrap(), new);
    assert_eq!(events::after(store, &me(), old.id, 5, 9).await.unwrap(), []);
}

async fn what_is_not_committed_has_not_happened(store: &Store) {
    let mut tx = store.write().await.unwrap();
    running(&mut tx, &job(&me(), 1, &["home"]), at(1)).await;
    drop(tx);
    assert_eq!(jobs::get(store, &me(), job_id(&me(), 1)).await.unwrap(), None);
    assert_eq!(events::newest(store, &me()).await.unwrap(), 0);
    add(store, 2, &[]).await;
    assert_eq!(events::newest(store, &me()).await.unwrap(), 4);
    assert_eq!(labels::count(store, &me()).await.unwrap(), []);
}

async fn hear(store: &Store, job: &Job, idx: i64, text: &str) -> Job {
    let mut tx = store.write().await.unwrap();
    let segments = [segment(7, text)];
    let heard = Heard { idx, segments: &segments, fraction: 0.1, cpu_ms: 5 };
    let job = kept_chunks::finish(&mut tx, job, heard, at(9)).await.unwrap();
    tx.commit().await.unwrap();
    job
}

/// The numbers and texts of the segments that were told, in the order of their events.
async fn told_segments(store: &Store, job: &Job) -> Vec<(u64, String)> {
    let told = events::after(store, &me(), job.id, 0, 1_000).await.unwrap();
    let segments = told.iter().filter(|event| event.kind.as_str() == "segment");
    let text = |event: &serde_json::Value| event["text"].as_str().unwrap().to_owned();
    segments.map(|it| (it.data["id"].as_u64().unwrap(), text(&it.data))).collect()
}

async fn chunks_are_told_in_order_and_once(store: &Store) {
    let job = add(store, 1, &[]).await;
    let mut tx = store.write().await.unwrap();
    kept_chunks::plan(&mut tx, &job, &chunks(9)).await.unwrap();
    kept_chunks::plan(&mut tx, &job, &chunks(3)).await.unwrap();
    assert_eq!(kept_chunks::count_death(&mut tx, &job, 2).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let job = hear(store, &job, 1, "two").await;
    assert_eq!(told_segments(store, &job).await, []);
    let job = hear(store, &job, 0, "one").await;
    let same = hear(store, &job, 0, "something else").await;
    assert_eq!(same, job);
    hear(store, &job, 2, "three").await;
    let told = told_segments(store, &job).await;
    assert_eq!(told, [(0, "one".into()), (1, "two".into()), (2, "three".into())]);
    let kept = kept_chunks::list(store, &me(), job.id).await.unwrap();
    assert_eq!(
        kept.iter().map(|it| (it.idx, it.deaths)).collect::<Vec<_>>(),
        [(0, 0), (1, 0), (2, 0)],
        "a finished chunk lets the deaths over the others be forgotten"
    );
    assert_eq!(transcripts::get(store, &job).await.unwrap().segments.len(), 3);
}

async fn chunks_that_end_at_once_are_all_told(store: &Store) {
    let job = add(store, 1, &[]).await;
    let mut tx = store.write().await.unwrap();
    kept_chunks::plan(&mut tx, &job, &chunks(12)).await.unwrap();
    tx.commit().await.unwrap();
    join_all((0..12).map(|idx| hear(store, &job, idx, "said"))).await;
    let told = told_segments(store, &job).await;
    assert_eq!(told.iter().map(|(id, _)| *id).collect::<Vec<_>>(), (0..12).collect::<Vec<_>>());
    let read = jobs::get(store, &me(), job.id).await.unwrap().unwrap();
    assert_eq!((read.last_seq, read.cpu_ms), (4 + 12 + 1, 60), "progress is told once a second");
}

async fn the_feed_has_no_gap_and_never_goes_back(store: &Store) {
    let writers = join_all((0..8).map(|writer| async move {
        for n in 0..6 {
            add(store, writer * 100 + n, &[]).await;
        }
    }));
    // What a reader has seen is all there is before it: nothing comes in later with a lower number.
    let reader = async {
        let mut seen = 0;
        while seen < 8 * 6 * 4 {
            let page = events::feed(store, &me(), seen, 50).await.unwrap();
            for event in page {
                assert_eq!(event.position, seen + 1);
                seen = event.position;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(writers, reader);
    assert_eq!(events::newest(store, &me()).await.unwrap(), 8 * 6 * 4);
    assert_eq!(events::newest(store, &TenantId::from("other".to_owned())).await.unwrap(), 0);
}

/// One that is sent under a key, for what has this fingerprint.
fn arrival(n: u32, print: &str, key: Option<&str>) -> Arrival {
    let job = Job { state: JobState::new(false), ..job(&me(), n, &["given"]) };
    let mut states = vec![job.state.clone()];
    for event in [Event::Kept, Event::Enqueued(at(0))] {
        states.push(states.last().unwrap().clone().apply(event, at(0)).unwrap().next);
    }
    let mut arrival = Arrival::new(job, states, print.to_owned());
    arrival.key = key.map(str::to_owned);
    arrival
}

fn forced(arrival: Arrival) -> Arrival {
    let mut arrival = arrival;
    arrival.is_forced = true;
    arrival
}

async fn take(store: &Store, arrivals: &[Arrival]) -> Vec<String> {
    let mut tx = store.write().await.unwrap();
    let taken = arrivals::take_all(&mut tx, arrivals, at(0)).await.unwrap();
    tx.commit().await.unwrap();
    let name = |job: Job| job.file_name;
    let told = |arrived| match arrived {
        Arrived::New(job) => format!("new {}", name(job)),
        Arrived::Known(job) => format!("known {}", name(job)),
        Arrived::KeyReused => "key reused".to_owned(),
    };
    taken.into_iter().map(told).collect()
}

async fn one_upload_at_a_time_is_one_job(store: &Store) {
    let sent = (0..10).map(|n| async move {
        let key = format!("key {}", n % 3);
        take(store, &[arrival(n, "print", Some(&key)), arrival(n + 10, &n.to_string(), None)]).await
    });
    let taken = join_all(sent).await.into_iter().flatten().collect::<Vec<_>>();
    assert_eq!(taken.iter().filter(|it| it.starts_with("new")).count(), 1 + 10);
}

async fn arrivals_of_one_commit_meet_each_other(store: &Store) {
    let first = [
        arrival(1, "a", Some("k")),
        // The same upload, the same key for something else, the same once more by force, another one.
        arrival(2, "a", None),
        arrival(3, "b", Some("k")),
        forced(arrival(4, "a", None)),
        arrival(5, "c", None),
    ];
    let new =
        ["new Memo 1.wav", "known Memo 1.wav", "key reused", "new Memo 4.wav", "new Memo 5.wav"];
    assert_eq!(take(store, &first).await, new);
    // The newest counts, whoever comes again takes it out of the trash, and a key stays with its job.
    let mut tx = store.write().await.unwrap();
    let newest = jobs::get_in(&mut tx, &me(), job_id(&me(), 4)).await.unwrap().unwrap();
    trash::set(&mut tx, &newest, Some(at(9)), at(9)).await.unwrap();
    tx.commit().await.unwrap();
    let again =
        [arrival(6, "a", Some("l")), arrival(7, "a", Some("k")), arrival(8, "a", Some("l"))];
    assert_eq!(
        take(store, &again).await,
        ["known Memo 4.wav", "known Memo 1.wav", "known Memo 4.wav"]
    );
    let kept = jobs::get(store, &me(), job_id(&me(), 4)).await.unwrap().unwrap();
    assert_eq!((kept.trashed_at, kept.version), (None, 5));
    // Nothing but the three is there: with its tag, its name to be found by, and its three events.
    assert_eq!(labels::count(store, &me()).await.unwrap(), [("given".to_owned(), 3)]);
    assert_eq!(found(store, "memo").await.len(), 3);
    let told = events::after(store, &me(), job_id(&me(), 1), 0, 9).await.unwrap();
    let statuses: Vec<_> = told.iter().map(|it| it.data["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["received", "stored", "queued"]);
    let read = jobs::get(store, &me(), job_id(&me(), 1)).await.unwrap().unwrap();
    assert_eq!((read.version, read.last_seq, read.state.status()), (3, 3, "queued"));
    let claimed = claim(store, 9).await;
    assert_eq!(claimed.len(), 3);
}

async fn transitions_of_one_statement_are_each_guarded(store: &Store) {
    take(store, &[arrival(1, "a", None), arrival(2, "b", None), arrival(3, "c", None)]).await;
    let claimed = claim(store, 2).await;
    let [one, two] = &claimed[..] else { panic!("two are claimed") };
    let three = jobs::get(store, &me(), job_id(&me(), 3)).await.unwrap().unwrap();
    let step = |job: &Job, event: Event, guard: Guard| Transition {
        next: job.state.clone().apply(event, at(1)).unwrap().next,
        job: job.clone(),
        guard,
        at: at(1),
    };
    let late = Job { epoch: Epoch(7), ..two.clone() };
    let next = two.state.clone().apply(Event::Finished(two.epoch), at(1)).unwrap().next;
    let steps = [
        step(one, Event::Finished(one.epoch), Guard::Held),
        Transition { job: late, next, guard: Guard::Held, at: at(1) },
        step(&three, Event::Cancel, Guard::Seen),
        // By now it does not run any more.
        step(one, Event::Interrupted, Guard::Held),
        step(&three, Event::Cancel, Guard::Seen),
        step(two, Event::Cancel, Guard::Seen),
    ];
    let mut tx = store.write().await.unwrap();
    let saved = transitions::save_all(&mut tx, &steps).await.unwrap();
    tx.commit().await.unwrap();
    let told = saved.into_iter().map(|job| match job {
        Ok(job) => job.state.status().to_owned(),
        Err(error) => error.to_string(),
    });
    let expected = [
        "queued".to_owned(),
        format!("job {} has moved on", two.id),
        "cancelled".to_owned(),
        format!("job {} has moved on", one.id),
        format!("job {} has been changed meanwhile", three.id),
        "cancelled".to_owned(),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    let seqs = |id| async move {
        let told = events::after(store, &me(), id, 0, 99).await.unwrap();
        told.into_iter().map(|event| event.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(one.id).await, [1, 2, 3, 4, 5]);
    assert_eq!(seqs(two.id).await, [1, 2, 3, 4, 5]);
    assert_eq!(seqs(three.id).await, [1, 2, 3, 4]);
}

async fn claim(store: &Store, most: usize) -> Vec<Job> {
    let tenant = me();
    let wish = Wish { tenant: &tenant, heads: &Head::all(&Lane::ALL), most, home: None };
    let node = NodeId("node".into());
    let mut tx = store.write().await.unwrap();
    nodes::begin(&mut tx, &node, "home", Duration::from_secs(60)).await.unwrap();
    let claimed = claims::claim(&mut tx, &node, &wish, at(1)).await.unwrap();
    tx.commit().await.unwrap();
    claimed
}

async fn lists_are_cut_by_day_tag_status_and_page(store: &Store) {
    for n in 0..5 {
        add(store, n * 1_440, if n % 2 == 0 { &["even", "all"] } else { &["all"] }).await;
    }
    let done = add_spoken(store, 9_000, &["The end."], Some("A note")).await;
    let ids = |jobs: Vec<Job>| jobs.into_iter().map(|job| job.id).collect::<Vec<_>>();
    let filter = jobs::Filter { limit: 3, ..jobs::Filter::default() };
    let first = ids(jobs::list(store, &me(), &filter).await.unwrap());
    let rest = jobs::Filter { before: first.last().copied(), limit: 9, ..filter.clone() };
    let rest = ids(jobs::list(store, &me(), &rest).await.unwrap());
    let all = [first.clone(), rest].concat();
    assert_eq!((first.len(), all.len()), (3, 6));
    assert!(all.is_sorted_by(|a, b| a > b));
    let even = jobs::Filter { tag: Some("even".into()), limit: 9, ..jobs::Filter::default() };
    assert_eq!(jobs::list(store, &me(), &even).await.unwrap().len(), 3);
    let is_done = jobs::Filter { status: Some("done".into()), limit: 9, ..jobs::Filter::default() };
    assert_eq!(ids(jobs::list(store, &me(), &is_done).await.unwrap()), [done.id]);
    let since = jobs::Filter { since: Some(at(2_880)), limit: 9, ..jobs::Filter::default() };
    assert_eq!(jobs::list(store, &me(), &since).await.unwrap().len(), 4);

    let tags = labels::count(store, &me()).await.unwrap();
    let tags: Vec<_> = tags.iter().map(|(tag, n)| (tag.as_str(), *n)).collect();
    assert_eq!(tags, [("all", 5), ("even", 3), ("given", 1), ("noted", 1)]);
    let days = entries::count_days(store, &me(), Some("2026-01-02".parse().unwrap()), None).await;
    let days: Vec<_> = days.unwrap().into_iter().map(|(day, n)| (day.to_string(), n)).collect();
    assert_eq!(days.first(), Some(&("2026-01-07".to_owned(), 1)));
    assert_eq!(days.len(), 5);
    let page = entries::Filter { limit: 2, ..entries::Filter::default() };
    let newest = entries::list(store, &me(), &page).await.unwrap();
    assert_eq!(newest[0].job.id, done.id);
    assert_eq!(newest[0].tags, ["noted", "given"]);
    assert_eq!(newest[0].note.as_ref().map(|note| note.title.as_str()), Some("A note"));
    let next = entries::Filter { before: Some(newest[1].place()), ..page.clone() };
    let next = entries::list(store, &me(), &next).await.unwrap();
    assert_eq!(next[0].job.id, job_id(&me(), 3 * 1_440));
    let tagged =
        entries::Filter { tag: Some("even".into()), limit: 9, ..entries::Filter::default() };
    assert_eq!(entries::count(store, &me(), &tagged).await.unwrap(), 3);
    assert_eq!(entries::list(store, &me(), &tagged).await.unwrap().len(), 3);
    let noted = notes::Filter { tag: Some("noted".into()), limit: 9, ..notes::Filter::default() };
    assert_eq!(notes::list(store, &me(), &noted).await.unwrap()[0].job, done.id);
}

async fn found(store: &Store, query: &str) -> Vec<(String, Vec<String>)> {
    let terms = terms(query);
    let filter = entries::Filter { terms: terms.clone(), limit: 9, ..entries::Filter::default() };
    let jobs = entries::list(store, &me(), &filter).await.unwrap();
    let ids: Vec<_> = jobs.iter().map(|entry| entry.job.id).collect();
    let matches = search::matches(store, &me(), &ids, &terms).await.unwrap();
    let marked = |it: search::Match| {
        let chars: Vec<char> = it.text.chars().collect();
        let words = it.marks.into_iter().map(|mark| chars[mark].iter().collect()).collect();
        (it.text, words)
    };
    matches.into_iter().map(marked).collect()
}

async fn words_are_found_folded_begun_and_in_a_row(store: &Store) {
    let said = ["We walked to the café.", "Tromsø was cold, don’t ask; naïve ÉTÉ.", "A new roof."];
    add_spoken(store, 1, &said, None).await;
    add_spoken(store, 2, &["The roof is new.", "Nothing else."], Some("Walking")).await;
    let elsewhere = ["日本語 と Ελληνικά", "Йод и ёлка, tiếng Việt", "한국어 が ǿre å"];
    add_spoken(store, 3, &elsewhere, None).await;
    let one = |text: &str, words: &[&str]| {
        (text.to_owned(), words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(found(store, "CAFE").await, [one(said[0], &["café"])]);
    assert_eq!(found(store, "ete naive").await, [one(said[1], &["naïve", "ÉTÉ"])]);
    assert_eq!(found(store, "\"new roof\"").await, [one(said[2], &["new roof"])]);
    assert_eq!(found(store, "don't").await, [one(said[1], &["don’t"])]);
    // Marks are dropped from Latin letters; elsewhere they make another letter.
    for (query, nth, word) in [
        ("ΕΛΛΗΝΙΚΆ", 0, "Ελληνικά"),
        ("日本語", 0, "日本語"),
        ("ЙОД", 1, "Йод"),
        ("tieng viet", 1, "tiếng Việt"),
        ("한국어", 2, "한국어"),
        ("が", 2, "が"),
        ("Ǿre", 2, "ǿre"),
        ("a", 2, "å"),
    ] {
        let shown = found(store, &format!("\"{query}\"")).await;
        assert!(shown.contains(&one(elsewhere[nth], &[word])), "{query}: {shown:?}");
    }
    for none in ["ελληνικα", "иод", "елка", "か", "øre"] {
        assert_eq!(found(store, none).await, [], "{none}");
    }
    // In both jobs, by the beginning of a word.
    assert_eq!(found(store, "walk*").await.len(), 2);
    assert_eq!(found(store, "walk").await, []);
    // All terms have to be somewhere in the job; then each passage that says any of them is shown.
    let shown = found(store, "cafe roof").await;
    assert_eq!(shown, [one(said[0], &["café"]), one(said[2], &["roof"])]);
    assert_eq!(found(store, "cafe nothing").await, []);
    let anywhere =
        notes::Filter { terms: terms("walking nothing"), limit: 9, ..notes::Filter::default() };
    assert_eq!(notes::list(store, &me(), &anywhere).await.unwrap().len(), 1);
}

async fn the_trash_hides_and_gives_back(store: &Store) {
    let job = add(store, 1, &["home"]).await;
    let set = async |job: &Job, since| {
        let mut tx = store.write().await.unwrap();
        let job = trash::set(&mut tx, job, since, at(5)).await.unwrap();
        tx.commit().await.unwrap();
        job
    };
    let trashed = set(&job, Some(at(5))).await;
    assert_eq!(trashed.trashed_at, Some(at(5)));
    let shown = entries::Filter { limit: 9, ..entries::Filter::default() };
    let hidden = entries::Filter { is_trashed: true, tag: Some("home".into()), ..shown.clone() };
    let count = async |filter| entries::count(store, &me(), filter).await.unwrap();
    assert_eq!((count(&shown).await, count(&hidden).await), (0, 1));
    assert_eq!(labels::count(store, &me()).await.unwrap(), []);
    assert_eq!(trash::since(store, at(5)).await.unwrap(), [(me(), job.id)]);
    assert_eq!(trash::since(store, at(4)).await.unwrap(), []);
    let back = set(&trashed, None).await;
    assert_eq!((count(&shown).await, count(&hidden).await), (1, 0));
    assert_eq!(labels::count(store, &me()).await.unwrap(), [("home".to_owned(), 1)]);
    assert_eq!(set(&back, None).await, back);
}

async fn a_removed_job_leaves_nothing_but_its_name(store: &Store) {
    let job = add_spoken(store, 1, &["A secret."], Some("Secret")).await;
    let mut tx = store.write().await.unwrap();
    // Told and removed at once: there is nobody left to tell it of.
    let amended = Amendment { title: Some("Other".into()), tags: None };
    labels::amend(&mut tx, &job, &amended, at(3)).await.unwrap();
    assert!(removals::is_there(&mut tx, job.id).await.unwrap());
    assert!(removals::remove(&mut tx, &me(), job.id, at(4)).await.unwrap());
    assert!(!removals::is_there(&mut tx, job.id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(jobs::get(store, &me(), job.id).await.unwrap(), None);
    assert_eq!(events::feed(store, &me(), 0, 9).await.unwrap(), []);
    assert_eq!(notes::get(store, &me(), job.id).await.unwrap(), None);
    assert_eq!(found(store, "secret").await, []);
    assert_eq!(removals::unfinished(store).await.unwrap(), [job.id]);
    let mut tx = store.write().await.unwrap();
    assert!(!removals::remove(&mut tx, &me(), job.id, at(5)).await.unwrap());
    removals::finish(&mut tx, job.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(removals::unfinished(store).await.unwrap(), []);
}

async fn calls_are_in_the_books_and_on_the_bill(store: &Store) {
    let job = add(store, 1, &[]).await;
    let key = CallKey {
        provider: ProviderId::Mistral,
        model: "small".into(),
        template: "diary v1".into(),
        hash: "h".into(),
    };
    let ids: Vec<CallId> = (0..4).map(|n| CallId(Uuid::from_u128(n))).collect();
    let mut tx = store.write().await.unwrap();
    for id in &ids[..3] {
        llm_calls::plan(&mut tx, &job, *id, &key, at(2)).await.unwrap();
    }
    llm_calls::send(&mut tx, &job, ids[0], at(3)).await.unwrap();
    llm_calls::send(&mut tx, &job, ids[1], at(3)).await.unwrap();
    let usage = Usage { input_tokens: 70, output_tokens: 7 };
    let paid = llm_calls::Ending { outcome: Ok("text"), usage: Some(usage), usd_micros: Some(12) };
    llm_calls::settle(&mut tx, &job, ids[0], &paid, at(4)).await.unwrap();
    llm_calls::settle(&mut tx, &job, ids[0], &paid, at(5)).await.unwrap();
    llm_calls::lose_open(&mut tx, &job, at(6)).await.unwrap();
    let stale = Job { epoch: Epoch(0), ..job.clone() };
    let refused = llm_calls::plan(&mut tx, &stale, CallId(Uuid::max()), &key, at(7)).await;
    assert!(matches!(refused, Err(StoreError::StaleEpoch { .. })));
    // Answered after all: the money was spent, and the call is kept though the job has moved on.
    let why = Failure::retry("llm_overloaded", "overloaded", "");
    let lost = llm_calls::Ending { outcome: Err(&why), usage: None, usd_micros: Some(3) };
    llm_calls::settle(&mut tx, &stale, ids[1], &lost, at(8)).await.unwrap();
    llm_calls::plan(&mut tx, &job, ids[3], &key, at(9)).await.unwrap();
    llm_calls::send(&mut tx, &job, ids[3], at(9)).await.unwrap();
    llm_calls::settle(&mut tx, &stale, ids[3], &paid, at(10)).await.unwrap();
    tx.commit().await.unwrap();
    let calls = llm_calls::list(store, &job).await.unwrap();
    let states: Vec<_> = calls.iter().map(|call| (call.id, call.state)).collect();
    let settled = CallState::Settled;
    assert_eq!(states, [(ids[0], settled), (ids[1], CallState::Failed), (ids[3], settled)]);
    assert_eq!(calls[0].answer.as_deref(), Some("text"));
    assert_eq!(calls[1].failure.as_ref(), Some(&why));
    // All of it is on the bill: what was lost has a price after all.
    let spent = jobs::get(store, &me(), job.id).await.unwrap().unwrap().spent;
    assert_eq!((spent.usd_micros, spent.input_tokens, spent.unpriced_calls), (27, 140, 0));
    let told = events::after(store, &me(), job.id, 0, 100).await.unwrap();
    let costs = told.iter().filter(|event| event.kind == EventKind::Cost);
    let costs: Vec<_> = costs.map(|event| event.data["state"].as_str().unwrap()).collect();
    assert_eq!(costs, ["settled", "uncertain", "failed", "settled"]);
    let mut tx = store.write().await.unwrap();
    llm_calls::forgive(&mut tx, job.id).await.unwrap();
    tx.commit().await.unwrap();
    let hashes: Vec<_> = llm_calls::list(store, &job).await.unwrap();
    assert_eq!(
        hashes.iter().map(|call| call.key.hash.as_str()).collect::<Vec<_>>(),
        ["h", "", "h"]
    );
}

async fn recordings_grow_and_become_jobs(store: &Store) {
    let recording = |n| Recording {
        id: RecordingId(Uuid::from_u128(n)),
        tenant: me(),
        media_type: "audio/webm".into(),
        recorded_at: at(1).fixed_offset(),
        options: JobOptions::default(),
        offset: 0,
        refusal: None,
        job: None,
        created_at: at(1),
        updated_at: at(1),
    };
    let (one, two) = (recording(1), recording(2));
    let mut tx = store.write().await.unwrap();
    recordings::create(&mut tx, &one).await.unwrap();
    recordings::create(&mut tx, &two).await.unwrap();
    assert_eq!(recordings::count_open(&mut tx, &me()).await.unwrap(), 2);
    assert!(recordings::grow(&mut tx, &one, 10, at(2)).await.unwrap());
    assert!(!recordings::grow(&mut tx, &one, 20, at(3)).await.unwrap());
    tx.commit().await.unwrap();
    let read = recordings::get(store, &me(), one.id).await.unwrap().unwrap();
    assert_eq!((read.offset, read.updated_at), (10, at(2)));
    // The job of the second is there, and its row does not say so yet.
    let mut tx = store.write().await.unwrap();
    let made = arrival(1, "print", Some(&two.idempotency_key()));
    arrivals::take_all(&mut tx, std::slice::from_ref(&made), at(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(recordings::list_open(store, &me()).await.unwrap(), [read]);
    assert_eq!(recordings::all_open(store).await.unwrap().len(), 1);
    let mut tx = store.write().await.unwrap();
    assert_eq!(recordings::settle(&mut tx).await.unwrap(), 1);
    let settled = recordings::look(&mut tx, &me(), two.id).await.unwrap().unwrap();
    assert_eq!(settled.job, Some(made.id()));
    recordings::remove(&mut tx, one.id).await.unwrap();
    assert_eq!(recordings::count_open(&mut tx, &me()).await.unwrap(), 0);
    tx.commit().await.unwrap();
}

async fn corrections_are_versions(store: &Store) {
    let job = add_spoken(store, 1, &["Helo world.", "And more."], None).await;
    let edits = vec![Edit { id: 0, text: "Hello world.".into() }];
    let revision = Revision { version: 1, created_at: at(3), edits };
    let mut tx = store.write().await.unwrap();
    revisions::add(&mut tx, &job, &revision).await.unwrap();
    assert_eq!(revisions::list_in(&mut tx, &job).await.unwrap(), std::slice::from_ref(&revision));
    tx.commit().await.unwrap();
    let newest = transcripts::get(store, &job).await.unwrap();
    assert_eq!(newest.segments[0].text, "Hello world.");
    let mut tx = store.write().await.unwrap();
    passages::put_transcript(&mut tx, &job, &newest.segments).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((found(store, "helo").await.len(), found(store, "hello").await.len()), (0, 1));
    let mut tx = store.write().await.unwrap();
    assert!(revisions::add(&mut tx, &job, &revision).await.is_err());
    drop(tx);
    let page = entries::Filter { limit: 1, ..entries::Filter::default() };
    assert!(entries::list(store, &me(), &page).await.unwrap()[0].is_edited);
    assert_eq!(transcripts::version(store, &job, Some(2)).await.unwrap(), None);
}

async fn what_could_not_be_heard_is_kept_and_told(store: &Store) {
    let job = add(store, 1, &[]).await;
    let kept = [
        Gap { start_ms: 0, end_ms: 40, reason: "noise".into() },
        Gap { start_ms: 90, end_ms: 95, reason: "clipped".into() },
    ];
    let mut tx = store.write().await.unwrap();
    let job = gaps::keep(&mut tx, &job, &kept, at(2)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(gaps::list(store, &me(), job.id).await.unwrap(), kept);
    let told = events::after(store, &me(), job.id, 4, 9).await.unwrap();
    assert_eq!(told.iter().map(|it| it.kind.as_str()).collect::<Vec<_>>(), ["gap", "gap"]);
}

async fn the_pace_is_that_of_finished_jobs(store: &Store) {
    assert_eq!(pace::by_model(store).await.unwrap(), []);
    add(store, 1, &[]).await;
    for n in 2..4 {
        add_spoken(store, n, &["Words."], Some("Note")).await;
    }
    let measured = pace::by_model(store).await.unwrap();
    let wanted = pace::Pace { model: "base".into(), cpu_ms: 1_400, sound_ms: 8_000 };
    assert_eq!(measured, [wanted]);
    assert_eq!(pace::oldest_due(store).await.unwrap(), None);
}

async fn whoever_is_first_in_line_is_claimed_once(store: &Store) {
    let mut tx = store.write().await.unwrap();
    for (n, priority) in [(1, Priority::Low), (2, Priority::High), (3, Priority::Normal)] {
        let mut job = job(&me(), n, &[]);
        job.options.priority = priority;
        job.line_at = place_in_line(at(n.into()), priority, TimeDelta::minutes(10));
        let job = jobs::create(&mut tx, &job, &n.to_string()).await.unwrap();
        let job = step(&mut tx, &job, Event::Kept, at(1)).await;
        step(&mut tx, &job, Event::Enqueued(at(n.into())), at(9)).await;
    }
    let node = NodeId("node".into());
    nodes::begin(&mut tx, &node, "folder", Duration::from_secs(60)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(pace::oldest_due(store).await.unwrap(), Some(at(9).timestamp_millis()));
    let tenant = me();
    let heads = Head::all(&Lane::ALL);
    let wish = Wish { tenant: &tenant, heads: &heads, most: 2, home: None };
    for claimed in [vec![2, 3], vec![1], vec![]] {
        let mut tx = store.write().await.unwrap();
        let jobs = claims::claim(&mut tx, &node, &wish, at(9)).await.unwrap();
        tx.commit().await.unwrap();
        let ids: Vec<_> = jobs.iter().map(|job| job.id).collect();
        assert_eq!(ids, claimed.iter().map(|n| job_id(&me(), *n)).collect::<Vec<_>>());
        assert!(jobs.iter().all(|job| job.epoch == Epoch(1) && job.state.status() == "running"));
    }
}

async fn every_character_is_kept_or_replaced(store: &Store) {
    let said =
        ["nul \0 here", "quote ' back\\slash \" \u{1f980} \u{e000}", "tab\tand {json} $1 ::"];
    let job = add_spoken(store, 1, &said, Some("'); drop table jobs; --")).await;
    let read = transcripts::get(store, &job).await.unwrap();
    assert_eq!(read.segments[0].text, said[0]);
    assert_eq!(read.segments[1].text, said[1]);
    // In the note and in the transcript.
    assert_eq!(found(store, "here").await.len(), 2);
    assert_eq!(found(store, "slash json").await.len(), 2);
    let title = notes::get(store, &me(), job.id).await.unwrap().unwrap().title;
    assert_eq!(title, "'); drop table jobs; --");
}
