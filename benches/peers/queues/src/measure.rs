//! The two measurements, the same for every peer: a closed loop of jobs in flight, and a drain of many.
//!
//! A job counts as done when its acknowledgement is committed. At the end the database is asked as well, and no
//! job may have run twice.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures::future::BoxFuture;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::Settings;
use crate::load::Load;

/// Longer than any run that is worth waiting for.
const LIMIT: Duration = Duration::from_secs(900);
/// Jobs that are enqueued together when all are enqueued beforehand.
const BULK: usize = 1_000;
const WARM_UP: usize = 1_000;

pub type Worker = BoxFuture<'static, Result<()>>;

/// A job queue under measurement.
pub trait Peer: Sized {
    type Place: ?Sized;
    /// As the registry calls it.
    const CRATE: &'static str;
    /// What came out best for a closed loop, and for a drain.
    const LIFECYCLE: Settings;
    const BULK: Settings;

    /// Opens an empty queue, with the durability of the product.
    async fn open(place: &Self::Place, settings: Settings) -> Result<Self>;
    /// Enqueues these jobs as fast as the library can; returns when they are committed.
    async fn enqueue(&self, jobs: Range<usize>) -> Result<()>;
    /// Works until all of the load is done, and tells the load of every acknowledgement.
    async fn work(&self, load: &Arc<Load>) -> Result<Vec<Worker>>;
    /// How many jobs are done, as the database has it; fails where some are open.
    async fn count_done(&self, enqueued: usize) -> Result<usize>;
    fn describe(&self) -> String;
}

#[derive(Serialize)]
struct Figure<'a> {
    peer: &'a str,
    version: &'a str,
    what: &'a str,
    jobs: usize,
    seconds: f64,
    jobs_per_s: f64,
    settings: String,
}

/// A first thousand jobs, and a restart: a queue in use, not one just installed.
///
/// It matters to SQLite. Only behind it the library's own setup finds statistics to keep; without them an
/// acknowledgement passes every job that the worker ever had, and the more are done, the slower it gets.
pub async fn warm_up<P: Peer>(
    place: &P::Place,
    settings: Settings,
    in_flight: usize,
) -> Result<()> {
    let peer = P::open(place, settings).await?;
    closed_loop(&peer, &Arc::new(Load::new(WARM_UP)), settings.refill, in_flight).await.map(|_| ())
}

/// At most `in_flight` jobs enqueued and not done, until `jobs` are done.
pub async fn lifecycle<P: Peer>(
    place: &P::Place,
    settings: Settings,
    jobs: usize,
    in_flight: usize,
) -> Result<()> {
    let peer = P::open(place, settings).await?;
    let load = Arc::new(Load::new(jobs));
    let seconds = closed_loop(&peer, &load, settings.refill, in_flight).await?;
    check(&peer, &load).await?;
    let settings =
        format!("{in_flight} in flight, refill {}, {}", settings.refill, peer.describe());
    print::<P>("lifecycle", jobs, seconds, settings)
}

async fn closed_loop<P: Peer>(
    peer: &P,
    load: &Arc<Load>,
    refill: usize,
    in_flight: usize,
) -> Result<f64> {
    let jobs = load.jobs();
    let workers = peer.work(load).await?;
    let began = Instant::now();
    let produce = async {
        let mut enqueued = 0;
        while enqueued < jobs {
            let wanted = refill.clamp(1, in_flight).min(jobs - enqueued);
            let done = load.done((enqueued + wanted).saturating_sub(in_flight)).await?;
            let next = (done + in_flight).min(jobs);
            peer.enqueue(enqueued..next).await?;
            enqueued = next;
        }
        load.all_done().await
    };
    finish(workers, began, produce).await
}

/// All jobs enqueued, then all done.
pub async fn bulk<P: Peer>(place: &P::Place, settings: Settings, jobs: usize) -> Result<()> {
    let peer = P::open(place, settings).await?;
    let load = Arc::new(Load::new(jobs));
    let began = Instant::now();
    for first in (0..jobs).step_by(BULK) {
        peer.enqueue(first..(first + BULK).min(jobs)).await?;
    }
    let seconds = began.elapsed().as_secs_f64();
    print::<P>("bulk enqueue", jobs, seconds, format!("{BULK} at once, {}", peer.describe()))?;

    let workers = peer.work(&load).await?;
    let began = Instant::now();
    let seconds = finish(workers, began, load.all_done()).await?;
    check(&peer, &load).await?;
    print::<P>("bulk drain", jobs, seconds, peer.describe())
}

/// Runs the workers until the last acknowledgement and takes the time; the workers end after it, outside of the time.
async fn finish(
    workers: Vec<Worker>,
    began: Instant,
    last: impl Future<Output = Result<()>>,
) -> Result<f64> {
    let mut workers: JoinSet<_> = workers.into_iter().collect();
    let ended_early = async {
        while let Some(ended) = workers.join_next().await {
            ended??;
        }
        bail!("the workers ended before the jobs did")
    };
    // The last acknowledgement is what ends the workers, so it is looked for first.
    let done = async {
        tokio::select! {
            biased;
            done = last => done,
            early = ended_early => early,
        }
    };
    timeout(LIMIT, done).await.context("the jobs did not end in time")??;
    let seconds = began.elapsed().as_secs_f64();
    let end = async {
        while let Some(ended) = workers.join_next().await {
            ended??;
        }
        anyhow::Ok(())
    };
    timeout(LIMIT, end).await.context("the workers did not end in time")??;
    Ok(seconds)
}

async fn check<P: Peer>(peer: &P, load: &Load) -> Result<()> {
    load.check_each_ran_once()?;
    let done = peer.count_done(load.jobs()).await?;
    ensure!(done == load.jobs(), "{done} of {} jobs are done in the database", load.jobs());
    Ok(())
}

fn print<P: Peer>(what: &str, jobs: usize, seconds: f64, settings: String) -> Result<()> {
    let jobs_per_s = (jobs as f64 / seconds).round();
    let version = version(P::CRATE)?;
    let figure = Figure { peer: P::CRATE, version, what, jobs, seconds, jobs_per_s, settings };
    println!("{}", serde_json::to_string(&figure)?);
    Ok(())
}

/// The version that was built, from the lock file.
fn version(name: &str) -> Result<&'static str> {
    let lock = include_str!("../Cargo.lock");
    let entry = lock.split_once(&format!("name = \"{name}\"\nversion = \""));
    let version = entry.and_then(|(_, rest)| rest.split_once('"'));
    Ok(version.with_context(|| format!("no {name} in the lock file"))?.0)
}
