//! apalis on PostgreSQL, with the durability that a server has by default.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use apalis::prelude::{BackendExt, EventListenerExt, TaskSink, WorkerBuilder};
use apalis_postgres::{Config, PostgresStorage};
use futures::FutureExt;
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, query, query_as, query_scalar};

use crate::Settings;
use crate::apalis_worker::{Bell, Watch, null_stage, workers};
use crate::load::Load;
use crate::measure::{Peer, Worker};

pub struct Postgres {
    pool: PgPool,
    storage: PostgresStorage<usize>,
    bell: Bell,
    settings: Settings,
}

impl Peer for Postgres {
    type Place = String;
    const CRATE: &'static str = "apalis-postgres";
    const LIFECYCLE: Settings = Settings {
        batch: 128,
        workers: 2,
        connections: 4,
        poll: Duration::from_millis(5),
        refill: 1,
    };
    const BULK: Settings = Settings { batch: 1_000, ..Self::LIFECYCLE };

    async fn open(url: &String, settings: Settings) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(settings.connections).connect(url).await?;
        check_durable(&pool).await?;
        PostgresStorage::setup(&pool).await?;
        query("TRUNCATE apalis.jobs, apalis.workers").execute(&pool).await?;
        // A fetch has claimed the job already; `lock_tasks` would write each once more.
        let config = Config::default().queue("null").batch_size(settings.batch).lock_tasks(false);
        let storage = PostgresStorage::new(&pool).with_config(config);
        Ok(Self { pool, storage, bell: Bell::new(settings.workers), settings })
    }

    async fn enqueue(&self, jobs: Range<usize>) -> Result<()> {
        self.storage.clone().push_bulk(jobs.collect()).await?;
        self.bell.ring();
        Ok(())
    }

    async fn work(&self, load: &Arc<Load>) -> Result<Vec<Worker>> {
        Ok(workers!(self.storage, &self.bell, load, self.settings).collect())
    }

    async fn count_done(&self, enqueued: usize) -> Result<usize> {
        let count = "SELECT count(*), count(*) FILTER (WHERE status = 'Done') FROM apalis.jobs";
        let (all, done): (i64, i64) = query_as(count).fetch_one(&self.pool).await?;
        ensure!(usize::try_from(all)? == enqueued, "{all} jobs in a queue of {enqueued}");
        Ok(done.try_into()?)
    }

    fn describe(&self) -> String {
        let Settings { batch, workers, connections, poll, .. } = self.settings;
        format!(
            "synchronous_commit=on, batch {batch}, {workers} workers, {connections} connections, poll {poll:?} and on enqueue, lock_tasks off"
        )
    }
}

/// Fails where a commit does not wait for the disk.
pub async fn check_durable(pool: &PgPool) -> Result<()> {
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        let is: String =
            query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(pool).await?;
        ensure!(is == "on", "PostgreSQL runs with {setting}={is}");
    }
    Ok(())
}
