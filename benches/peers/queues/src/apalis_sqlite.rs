//! apalis on SQLite, with the durability that Diarist has: WAL and `synchronous=FULL`.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use apalis::prelude::{BackendExt, EventListenerExt, TaskSink, WorkerBuilder};
use apalis_sqlite::{Config, SqliteStorage};
use futures::FutureExt;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlitePool, query, query_as, query_scalar};

use crate::Settings;
use crate::apalis_worker::{Bell, Watch, null_stage, workers};
use crate::load::Load;
use crate::measure::{Peer, Worker};

pub struct Sqlite {
    pool: SqlitePool,
    storage: SqliteStorage<usize>,
    bell: Bell,
    settings: Settings,
}

impl Peer for Sqlite {
    type Place = Path;
    const CRATE: &'static str = "apalis-sqlite";
    const LIFECYCLE: Settings = Settings {
        batch: 128,
        workers: 1,
        connections: 1,
        poll: Duration::from_millis(5),
        refill: 1,
    };
    const BULK: Settings = Settings { batch: 2_500, ..Self::LIFECYCLE };

    async fn open(file: &Path, settings: Settings) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        // Its own setup turns `synchronous` off, on the connection that it gets: not on one of ours.
        let setup = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone());
        let setup = setup.await?;
        SqliteStorage::setup(&setup).await?;
        query("DELETE FROM Jobs").execute(&setup).await?;
        query("DELETE FROM Workers").execute(&setup).await?;
        query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&setup).await?;
        setup.close().await;

        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", "64000");
        let pool = SqlitePoolOptions::new().max_connections(settings.connections);
        let pool = pool.connect_with(options).await?;
        let full: i64 = query_scalar("PRAGMA synchronous").fetch_one(&pool).await?;
        let mode: String = query_scalar("PRAGMA journal_mode").fetch_one(&pool).await?;
        ensure!((full, mode.as_str()) == (2, "wal"), "SQLite runs with {mode}, synchronous={full}");

        // A fetch has claimed the job already; `lock_tasks` would write each once more.
        let config = Config::default().queue("null").batch_size(settings.batch).lock_tasks(false);
        let storage = SqliteStorage::new(&pool).with_config(config);
        let bell = Bell::new(settings.workers);
        Ok(Self { pool, storage, bell, settings })
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
        let count = "SELECT count(*), count(*) FILTER (WHERE status = 'Done') FROM Jobs";
        let (all, done): (i64, i64) = query_as(count).fetch_one(&self.pool).await?;
        ensure!(usize::try_from(all)? == enqueued, "{all} jobs in a queue of {enqueued}");
        Ok(done.try_into()?)
    }

    fn describe(&self) -> String {
        let Settings { batch, workers, connections, poll, .. } = self.settings;
        format!(
            "WAL, synchronous=FULL, batch {batch}, {workers} workers, {connections} connections, poll {poll:?} and on enqueue, lock_tasks off"
        )
    }
}
