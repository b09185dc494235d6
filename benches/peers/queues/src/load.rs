//! What the jobs of one measurement have come to: how often each ran, and how many are acknowledged.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, ensure};
use tokio::sync::watch;

#[derive(Debug)]
pub struct Load {
    ran: Vec<AtomicUsize>,
    done: watch::Sender<usize>,
}

impl Load {
    pub fn new(jobs: usize) -> Self {
        Self { ran: (0..jobs).map(|_| AtomicUsize::new(0)).collect(), done: watch::Sender::new(0) }
    }

    pub fn jobs(&self) -> usize {
        self.ran.len()
    }

    /// The whole work of a job.
    pub fn run(&self, job: usize) -> Result<()> {
        let ran = self.ran.get(job).context("a job that nobody enqueued")?;
        ran.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// So many more jobs are done in the database.
    pub fn acknowledged(&self, more: usize) {
        self.done.send_modify(|done| *done += more);
    }

    /// Waits for so many acknowledged jobs, and says how many there are.
    pub async fn done(&self, at_least: usize) -> Result<usize> {
        Ok(*self.done.subscribe().wait_for(|done| *done >= at_least).await?)
    }

    pub async fn all_done(&self) -> Result<()> {
        self.done(self.jobs()).await.map(|_| ())
    }

    pub fn check_each_ran_once(&self) -> Result<()> {
        let other = self.ran.iter().filter(|ran| ran.load(Ordering::Relaxed) != 1).count();
        ensure!(other == 0, "{other} of {} jobs ran never, or more than once", self.jobs());
        Ok(())
    }
}
