//! The handle of the engine: everything that a door may ask of it, and nothing that it could break.

mod admin;
mod audit;
pub mod capture;
mod change;
mod correction;
mod error;
mod handling;
mod intake;
mod listening;
mod orphans;
mod places;
mod pools;
mod removal;
mod rerun;
mod shared;
mod shelf;
mod stages;
mod tries;
mod turns;

pub use crate::providers::models::{Installed, ModelError};
pub use crate::providers::storage::{Upload, UploadError, Uploaded};
pub use crate::providers::whisper::{knows_language, language_name};
pub use audit::audit;
pub use capture::{Beginning, Place};
pub use change::change;
use change::retry_failed;
pub use error::EngineError;
pub use intake::{Accepted, Submission};
pub use orphans::purge as purge_set_aside;
pub use places::{Left, Places, Reserved};
pub use pools::{PoolName, PoolSize};
pub use removal::purge_trash;
pub use shared::{Gate, Shared, Stages};
pub use shelf::{Pool, Shelf, Weighed};

use super::cluster;
use super::jobs::JobsMsg;
use super::root::RootActor;
use super::supervise::{Directory, Root};
use crate::clock;
use crate::config::Config;
use crate::domain::amendment::Amendment;
use crate::domain::edits::{Edit, Revised};
use crate::domain::ids::{JobId, NodeId, RecordingId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::{Event, Stage};
use crate::domain::recording::Recording;
use crate::domain::rerun::Rerun;
use crate::providers::llm::{PriceList, Staff};
use crate::providers::machine::Machine;
use crate::providers::models::Library;
use crate::providers::storage::{Folder, free_bytes};
use crate::store::Store;
use crate::store::arrivals::Arrival;
use crate::store::stages::Standing;
use crate::telemetry::{chain, metrics::Metrics, panics};
use futures::Stream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
pub(in crate::actors) use tries::Tries;
use tries::patiently;

/// A running engine. Clones are the same engine.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
    directory: Directory,
    root: Arc<Root>,
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
    pub stages: Stages,
}

const ROOT: &str = "root";

impl Engine {
    /// Starts the tree. Jobs that an earlier node left go on by themselves.
    pub async fn start(parts: Parts) -> Result<Self, EngineError> {
        let unable = |error: &dyn std::error::Error| EngineError::Start { reason: chain(error) };
        let prices = PriceList::load(&parts.config.llm.prices).map_err(|error| unable(&error))?;
        let staff = Staff::new(parts.config.llm.clone(), prices).map_err(|error| unable(&error))?;
        panics::watch();
        let shared = Arc::new(Shared::new(parts, staff).map_err(|error| unable(&error))?);
        removal::sweep(&shared).await;
        orphans::sweep(&shared).await;
        capture::sweep(&shared).await;
        if shared.store.is_shared() {
            cluster::begin(&shared).await.map_err(|error| unable(&error))?;
        }
        let directory = Directory::default();
        let root = Root::start::<RootActor>(&directory, ROOT, shared.clone())
            .await
            .map_err(|failure| EngineError::Start { reason: failure.reason })?;
        Ok(Self { shared, directory, root: Arc::new(root) })
    }

    /// Ends the tree from its leaves up: nothing is begun any more, the chunks and calls under way are finished and
    /// kept, and the jobs go on at the next start without having lost an attempt.
    pub async fn stop(&self) {
        self.shared.close_gate();
        self.root.leave(clock::tick() + self.shared.config.supervision.drain()).await;
    }

    /// Resolves when the tree has ended of itself: the node has to be started anew.
    pub async fn broken(&self) {
        let mut gate = self.shared.gate.subscribe();
        // We hold the sender ourselves: it is never gone.
        let _ = gate.wait_for(|gate| *gate == Gate::Broken).await;
    }

    pub fn is_ready(&self) -> bool {
        self.shared.is_open()
    }

