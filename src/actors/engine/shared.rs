//! What all actors of one engine share: the store, the folder, the settings, and the posts of the rooms.

use super::Parts;
use crate::actors::ingest::IngestMsg;
use crate::actors::jobs::JobsMsg;
use crate::actors::llm::LlmMsg;
use crate::actors::supervise::Post;
use crate::actors::whisper::{PoolMsg, Weights};
use crate::clock;
use crate::config::Config;
use crate::domain::failure::Failure;
use crate::domain::ids::{JobId, NodeId};
use crate::domain::job::{ModelRef, SAMPLE_RATE_HZ};
use crate::providers::audio::ChildLimits;
use crate::providers::llm::Staff;
use crate::providers::models::Library;
use crate::providers::storage::Folder;
use crate::store::Store;
use crate::telemetry::metrics::Metrics;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::broadcast;

/// Changes that a slow listener may lag behind, before it has to look at everything.
const CHANGES: usize = 1_024;

pub struct Shared {
    pub store: Store,
    pub folder: Folder,
    pub library: Library,
    pub config: Config,
    pub exe: PathBuf,
    pub node: NodeId,
    pub started: Instant,
    pub processors: usize,
    /// Chunks that are transcribed at once.
    pub slots: usize,
    pub ingest: Post<IngestMsg>,
    pub whisper: Post<PoolMsg>,
    pub llm: Post<LlmMsg>,
    pub jobs: Post<JobsMsg>,
    /// The language models that may be asked.
    pub staff: Staff,
    pub changes: broadcast::Sender<JobId>,
    pub metrics: Arc<Metrics>,
}

impl Shared {
    pub(super) fn new(parts: Parts, staff: Staff) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let slots = parts.config.whisper.slots(processors);
        Self {
            store: parts.store,
            folder: parts.folder,
            library: parts.library,
            config: parts.config,
            exe: parts.exe,
            node: parts.node,
            started: clock::tick(),
            processors,
            slots,
            ingest: Post::default(),
            whisper: Post::default(),
            llm: Post::default(),
            jobs: Post::default(),
            staff,
            changes: broadcast::Sender::new(CHANGES),
            metrics: parts.metrics,
        }
    }

    /// Wakes whoever listens for this job. Nobody may be listening.
    pub fn tell(&self, job: JobId) {
        let _ = self.changes.send(job);
    }

    /// The weights that a job was bound to. Others under the same name would give another text.
    pub fn weights(&self, model: &ModelRef) -> Result<Weights, Failure> {
        let name = &model.name;
        let failed = |message| {
            let hint = "get it with `diarist models pull`, then retry the job";
            Failure::give_up("model_missing", message, hint)
        };
        match self.library.installed(name) {
            Ok(Some(found)) if found.sha256 == model.sha256 => {
                Ok(Weights { path: found.path, sha256: found.sha256 })
            }
            Ok(Some(_)) => {
                let message = format!("the model {name} has been replaced since the job was made");
                let hint = "send the recording again, to have it heard by the new one";
                Err(Failure::give_up("model_changed", message, hint))
            }
            Ok(None) => Err(failed(format!("the model {name} is not installed"))),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// What one decoding child may use: the settings, and as much output as the longest recording makes.
    pub fn decode_limits(&self) -> ChildLimits {
        let audio = &self.config.audio;
        let samples = audio.max_duration_ms.saturating_mul(SAMPLE_RATE_HZ) / 1_000;
        ChildLimits {
            memory_bytes: audio.decode_memory_bytes,
            cpu_s: audio.decode_cpu_s,
            output_bytes: samples.saturating_mul(2).saturating_add(1 << 20),
            ..ChildLimits::default()
        }
    }
}
