//! What all actors of one engine share: the store, the folder, the settings, and the posts of the rooms.

use super::Parts;
use super::error::EngineError;
use super::places::Places;
use super::pools::PoolSize;
use super::turns::Turns;
use crate::actors::ingest::IngestMsg;
use crate::actors::jobs::JobsMsg;
use crate::actors::llm::{LlmMsg, UnderWay};
use crate::actors::pulls::{Board, PullsMsg};
use crate::actors::supervise::Post;
use crate::actors::whisper::{Partial, PoolBoard, PoolMsg, Weights};
use crate::actors::writer::{CheckpointerMsg, WriterMsg};
use crate::clock;
use crate::config::Config;
use crate::domain::failure::Failure;
use crate::domain::ids::{JobId, NodeId};
use crate::domain::job::{ModelRef, SAMPLE_RATE_HZ};
use crate::providers::audio::{ChildLimits, DecodeRequest, Mode};
use crate::providers::llm::Staff;
use crate::providers::models::Library;
use crate::providers::storage::{Folder, UploadError};
use crate::store::Store;
use crate::telemetry::metrics::Metrics;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;
use tokio::sync::{broadcast, watch};

/// Changes that a slow listener may lag behind, before it has to look at everything.
const CHANGES: usize = 1_024;
/// Words of chunks under way that a slow listener may lag behind, before it misses some.
const PARTIALS: usize = 256;

/// A phone records 8 kB a second, of which 32 kB of decoded sound are made.
const SOUND_PER_UPLOAD_BYTE: u64 = 4;
const SAMPLE_BYTES: u64 = 2;

/// What is done in the stages of a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stages {
    #[default]
    Real,
    /// Nothing: each is claimed and ends at once, so that the engine's own work can be measured.
    Null,
}

/// Whether the node takes work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Open,
    /// It finishes what is under way, and begins nothing.
    Draining,
    /// A part of it is lost for good: it has to be started anew.
    Broken,
}

/// What may be looked for; jobs are looked for with room for them.
const NOTHING: u8 = 0;
const ROOM: u8 = 1;
const JOBS: u8 = 2;

pub struct Shared {
    pub store: Store,
    pub folder: Folder,
    pub library: Library,
    pub config: Config,
    pub exe: PathBuf,
    /// The data folder by its own name, where other nodes have others.
    pub home: Option<String>,
    /// What its stages do.
    pub stages: Stages,
    /// This start of a node; another one once its lease has run out.
    node: RwLock<NodeId>,
    pub started: Instant,
    pub processors: usize,
    /// Who works on how many jobs.
    pub places: Arc<Places>,
    /// Files that are decoded at once.
    pub workers: PoolSize,
    /// Chunks that are transcribed at once.
    pub slots: PoolSize,
    pub ingest: Post<IngestMsg>,
    pub whisper: Post<PoolMsg>,
    pub llm: Post<LlmMsg>,
    pub pulls: Post<PullsMsg>,
    /// What the whisper pool is doing.
    pub pool: PoolBoard,
    /// The models that are wanted, and how far each has come.
    pub wanted: Board,
    pub jobs: Post<JobsMsg>,
    /// What `jobs` is to look for, by a message that waits in its mailbox.
    look_for: AtomicU8,
    pub writer: Post<WriterMsg>,
    pub checkpointer: Post<CheckpointerMsg>,
    /// Whether the node takes work.
    pub gate: watch::Sender<Gate>,
    /// Who may write to which recording.
    pub(in crate::actors) turns: Turns,
    /// The language models that may be asked.
    pub staff: Staff,
    /// The calls of language models that have not ended yet.
    pub calls: UnderWay,
    pub changes: broadcast::Sender<JobId>,
    pub partials: broadcast::Sender<Partial>,
    pub metrics: Arc<Metrics>,
}

impl Shared {
    pub(super) fn new(parts: Parts, staff: Staff) -> io::Result<Self> {
        let home = parts.store.is_shared().then(|| parts.folder.id()).transpose()?;
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = PoolSize::new(parts.config.audio.workers(processors));
        let slots = PoolSize::new(parts.config.whisper.slots(processors));
        let engine = &parts.config.engine;
        let places = Places::new(parts.node.clone(), engine.max_active_jobs, engine.short_places);
        let places = Arc::new(places);
        Ok(Self {
            store: parts.store,
            folder: parts.folder,
            library: parts.library,
            config: parts.config,
            exe: parts.exe,
            home,
            stages: parts.stages,
            places,
            node: RwLock::new(parts.node),
            started: clock::tick(),
            processors,
            workers,
            slots,
            ingest: Post::default(),
            whisper: Post::default(),
            llm: Post::default(),
            pulls: Post::default(),
            pool: PoolBoard::default(),
            wanted: Board::default(),
            jobs: Post::default(),
            look_for: AtomicU8::new(NOTHING),
            writer: Post::default(),
            checkpointer: Post::default(),
            gate: watch::Sender::new(Gate::Open),
            turns: Turns::default(),
            staff,
            calls: UnderWay::default(),
            changes: broadcast::Sender::new(CHANGES),
            partials: broadcast::Sender::new(PARTIALS),
            metrics: parts.metrics,
        })
    }

