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
                // It is told when it has come in, and at the begin and the end of each stage.
                let done = watch.expect(arrival.id(), 1 + 2 * stages);
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

/// How often a job is still to be told of, and who waits for that.
type Expected = (usize, oneshot::Sender<()>);

impl Watch {
    /// Begins to count, until the set is dropped.
    fn over(engine: &Engine, counting: &mut JoinSet<()>) -> Self {
        let (watch, mut changes) = (Self::default(), engine.changes());
        let (its, engine) = (watch.clone(), engine.clone());
        counting.spawn(async move {
            loop {
                match changes.recv().await {
                    Ok(job) => its.told(job),
                    Err(RecvError::Lagged(_)) => its.look(&engine).await,
                    Err(RecvError::Closed) => return,
                }
            }
        });
        watch
    }

    fn expect(&self, job: JobId, times: usize) -> oneshot::Receiver<()> {
        let (tell, told) = oneshot::channel();
        self.0.lock().unwrap().insert(job, (times, tell));
        told
    }

    fn told(&self, job: JobId) {
        let mut expected = self.0.lock().unwrap();
        let Some((left, _)) = expected.get_mut(&job) else { return };
        *left -= 1;
        if *left == 0
            && let Some((_, tell)) = expected.remove(&job)
        {
            let _ = tell.send(());
        }
    }

    /// What was told was not heard: those that are over are looked up.
    async fn look(&self, engine: &Engine) {
        let open: Vec<JobId> = self.0.lock().unwrap().keys().copied().collect();
        for job in open {
            let found = jobs::get(engine.store(), &TenantId::local(), job).await.unwrap();
            if found.is_some_and(|job| job.state == JobState::Done)
                && let Some((_, tell)) = self.0.lock().unwrap().remove(&job)
            {
                let _ = tell.send(());
            }
        }
    }
}
