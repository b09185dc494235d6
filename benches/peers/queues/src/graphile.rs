//! graphile_worker, with its local queue and its batched acknowledgements, as its own benchmark sets it.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow, ensure};
use futures::FutureExt;
use graphile_worker::{
    IntoTaskHandlerResult, JobComplete, JobCompleteContext, JobSpec, LocalQueueConfig, TaskHandler,
    WorkerContext, WorkerOptions, WorkerUtils,
};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::{PgPool, query, query_scalar};

use crate::Settings;
use crate::apalis_postgres::check_durable;
use crate::load::Load;
use crate::measure::{Peer, Worker};

const SCHEMA: &str = "graphile_worker";

pub struct Graphile {
    pool: PgPool,
    utils: WorkerUtils,
    settings: Settings,
}

#[derive(Clone, Serialize, Deserialize)]
struct NullStage {
    job: usize,
}

impl TaskHandler for NullStage {
    const IDENTIFIER: &'static str = "null_stage";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        let load = context.get_ext::<Arc<Load>>().ok_or("the worker carries no load")?;
        load.run(self.job).map_err(|error| error.to_string())
    }
}

impl Peer for Graphile {
    type Place = String;
    const CRATE: &'static str = "graphile_worker";
    const LIFECYCLE: Settings = Settings {
        batch: 128,
        workers: 1,
        connections: 8,
        poll: Duration::from_millis(1),
        refill: 32,
    };
    const BULK: Settings =
        Settings { batch: 1_000, poll: Duration::from_millis(5), ..Self::LIFECYCLE };

    async fn open(url: &String, settings: Settings) -> Result<Self> {
        let pool = PgPoolOptions::new().max_connections(settings.connections).connect(url).await?;
        check_durable(&pool).await?;
        let utils = WorkerUtils::new(pool.clone(), SCHEMA);
        utils.migrate().await?;
        query("TRUNCATE graphile_worker._private_jobs CASCADE").execute(&pool).await?;
        Ok(Self { pool, utils, settings })
    }

    async fn enqueue(&self, jobs: Range<usize>) -> Result<()> {
        let spec = JobSpec::default();
        let jobs: Vec<_> = jobs.map(|job| (NullStage { job }, &spec)).collect();
        self.utils.add_jobs(&jobs).await?;
        Ok(())
    }

    async fn work(&self, load: &Arc<Load>) -> Result<Vec<Worker>> {
        let Settings { batch, workers, poll, .. } = self.settings;
        let count = Arc::clone(load);
        let worker = WorkerOptions::default()
            .pg_pool(self.pool.clone())
            .schema(SCHEMA)
            .concurrency(128)
            .poll_interval(poll)
            .complete_job_batch_delay(poll)
            .local_queue(LocalQueueConfig::default().with_size(batch).with_queue_count(workers))
            .listen_os_shutdown_signals(false)
            .add_extension(Arc::clone(load))
            .define_job::<NullStage>()
            // Comes behind the commit that removes the job.
            .on(JobComplete, move |_: JobCompleteContext| {
                count.acknowledged(1);
                async {}
            });
        let worker = worker.init().await?;
        let load = Arc::clone(load);
        let until_done = async move {
            let end = async {
                let ended = load.all_done().await;
                worker.request_shutdown();
                ended
            };
            let (ran, ended) = futures::join!(worker.run(), end);
            ran.map_err(|e| anyhow!("{e}"))?;
            ended
        };
        Ok(vec![until_done.boxed()])
    }

    /// It removes a job that is done; what is left is open.
    async fn count_done(&self, enqueued: usize) -> Result<usize> {
        let count = "SELECT count(*) FROM graphile_worker._private_jobs";
        let open: i64 = query_scalar(count).fetch_one(&self.pool).await?;
        ensure!(open == 0, "{open} jobs are not done");
        Ok(enqueued)
    }

    fn describe(&self) -> String {
        let Settings { batch, workers, connections, poll, .. } = self.settings;
        format!(
            "synchronous_commit=on, {workers} local queues of {batch}, concurrency 128, {connections} connections, poll and batched completion {poll:?}"
        )
    }
}
