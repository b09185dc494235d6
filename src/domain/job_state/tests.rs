//! Every cell of the job state table, and what holds over any sequence of events.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use chrono::TimeDelta;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const EPOCH: Epoch = Epoch(7);
const POLICY: RetryPolicy = RetryPolicy { max_attempts: 3, base_ms: 1_000, cap_ms: 60_000 };

/// Columns: `Broke` has attempts left, `Spent` has none, `Stale` is a finish of an older epoch.
const TABLE: &str = "
            Kept   Enqueued Leased  Finished  Stale Broke  Spent  Limited GaveUp Interrupted Due    Cancel    Retry
received    stored -        -       -         -     -      -      -       -      -           -      cancelled -
stored      -      queued   -       -         -     -      -      -       -      -           -      cancelled -
queued      -      -        running -         -     -      -      -       -      -           -      cancelled -
ingest      -      -        -       queued    -     queued failed parked  failed queued      -      cancelled -
transcribe  -      -        -       queued    -     queued failed parked  failed queued      -      cancelled -
transcript  -      -        -       done      -     queued failed parked  failed queued      -      cancelled -
compose     -      -        -       done      -     queued failed parked  failed queued      -      cancelled -
parked      -      -        -       -         -     -      -      -       -      -           queued cancelled -
done        -      -        -       -         -     -      -      -       -      -           -      -         -
failed      -      -        -       -         -     -      -      -       -      -           -      -         queued
cancelled   -      -        -       -         -     -      -      -       -      -           -      -         queued
";

fn work(stage: Stage) -> Work {
    Work { stage, attempt: 1, wants_note: true }
}

fn broke(verdict: Verdict, max_attempts: u32) -> Event {
    let why = Failure { code: "x".into(), message: "x".into(), hint: String::new(), verdict };
    let policy = RetryPolicy { max_attempts, ..POLICY };
    Event::Broke(EPOCH, Break { why, policy, jitter: 0.5 })
}

fn why() -> Failure {
    Failure::give_up("x", "x", "")
}

fn states() -> Vec<(&'static str, JobState)> {
    let ingest = work(Stage::Ingest);
    let running = |work| JobState::Running(Running { work, epoch: EPOCH });
    vec![
        ("received", JobState::new(true)),
        ("stored", JobState::Stored(Stored { work: ingest })),
        ("queued", JobState::Queued(Queued { work: ingest, not_before: NOW })),
        ("ingest", running(ingest)),
        ("transcribe", running(work(Stage::Transcribe))),
        ("transcript", running(Work { wants_note: false, ..work(Stage::Transcribe) })),
        ("compose", running(work(Stage::Compose))),
        ("parked", JobState::Parked(Parked { work: ingest, until: NOW, why: why() })),
        ("done", JobState::Done),
        ("failed", JobState::Failed(Failed { work: ingest, why: why() })),
        ("cancelled", JobState::Cancelled(Cancelled { work: ingest })),
    ]
}