    /// This start of a node.
    pub fn node(&self) -> NodeId {
        self.shared.node()
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

    pub async fn begin_upload(&self) -> Result<Upload, UploadError> {
        let (server, storage) = (&self.shared.config.server, &self.shared.config.storage);
        Upload::begin(&self.shared.folder, server.max_upload_bytes, storage.min_free_bytes).await
    }

    /// Whether the node takes work, and the disk has room for an upload of so many bytes and the sound made of it.
    pub fn room_for_upload(&self, bytes: u64) -> Result<(), EngineError> {
        self.shared.takes_work()?;
        Ok(self.shared.room_for_upload(bytes)?)
    }

    /// Takes a received file as a job, or finds the job that it already is.
    pub async fn submit(&self, submission: Submission) -> Result<Accepted, EngineError> {
        intake::submit(&self.shared, submission).await
    }

    /// Puts a job down whose recording is in its place, or finds the job that it already is. Nothing else of it is looked
    /// at: [`Self::submit`] does all that an upload needs.
    pub async fn enqueue(&self, arrival: Arrival) -> Result<Accepted, EngineError> {
        intake::enqueue(&self.shared, arrival).await
    }

    /// Begins a recording that will arrive piece by piece.
    pub async fn begin_recording(&self, sent: Beginning) -> Result<Recording, EngineError> {
        capture::begin(&self.shared, sent).await
    }

    /// Takes the next piece of a recording, whole or not at all. Durable when it answers with the next offset.
    pub async fn append_recording<B, E>(
        &self,
        tenant: &TenantId,
        id: RecordingId,
        place: Place,
        body: impl Stream<Item = Result<B, E>> + Unpin,
    ) -> Result<u64, EngineError>
    where
        B: AsRef<[u8]> + Send + 'static,
    {
        capture::append(&self.shared, tenant, id, place, body).await
    }

    /// Makes a recording a job, or finds the job that it already is.
    pub async fn finish_recording(
        &self,
        tenant: &TenantId,
        id: RecordingId,
    ) -> Result<Accepted, EngineError> {
        capture::finish(&self.shared, tenant, id).await
    }

    /// Takes an open recording away, with all its bytes.
    pub async fn discard_recording(
        &self,
        tenant: &TenantId,
        id: RecordingId,
    ) -> Result<(), EngineError> {
        capture::discard(&self.shared, tenant, id).await
    }

    /// Stops a job in any state. Durable when it answers; work in progress ends within a second.
    pub async fn cancel(&self, tenant: &TenantId, id: JobId) -> Result<Job, EngineError> {
        let cancelled = change(&self.shared, tenant, id, &Event::Cancel);
        audit(&self.shared, tenant, "cancel_job", &id.to_string(), cancelled).await
    }

    /// Gives a failed or cancelled job another chance, from the stage where it ended.
    pub async fn retry(&self, tenant: &TenantId, id: JobId) -> Result<Job, EngineError> {
        let retried = change(&self.shared, tenant, id, &Event::Retry);
        audit(&self.shared, tenant, "retry_job", &id.to_string(), retried).await
    }

    /// Gives failed jobs another chance, of one reason or of all: how many, and whether there are more.
    pub async fn retry_failed(
        &self,
        tenant: &TenantId,
        code: Option<&str>,
    ) -> Result<(u64, bool), EngineError> {
        let retried = retry_failed(&self.shared, tenant, code);
        audit(&self.shared, tenant, "retry_failed_jobs", code.unwrap_or("all"), retried).await
    }

    /// Begins nothing new in a stage until it is resumed; what runs there ends its chunk or the stage.
    pub async fn set_stage_paused(
        &self,
        tenant: &TenantId,
        stage: Stage,
        is_paused: bool,
    ) -> Result<Vec<Standing>, EngineError> {
        stages::set_paused(&self.shared, tenant, stage, is_paused).await
    }

    /// Whether one more job may wait, before anything is taken in for it.
    pub async fn admit(&self, tenant: &TenantId) -> Result<(), EngineError> {
        intake::admit(&self.shared, tenant).await
    }

    /// Removes a job with its recording and all that was made of it; one that runs is stopped first.
    pub async fn remove(&self, tenant: &TenantId, id: JobId) -> Result<(), EngineError> {
        let removed = patiently(|| removal::remove(&self.shared, tenant, id));
        audit(&self.shared, tenant, "remove_job", &id.to_string(), removed).await
    }

    /// Puts a job into the trash. One that runs goes on, and can be taken back.
    pub async fn trash(&self, tenant: &TenantId, id: JobId) -> Result<Job, EngineError> {
        patiently(|| handling::set_trashed(&self.shared, tenant, id, true)).await
    }

    /// Takes a job back out of the trash.
    pub async fn restore(&self, tenant: &TenantId, id: JobId) -> Result<Job, EngineError> {
        patiently(|| handling::set_trashed(&self.shared, tenant, id, false)).await
    }

    /// Changes title and tags of a job, and those of its note with them.
    pub async fn amend(
        &self,
        tenant: &TenantId,
        id: JobId,
        amendment: Amendment,
    ) -> Result<Job, EngineError> {
        patiently(|| handling::amend(&self.shared, tenant, id, &amendment)).await
    }

    /// Keeps a person's corrections of a transcript as the version after `base`.
    pub async fn correct(
        &self,
        tenant: &TenantId,
        id: JobId,
        base: u32,
        edits: &[Edit],
    ) -> Result<Revised, EngineError> {
        patiently(|| correction::correct(&self.shared, tenant, id, base, edits)).await
    }

    /// Hears the recording of a job once more, in another way.
    pub async fn rerun(
        &self,
        tenant: &TenantId,
        id: JobId,
        change: Rerun,
    ) -> Result<Accepted, EngineError> {
        rerun::rerun(&self.shared, tenant, id, change).await
    }

    /// Takes the sample that came with the program as a job.
    pub async fn demo(&self, tenant: &TenantId) -> Result<Accepted, EngineError> {
        rerun::demo(&self.shared, tenant).await
    }

    /// Opens the recording of a job, as it was sent.
    pub async fn recording(&self, job: &Job) -> Result<tokio::fs::File, EngineError> {
        let missing = |source| EngineError::RecordingMissing { job: job.id, source };
        let path = self.shared.folder.original(job.id).map_err(missing)?;
        tokio::fs::File::open(path).await.map_err(missing)
    }

    /// Cancels a job for somebody who cannot wait for it any more, as one whose connection has broken.
    pub fn abandon(&self, tenant: TenantId, id: JobId) {
        // A supervisor that is being restarted does not hear it: then the job runs to its end.
        let _ = self.shared.jobs.report(JobsMsg::Abandoned(tenant, id));
    }

    /// A model by its name, if it is installed.
    pub fn model(&self, name: &str) -> Result<Option<Installed>, ModelError> {
        self.shared.library.installed(name)
    }

    /// When a model came here, in seconds of Unix time.
    pub fn model_since(&self, model: &Installed) -> u64 {
        self.shared.library.since(model)
    }

    /// What this machine is, and how much room its disk has.
    pub fn machine(&self) -> (Machine, u64) {
        (Machine::look(), free_bytes(self.shared.folder.root()).unwrap_or(0))
    }

    /// All models that can be had, and the one that suits this machine.
    pub async fn shelf(&self) -> Result<Shelf, EngineError> {
        shelf::shelf(&self.shared).await
    }

    /// Asks for a model, which is got in the background.
    pub async fn pull(&self, name: &str) -> Result<Weighed, EngineError> {
        shelf::pull(&self.shared, name).await
    }

    /// Stops getting a model.
    pub async fn cancel_pull(&self, name: &str) -> Result<Weighed, EngineError> {
        shelf::cancel_pull(&self.shared, name).await
    }

    /// All installed models, by name.
    pub fn models(&self) -> Result<Vec<Installed>, ModelError> {
        self.shared.library.list()
    }
}
