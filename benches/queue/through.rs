//! Jobs through a whole engine: its writer, its dispatcher, and an actor for each claim.

use crate::made::arrival;
use crate::rig::{Database, Rig, Spread};
use diarist::actors::engine::{Engine, Stages};
use diarist::clock;
use diarist::domain::ids::{JobId, TenantId};
use diarist::domain::job_state::JobState;
use diarist::store::arrivals::Arrival;
use diarist::store::{events, jobs};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// Seconds for so many jobs of so many stages. A new one is handed in when one is done.
pub async fn lifecycles(
    database: &Database,
    name: &str,
    stages: usize,
    count: usize,
    in_flight: usize,
) -> f64 {
    let rig = Rig::open(database, name).await;
    let told_before = told(&rig).await;
    let engine = rig.start(Stages::Null, PathBuf::new(), in_flight).await;
    let (mut counting, begun) = (JoinSet::new(), Arc::new(AtomicUsize::new(0)));
    let watch = Watch::over(&engine, &mut counting);
    let began = clock::tick();
    let mut senders = JoinSet::new();
    for _ in 0..in_flight {
        let (engine, watch, begun) = (engine.clone(), watch.clone(), begun.clone());
        senders.spawn(async move {
            while begun.fetch_add(1, Ordering::Relaxed) < count {
                let arrival = arrival(stages);
                // It is told when it has come in, at the begin of each stage, and when it is done. The end of a stage
                // may be told with the begin of the next.
                let done = match stages {
                    1 => watch.expect(arrival.id(), 3),
                    _ => watch.expect_done(arrival.id(), 2 + stages),
                };
                engine.enqueue(arrival).await.unwrap();
                done.await.unwrap();
            }
        });
    }
    while let Some(sender) = senders.join_next().await {
        sender.unwrap();
    }
    let seconds = began.elapsed().as_secs_f64();
    let expected = count * (3 + 2 * stages);
    assert_eq!(told(&rig).await - told_before, expected as i64, "every event is there, once");
    engine.stop().await;
    rig.close().await;
    seconds
}

/// How long it takes from handing a job in to its begin, with so many jobs a second whether or not they are done.
pub async fn starts(database: &Database, name: &str, per_s: f64, at_once: usize) -> Spread {
    let rig = Rig::open(database, name).await;
    let engine = rig.start(Stages::Null, PathBuf::new(), at_once).await;
    let mut counting = JoinSet::new();
    let watch = Watch::over(&engine, &mut counting);
    let (began, count) = (clock::tick(), (per_s * 10.0) as u32);
    let mut senders = JoinSet::new();
    for n in 0..count {
        let due = began + Duration::from_secs_f64(f64::from(n) / per_s);
        tokio::time::sleep_until(due.into()).await;
        let (engine, watch) = (engine.clone(), watch.clone());
        senders.spawn(async move { start(&engine, &watch, arrival(1)).await });
    }
    let mut times = Vec::new();
    while let Some(time) = senders.join_next().await {
        times.push(time.unwrap());
    }
    engine.stop().await;
    rig.close().await;
    Spread::of(times)
}

async fn start(engine: &Engine, watch: &Watch, arrival: Arrival) -> Duration {
    let began = clock::tick();
    let started = watch.expect(arrival.id(), 2);
    engine.enqueue(arrival).await.unwrap();
    started.await.unwrap();
    began.elapsed()
}

async fn told(rig: &Rig) -> i64 {
    events::newest(&rig.store, &TenantId::local()).await.unwrap()
}

/// Counts how often each job is told of.
#[derive(Clone, Default)]
struct Watch(Arc<Mutex<HashMap<JobId, Expected>>>);

/// Who waits for a job, and how often it is still to be told of; `None` where the count is lost.
struct Expected {
    left: Option<usize>,
    is_looked_up: bool,
    tell: oneshot::Sender<()>,
}

impl Watch {
    /// Begins to count, until the set is dropped.
    fn over(engine: &Engine, counting: &mut JoinSet<()>) -> Self {
        let (watch, mut changes) = (Self::default(), engine.changes());
        let (its, engine) = (watch.clone(), engine.clone());
        counting.spawn(async move {
            loop {
                match changes.recv().await {
                    Ok(job) if its.is_told(job) => its.look(&engine, job).await,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => {
                        for job in its.lose_count() {
                            its.look(&engine, job).await;
                        }
                    }
                    Err(RecvError::Closed) => return,
                }
            }
        });
        watch
    }

    /// Waits until a job was told of so many times.
    fn expect(&self, job: JobId, times: usize) -> oneshot::Receiver<()> {
        self.insert(job, times, false)
    }

    /// Waits until a job is done, which is looked up once it was told of so many times.
    fn expect_done(&self, job: JobId, at_least: usize) -> oneshot::Receiver<()> {
        self.insert(job, at_least, true)
    }

    fn insert(&self, job: JobId, times: usize, is_looked_up: bool) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        let expected = Expected { left: Some(times), is_looked_up, tell };
        self.0.lock().unwrap().insert(job, expected);
        told
    }

    /// Counts; says whether the job has to be looked up, as its count is lost.
    fn is_told(&self, job: JobId) -> bool {
        let mut expected = self.0.lock().unwrap();
        let Some(found) = expected.get_mut(&job) else { return false };
        let Some(left) = &mut found.left else { return true };
        *left -= 1;
        if *left > 0 {
            return false;
        }
        if found.is_looked_up {
            found.left = None;
            return true;
        }
        if let Some(found) = expected.remove(&job) {
            let _ = found.tell.send(());
        }
        false
    }

    fn lose_count(&self) -> Vec<JobId> {
        let mut expected = self.0.lock().unwrap();
        expected.values_mut().for_each(|it| it.left = None);
        expected.keys().copied().collect()
    }

    async fn look(&self, engine: &Engine, job: JobId) {
        let found = jobs::get(engine.store(), &TenantId::local(), job).await.unwrap();
        if found.is_some_and(|job| job.state == JobState::Done)
            && let Some(found) = self.0.lock().unwrap().remove(&job)
        {
            let _ = found.tell.send(());
        }
    }
}