fn events() -> Vec<(&'static str, Event)> {
    vec![
        ("Kept", Event::Kept),
        ("Enqueued", Event::Enqueued(NOW)),
        ("Leased", Event::Leased(EPOCH)),
        ("Finished", Event::Finished(EPOCH)),
        ("Stale", Event::Finished(Epoch(6))),
        ("Broke", broke(Verdict::Retry, 2)),
        ("Spent", broke(Verdict::Retry, 1)),
        ("Limited", broke(Verdict::Park { until: NOW + TimeDelta::hours(1) }, 1)),
        ("GaveUp", broke(Verdict::GiveUp, 9)),
        ("Interrupted", Event::Interrupted),
        ("Due", Event::Due),
        ("Cancel", Event::Cancel),
        ("Retry", Event::Retry),
    ]
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_whole_table() {
    let mut rows = vec![events().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ")];
    for (name, state) in states() {
        let cell = |event| state.clone().apply(event, NOW).map_or("-", |step| step.next.status());
        let cells: Vec<_> = events().into_iter().map(|(_, event)| cell(event)).collect();
        rows.push(format!("{name} {}", cells.join(" ")));
    }
    assert_eq!(squeeze(&rows.join(" ")), squeeze(TABLE), "\n{}\n", rows.join("\n"));
}

#[test]
fn the_architecture_page_shows_this_very_table() {
    let page = include_str!("../../../ARCHITECTURE.md");
    assert!(squeeze(page).contains(&squeeze(TABLE)), "paste TABLE into ARCHITECTURE.md");
}

#[test]
fn a_lease_before_its_time_is_refused() {
    let later = NOW + TimeDelta::seconds(1);
    let early = JobState::Queued(Queued { work: work(Stage::Ingest), not_before: later });
    assert!(early.clone().apply(Event::Leased(EPOCH), NOW).is_err());
    assert!(early.apply(Event::Leased(EPOCH), later).is_ok());
}

#[test]
fn a_job_for_later_waits_for_its_time() {
    let later = NOW + TimeDelta::seconds(1);
    let stored = JobState::Stored(Stored { work: work(Stage::Ingest) });
    let queued = stored.apply(Event::Enqueued(later), NOW).unwrap().next;
    assert_eq!(queued.due_at(), Some(later));
    assert!(queued.clone().apply(Event::Leased(EPOCH), NOW).is_err());
    assert!(queued.apply(Event::Leased(EPOCH), later).is_ok());
}

#[test]
fn states_survive_their_json() {
    for (_, state) in states() {
        let json = serde_json::to_string(&state).unwrap();
        assert_eq!(serde_json::from_str::<JobState>(&json).unwrap(), state, "{json}");
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let verdict = prop_oneof![
        Just(Verdict::Retry),
        Just(Verdict::GiveUp),
        (0i64..5_000).prop_map(|ms| Verdict::Park { until: NOW + TimeDelta::milliseconds(ms) }),
    ];
    let broke = (0i64..20, verdict, 0.0..1.0f64).prop_map(|(epoch, verdict, jitter)| {
        let why = Failure { verdict, ..why() };
        Event::Broke(Epoch(epoch), Break { why, policy: POLICY, jitter })
    });
    prop_oneof![
        Just(Event::Kept),
        (0i64..5_000).prop_map(|ms| Event::Enqueued(NOW + TimeDelta::milliseconds(ms))),
        (0i64..20).prop_map(|epoch| Event::Leased(Epoch(epoch))),
        (0i64..20).prop_map(|epoch| Event::Finished(Epoch(epoch))),
        broke,
        Just(Event::Interrupted),
        Just(Event::Due),
        Just(Event::Cancel),
        Just(Event::Retry),
    ]
}

proptest! {
    #[test]
    fn whatever_happens_the_rules_hold(events in prop::collection::vec((any_event(), 0i64..3_000), 1..60)) {
        let mut state = JobState::new(true);
        let mut now = NOW;
        for (event, wait_ms) in events {
            now += TimeDelta::milliseconds(wait_ms);
            let before = state.clone();
            let Ok(step) = state.clone().apply(event.clone(), now) else { continue };
            prop_assert_eq!(step.effect, step.next.effect());
            if before.is_over() {
                prop_assert_eq!(&event, &Event::Retry, "only a person's retry leaves {:?}", before);
            }
            if let (JobState::Running(run), Event::Finished(by) | Event::Broke(by, _)) = (&before, &event) {
                prop_assert_eq!(run.epoch, *by, "a stale epoch changed the state");
            }
            if let (Some(old), Some(new)) = (before.work(), step.next.work()) {
                prop_assert!(new.attempt <= POLICY.max_attempts);
                let spent = matches!(event, Event::Broke(..)) && step.next.status() == "queued";
                prop_assert!(new.attempt <= old.attempt + u32::from(spent), "{:?} spent an attempt", event);
                let forward = |stage| matches!((old.stage, stage),
                    (Stage::Ingest, Stage::Transcribe) | (Stage::Transcribe, Stage::Compose));
                prop_assert!(new.stage == old.stage || forward(new.stage), "a stage went back");
            }
            state = step.next;
        }
    }
}
