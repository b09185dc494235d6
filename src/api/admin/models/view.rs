//! A model as whoever chooses one sees it.

use crate::actors::engine::{Shelf, Weighed};
use crate::actors::pulls::{Phase, Pull};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct ModelShelf {
    /// The model of jobs that name none; it may not be installed yet.
    pub default: String,
    pub recommended: RecommendedView,
    /// From the quickest to the most accurate, then a person's own.
    pub items: Vec<ModelItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RecommendedView {
    pub name: String,
    /// In plain words.
    pub why: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ModelItem {
    pub name: String,
    /// What it is and whom it suits.
    pub about: String,
    /// To download; on the disk it may be less.
    pub bytes: u64,
    /// Of a worker that has it loaded; an estimate.
    pub memory_bytes: u64,
    pub multilingual: bool,
    pub installed: bool,
    /// A worker has it in memory now.
    pub loaded: bool,
    /// Seconds of work for each second of sound on this machine: as its own jobs have shown, else an estimate.
    pub estimated_rtf: Option<f64>,
    /// How getting it stands, where it was asked for since the server was started.
    pub pull: Option<PullView>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PullView {
    pub state: PullState,
    /// What it is doing while it runs.
    pub phase: PullPhase,
    pub received_bytes: u64,
    /// `null` until a source has said it.
    pub total_bytes: Option<u64>,
    pub error: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PullState {
    Running,
    Failed,
    Done,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PullPhase {
    /// Another model comes first.
    Waiting,
    Downloading,
    Converting,
    Over,
}

impl ModelShelf {
    pub fn new(default: &str, shelf: Shelf) -> Self {
        let items: Vec<ModelItem> = shelf.items.into_iter().map(ModelItem::from).collect();
        let recommended = match shelf.recommended {
            Some(it) => RecommendedView { name: it.name, why: it.why },
            None => RecommendedView {
                name: default.to_owned(),
                why: "It is the one that this server is set up with.".to_owned(),
            },
        };
        Self { default: default.to_owned(), recommended, items }
    }
}

impl From<Weighed> for ModelItem {
    fn from(model: Weighed) -> Self {
        Self {
            name: model.name,
            about: model.about,
            bytes: model.bytes,
            memory_bytes: model.memory_bytes,
            multilingual: model.multilingual,
            installed: model.installed,
            loaded: model.loaded,
            estimated_rtf: model.estimated_rtf,
            pull: model.pull.map(PullView::from),
        }
    }
}

impl From<Pull> for PullView {
    fn from(pull: Pull) -> Self {
        let Pull { phase, received_bytes, total_bytes, error } = pull;
        let (state, phase) = match phase {
            Phase::Waiting => (PullState::Running, PullPhase::Waiting),
            Phase::Downloading => (PullState::Running, PullPhase::Downloading),
            Phase::Converting => (PullState::Running, PullPhase::Converting),
            Phase::Done => (PullState::Done, PullPhase::Over),
            Phase::Failed => (PullState::Failed, PullPhase::Over),
        };
        Self { state, phase, received_bytes, total_bytes, error }
    }
}
