//! What this machine is, which models there are for it, and the getting of those that are not here yet.

use super::error::EngineError;
use super::shared::Shared;
use crate::actors::pulls::{Pull, PullsMsg};
use crate::providers::machine::{Machine, resident_bytes};
use crate::providers::models::recommend::{Recommended, estimated_rtf, recommend};
use crate::providers::models::{Catalog, Installed, ModelEntry, ModelError};
use crate::providers::storage::free_bytes;
use crate::store::pace;
use std::collections::BTreeMap;

/// Fewer seconds of sound than this tell no pace.
const TELLING_SOUND_MS: i64 = 20_000;
/// What a worker takes beside the weights, measured with the small models.
const WORKER_BYTES: u64 = 320_000_000;

/// A model that can be had, or is here.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    pub name: String,
    /// What it is and whom it suits, in words.
    pub about: String,
    /// To download, or on the disk where it came from elsewhere.
    pub bytes: u64,
    /// Of a worker that has it loaded; an estimate.
    pub memory_bytes: u64,
    pub multilingual: bool,
    pub installed: bool,
    pub loaded: bool,
    /// Seconds of work for each second of sound, on this machine.
    pub estimated_rtf: Option<f64>,
    pub pull: Option<Pull>,
}

/// All models, and the one that suits this machine.
pub struct Shelf {
    pub recommended: Option<Recommended>,
    pub items: Vec<Weighed>,
}

/// The Whisper pool as it is now.
pub struct Pool {
    pub slots: usize,
    pub running: usize,
    /// Chunks that wait for a slot.
    pub waiting: usize,
    /// The loaded model by name, and the memory that its process holds.
    pub loaded: Option<(String, Option<u64>)>,
}

pub fn pool(shared: &Shared) -> Pool {
    let board = &shared.pool;
    let loaded = board.loaded().map(|loaded| {
        let name = loaded.model.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (name, loaded.process.and_then(resident_bytes))
    });
    Pool { slots: shared.slots.get(), running: board.running(), waiting: board.waiting(), loaded }
}

pub async fn shelf(shared: &Shared) -> Result<Shelf, EngineError> {
    let catalog = Catalog::builtin().map_err(unread)?;
    let installed = shared.library.list().map_err(unread)?;
    let measured = measured(shared).await?;
    let pace = |name: &str, known: Option<u32>| {
        let cpu_ms_per_s = measured.get(name).copied().or(known)?;
        Some(estimated_rtf(cpu_ms_per_s, shared.slots.get()))
    };
    let loaded = shared.pool.loaded().map(|loaded| loaded.model);
    let weigh = |name: &str, here: Option<&Installed>| Weighed {
        name: name.to_owned(),
        about: String::new(),
        bytes: here.map_or(0, |model| model.bytes),
        memory_bytes: here.map_or(0, |model| model.bytes.saturating_add(WORKER_BYTES)),
        multilingual: here.is_some_and(|model| model.multilingual),
        installed: here.is_some(),
        loaded: here.is_some_and(|model| loaded.as_ref() == Some(&model.path)),
        estimated_rtf: pace(name, None),
        pull: shared.wanted.of(name),
    };
    let find = |name: &str| installed.iter().find(|model| model.name == name);
    let known = catalog.models.iter().map(|entry| Weighed {
        about: entry.family.clone(),
        bytes: entry.download_bytes(),
        memory_bytes: entry.ram_bytes,
        multilingual: entry.is_multilingual(),
        estimated_rtf: pace(&entry.name, Some(entry.cpu_ms_per_s)),
        ..weigh(&entry.name, find(&entry.name))
    });
    let own = installed.iter().filter(|model| catalog.find(&model.name).is_err());
    let own = own.map(|model| Weighed {
        about: format!("your own, from {}", model.source),
        ..weigh(&model.name, Some(model))
    });
    let items = known.chain(own).collect();
    let expected =
        |entry: &ModelEntry| pace(&entry.name, Some(entry.cpu_ms_per_s)).unwrap_or(f64::INFINITY);
    let free = free_bytes(shared.folder.root()).unwrap_or(u64::MAX);
    let recommended = recommend(&catalog, &Machine::look(), free, &expected);
    Ok(Shelf { recommended, items })
}

/// Processor milliseconds for each second of sound, of the models that have heard enough here.
async fn measured(shared: &Shared) -> Result<BTreeMap<String, u32>, EngineError> {
    let heard = pace::by_model(&shared.store).await?;
    let telling = heard.into_iter().filter(|pace| pace.sound_ms >= TELLING_SOUND_MS);
    let per_second = telling.map(|pace| {
        let ms = pace.cpu_ms.saturating_mul(1_000) / pace.sound_ms.max(1);
        (pace.model, u32::try_from(ms).unwrap_or(u32::MAX))
    });
    Ok(per_second.collect())
}

/// Asks for a model. It is got in the background; asking again changes nothing while it is.
pub async fn pull(shared: &Shared, name: &str) -> Result<Weighed, EngineError> {
    check(name)?;
    shared.wanted.want(name);
    one(shared, name).await
}

/// Stops getting a model. What has come so far is used when it is asked for again.
pub async fn cancel_pull(shared: &Shared, name: &str) -> Result<Weighed, EngineError> {
    check(name)?;
    shared.wanted.forget(name);
    one(shared, name).await
}

async fn one(shared: &Shared, name: &str) -> Result<Weighed, EngineError> {
    // An actor that is being restarted looks at the board when it is back.
    let _ = shared.pulls.report(PullsMsg::Look);
    let found = shelf(shared).await?.items.into_iter().find(|item| item.name == name);
    found
        .ok_or_else(|| EngineError::UnknownModel { reason: format!("no model is called `{name}`") })
}

fn check(name: &str) -> Result<(), EngineError> {
    match Catalog::builtin().and_then(|catalog| catalog.find(name).map(drop)) {
        Err(error @ ModelError::UnknownModel { .. }) => {
            Err(EngineError::UnknownModel { reason: error.to_string() })
        }
        other => other.map_err(unread),
    }
}

fn unread(source: ModelError) -> EngineError {
    EngineError::Models { name: "catalogue".to_owned(), source }
}