    pub fn node(&self) -> NodeId {
        self.node.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn set_node(&self, node: NodeId) {
        *self.node.write().unwrap_or_else(PoisonError::into_inner) = node;
    }

    pub fn is_open(&self) -> bool {
        *self.gate.borrow() == Gate::Open
    }

    /// For the doors through which work comes in.
    pub fn takes_work(&self) -> Result<(), EngineError> {
        if self.is_open() { Ok(()) } else { Err(EngineError::NotTaking) }
    }

    /// Begins nothing from now on. What is broken stays so.
    pub fn close_gate(&self) {
        self.gate.send_if_modified(|gate| {
            let was_open = *gate == Gate::Open;
            if was_open {
                *gate = Gate::Draining;
            }
            was_open
        });
    }

    /// There may be something to claim of which the writer does not know. However many say so, one look is enough.
    pub fn look_for_jobs(&self) {
        self.look_for(JOBS);
    }

    /// All places are taken, and somebody may wait for one.
    pub fn look_for_room(&self) {
        self.look_for(ROOM);
    }

    fn look_for(&self, what: u8) {
        let before = self.look_for.fetch_max(what, Ordering::AcqRel);
        if before == NOTHING && self.jobs.report(JobsMsg::Look).is_err() {
            // A supervisor that is being restarted looks when it is back.
            self.begin_look();
        }
    }

    /// What comes from now on needs another look. Says whether this one is for jobs as well as for room.
    pub fn begin_look(&self) -> bool {
        self.look_for.swap(NOTHING, Ordering::AcqRel) == JOBS
    }

    /// Wakes whoever listens for this job. Nobody may be listening.
    pub fn tell(&self, job: JobId) {
        let _ = self.changes.send(job);
    }

    /// Wakes everybody who listens: any job may have changed. No job has the id that says so.
    pub fn tell_all(&self) {
        self.tell(JobId(uuid::Uuid::nil()));
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

    /// What a decoding child is asked for: a recording, and where its samples go.
    pub fn decode_request(&self, input: PathBuf, output: PathBuf, mode: Mode) -> DecodeRequest {
        let max_duration_ms = self.config.audio.max_duration_ms;
        let (limits, ffmpeg) = (self.decode_limits(), self.config.audio.ffmpeg());
        DecodeRequest { input, output, mode, max_duration_ms, limits, ffmpeg }
    }

    /// Whether the disk has room for an upload of so many bytes and, by a guess, for its decoded sound.
    pub fn room_for_upload(&self, bytes: u64) -> Result<(), UploadError> {
        let longest = self.sound_bytes(self.config.audio.max_duration_ms);
        let sound = bytes.saturating_mul(SOUND_PER_UPLOAD_BYTE).min(longest);
        self.folder.has_room(bytes.saturating_add(sound), self.config.storage.min_free_bytes)
    }

    /// Whether the disk has room for the decoded sound of a recording that says how long it is.
    pub fn room_for_sound(&self, duration_ms: Option<u64>) -> Result<(), UploadError> {
        let sound = self.sound_bytes(duration_ms.unwrap_or(0));
        self.folder.has_room(sound, self.config.storage.min_free_bytes)
    }

    fn sound_bytes(&self, duration_ms: u64) -> u64 {
        let duration_ms = duration_ms.min(self.config.audio.max_duration_ms);
        (duration_ms.saturating_mul(SAMPLE_RATE_HZ) / 1_000).saturating_mul(SAMPLE_BYTES)
    }

    /// What one decoding child may use: the settings, and as much output as the longest recording makes.
    fn decode_limits(&self) -> ChildLimits {
        let audio = &self.config.audio;
        ChildLimits {
            memory_bytes: audio.decode_memory_bytes,
            cpu_s: audio.decode_cpu_s,
            output_bytes: self.sound_bytes(audio.max_duration_ms).saturating_add(1 << 20),
            ..ChildLimits::default()
        }
    }
}
