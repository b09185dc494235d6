//! Measures how fast other job queues take a job that does nothing through its life; one line of JSON for each figure.

mod apalis_postgres;
mod apalis_sqlite;
mod apalis_worker;
mod graphile;
mod load;
mod measure;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::measure::Peer;

#[derive(Parser)]
#[command(about = "Measures other job queues on the databases that Diarist uses")]
struct Cli {
    #[command(subcommand)]
    peer: Which,
    #[command(flatten)]
    options: Options,
}

#[derive(Subcommand)]
enum Which {
    /// apalis-sqlite; the file should be a new one
    Sqlite { file: PathBuf },
    /// apalis-postgres; the database should be a new one
    Postgres { url: String },
    /// graphile_worker; the database should be a new one
    Graphile { url: String },
}

#[derive(Args, Clone)]
#[command(next_help_heading = "Load")]
struct Options {
    /// Jobs in each measurement
    #[arg(long, global = true, default_value_t = 20_000)]
    jobs: usize,
    /// Jobs that are enqueued and not yet acknowledged, at most
    #[arg(long, global = true, default_value = "128")]
    in_flight: NonZeroUsize,
    /// What to measure, instead of everything
    #[arg(long, global = true)]
    what: Option<What>,
    /// Leave out the jobs that warm the queue up
    #[arg(long, global = true)]
    cold: bool,
    #[command(flatten)]
    tuning: Tuning,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// At most so many in flight: a new job is enqueued when one is done
    Lifecycle,
    /// All enqueued first, then all worked off
    Bulk,
}

/// Overrides of the settings that came out best.
#[derive(Args, Clone, Copy, Default)]
#[command(next_help_heading = "Settings, instead of the best ones known")]
struct Tuning {
    /// Jobs that a worker claims at once
    #[arg(long, global = true)]
    batch: Option<usize>,
    /// Workers, each claiming for itself
    #[arg(long, global = true)]
    workers: Option<usize>,
    /// Connections in the pool
    #[arg(long, global = true)]
    connections: Option<u32>,
    /// Milliseconds between looks for work; for graphile_worker also between acknowledgements
    #[arg(long, global = true)]
    poll_ms: Option<u64>,
    /// Places that must be free before the next jobs are enqueued together
    #[arg(long, global = true)]
    refill: Option<usize>,
}

/// The settings of one measurement.
#[derive(Clone, Copy)]
pub struct Settings {
    pub batch: usize,
    pub workers: usize,
    pub connections: u32,
    pub poll: Duration,
    pub refill: usize,
}

impl Settings {
    fn tuned(self, by: Tuning) -> Self {
        Self {
            batch: by.batch.unwrap_or(self.batch),
            workers: by.workers.unwrap_or(self.workers),
            connections: by.connections.unwrap_or(self.connections),
            poll: by.poll_ms.map_or(self.poll, Duration::from_millis),
            refill: by.refill.unwrap_or(self.refill),
        }
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let Cli { peer, options } = Cli::parse();
    match peer {
        Which::Sqlite { file } => both::<apalis_sqlite::Sqlite>(&file, &options).await,
        Which::Postgres { url } => both::<apalis_postgres::Postgres>(&url, &options).await,
        Which::Graphile { url } => both::<graphile::Graphile>(&url, &options).await,
    }
}

async fn both<P: Peer>(place: &P::Place, options: &Options) -> Result<()> {
    let Options { jobs, in_flight, what, cold, tuning } = options.clone();
    let (settings, in_flight) = (P::LIFECYCLE.tuned(tuning), in_flight.get());
    if !cold {
        measure::warm_up::<P>(place, settings, in_flight).await?;
    }
    if what != Some(What::Bulk) {
        measure::lifecycle::<P>(place, settings, jobs, in_flight).await?;
    }
    if what != Some(What::Lifecycle) {
        measure::bulk::<P>(place, P::BULK.tuned(tuning), jobs).await?;
    }
    Ok(())
}
