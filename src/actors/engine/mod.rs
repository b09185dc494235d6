//! The handle of the engine: everything that a door may ask of it, and nothing that it could break.

mod error;
mod intake;
mod shared;

pub use crate::providers::storage::{Upload, UploadError, Uploaded};
pub use error::EngineError;
pub use intake::{Accepted, Submission};
pub use shared::Shared;

use super::jobs::JobsMsg;
use super::root::{RootActor, RootArgs, RootMsg};
use super::supervise::{ActorView, Child, Directory, spawn_root};
use crate::clock;
use crate::config::Config;
use crate::domain::ids::{JobId, NodeId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::Event;
use crate::providers::llm::{PriceList, Staff};
use crate::providers::models::Library;
use crate::providers::storage::Folder;
use crate::store::{Store, jobs, llm_calls};
use crate::telemetry::chain;
use crate::telemetry::metrics::Metrics;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// A running engine. Clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    directory: Directory,
    root: Arc<Child<RootMsg>>,
    alarm: watch::Receiver<bool>,
}

/// What an engine is started with.
pub struct Parts {
    pub config: Config,
    pub store: Store,
    pub folder: Folder,
    pub library: Library,
    /// This binary: its worker subcommands are the child processes.
    pub exe: PathBuf,
    pub node: NodeId,
    pub metrics: Arc<Metrics>,
}

const ROOT: &str = "root";

impl Engine {
    /// Starts the tree. Jobs that an earlier node left go on by themselves.
    pub async fn start(parts: Parts) -> Result<Self, EngineError> {
        let unable = |error: &dyn std::error::Error| EngineError::Start { reason: chain(error) };
        let prices = PriceList::load(&parts.config.llm.prices).map_err(|error| unable(&error))?;
        let staff = Staff::new(parts.config.llm.clone(), prices).map_err(|error| unable(&error))?;
        let shared = Arc::new(Shared::new(parts, staff));
        let directory = Directory::default();
        let (alarm, raised) = watch::channel(false);
        let args = RootArgs { shared: shared.clone(), alarm };
        let root = spawn_root::<RootActor>(&directory, ROOT, args)
            .await
            .map_err(|fault| EngineError::Start { reason: fault.reason })?;
        Ok(Self { shared, directory, root: Arc::new(root), alarm: raised })
    }

    /// Ends the tree and everything that runs below it. What was under way goes on at the next start.
    pub async fn stop(&self) {
        let patience = ractor::concurrency::Duration::from_secs(5);
        // An actor that does not end in time is killed with the runtime.
        let _ = self.root.address.cell().stop_and_wait(None, Some(patience)).await;
    }

    /// Resolves when the tree has ended of itself: the node has to be started anew.
    pub async fn broken(&self) {
        let mut alarm = self.alarm.clone();
        // A sender that is gone has raised the alarm before.
        let _ = alarm.wait_for(|raised| *raised).await;
    }

    pub fn is_ready(&self) -> bool {
        !*self.alarm.borrow()
    }

    pub fn node(&self) -> &NodeId {
        &self.shared.node
    }

    pub fn uptime(&self) -> Duration {
        clock::tick().duration_since(self.shared.started)
    }

    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// For reading. Jobs are changed through this handle alone.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Tells which job has changed; what has changed stands in the store. After a lag, look at everything.
    pub fn changes(&self) -> broadcast::Receiver<JobId> {
        self.shared.changes.subscribe()
    }

    /// The true tree of actors.
    pub fn actors(&self) -> Option<ActorView> {
        self.directory.tree(ROOT)
    }

    /// Makes an actor panic at its next message: how the tests of the supervision look at real failures.
    pub fn crash_actor(&self, path: &str) -> bool {
        self.directory.crash(path)
    }

    pub async fn begin_upload(&self) -> Result<Upload, UploadError> {
        Upload::begin(&self.shared.folder, self.shared.config.server.max_upload_bytes).await
    }

    /// Takes a received file as a job, or finds the job that it already is.
    pub async fn submit(&self, submission: Submission) -> Result<Accepted, EngineError> {
        intake::submit(&self.shared, submission).await
    }

    /// Stops a job in any state. Durable when it answers; work in progress ends within a second.
    pub async fn cancel(&self, tenant: &TenantId, id: JobId) -> Result<Job, EngineError> {
        self.change(tenant, id, &Event::Cancel).await
    }

    /// Gives a failed or cancelled job another chance, from the stage where it ended.
    pub async fn retry(&self, tenant: &TenantId, id: JobId) -> Result<Job, EngineError> {
        self.change(tenant, id, &Event::Retry).await
    }

    /// A change from outside takes the job out of the hands of whoever works on it, by its epoch.
    async fn change(
        &self,
        tenant: &TenantId,
        id: JobId,
        event: &Event,
    ) -> Result<Job, EngineError> {
        // The job may move between the look and the change: then the look is repeated.
        loop {
            let found = jobs::get(&self.shared.store, tenant, id).await?;
            let job = found.ok_or(EngineError::UnknownJob { job: id })?;
            let now = clock::now();
            let step = job
                .state
                .clone()
                .apply(event.clone(), now)
                .map_err(|_| EngineError::WrongState { job: id, status: job.state.status() })?;
            let mut tx = self.shared.store.write().await?;
            match jobs::save(&mut tx, &job, &step.next, now).await {
                Ok(job) => {
                    if *event == Event::Retry {
                        llm_calls::forgive(&mut tx, id).await?;
                    }
                    tx.commit().await?;
                    // A supervisor that is being restarted looks at the database when it is back.
                    let _ = self.shared.jobs.report(JobsMsg::Changed(id));
                    self.shared.tell(id);
                    return Ok(job);
                }
                Err(crate::store::StoreError::StaleEpoch { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
