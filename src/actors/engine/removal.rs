//! Takes a job away for good: the database first, then the files, and whatever a crash left in between at the next start.

use super::error::EngineError;
use super::shared::Shared;
use crate::actors::jobs::JobsMsg;
use crate::clock;
use crate::domain::Timestamp;
use crate::domain::ids::{JobId, TenantId};
use crate::store::{StoreError, Tx, jobs, removals, trash};
use crate::telemetry::chain;
use std::io;
use std::time::Duration;

/// A child that is being ended may write into the folder for a moment.
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_millis(50);

pub async fn remove(shared: &Shared, tenant: &TenantId, id: JobId) -> Result<(), EngineError> {
    let mut tx = shared.store.write().await?;
    if !removals::remove(&mut tx, tenant, id, clock::now()).await? {
        return Err(EngineError::UnknownJob { job: id });
    }
    finish(shared, tx, id).await
}

/// Removes for good what lies in the trash for longer than it is kept; says how many jobs that were.
pub async fn purge_trash(shared: &Shared, now: Timestamp) -> usize {
    let Some(before) = now.checked_sub_signed(shared.config.storage.trash_keep()) else { return 0 };
    let old = match trash::since(&shared.store, before).await {
        Ok(old) => old,
        Err(error) => {
            tracing::error!(error = chain(&error), "cannot look into the trash");
            return 0;
        }
    };
    let mut purged = 0;
    for (tenant, id) in old {
        match purge(shared, &tenant, id, before).await {
            Ok(removed) => purged += usize::from(removed),
            Err(error) => {
                tracing::warn!(job = %id, error = chain(&error), "a job stays in the trash");
            }
        }
    }
    purged
}

/// One that was taken back meanwhile stays.
async fn purge(
    shared: &Shared,
    tenant: &TenantId,
    id: JobId,
    before: Timestamp,
) -> Result<bool, EngineError> {
    let mut tx = shared.store.write().await?;
    let job = jobs::get_in(&mut tx, tenant, id).await?;
    if job.and_then(|job| job.trashed_at).is_none_or(|at| at > before) {
        return Ok(false);
    }
    removals::remove(&mut tx, tenant, id, clock::now()).await?;
    finish(shared, tx, id).await?;
    Ok(true)
}

async fn finish(shared: &Shared, tx: Tx, id: JobId) -> Result<(), EngineError> {
    tx.commit().await?;
    // Whoever works on it lets go; a supervisor that is being restarted finds no such job when it is back.
    let _ = shared.jobs.report(JobsMsg::Changed(id));
    shared.tell(id);
    if let Err(error) = remove_files(shared, id).await {
        // It is removed all the same: the next start tries again.
        tracing::warn!(job = %id, error = chain(&error), "files of a removed job stay behind");
    }
    Ok(())
}

/// Finishes the removals that an earlier run has begun.
pub async fn sweep(shared: &Shared) {
    let left = match removals::unfinished(&shared.store).await {
        Ok(left) => left,
        Err(error) => {
            tracing::error!(error = chain(&error), "cannot look for unfinished removals");
            return;
        }
    };
    for id in left {
        if let Err(error) = remove_files(shared, id).await {
            tracing::warn!(job = %id, error = chain(&error), "files of a removed job stay behind");
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum LeftBehind {
    #[error("cannot remove the files of the job")]
    Files { source: io::Error },
    #[error("cannot write down that the files are gone")]
    Store {
        #[from]
        source: StoreError,
    },
}

async fn remove_files(shared: &Shared, id: JobId) -> Result<(), LeftBehind> {
    let mut tried = 1;
    while let Err(source) = shared.folder.remove(id) {
        if tried == TRIES {
            return Err(LeftBehind::Files { source });
        }
        tried += 1;
        tokio::time::sleep(BETWEEN).await;
    }
    let mut tx = shared.store.write().await?;
    removals::finish(&mut tx, id).await?;
    Ok(tx.commit().await?)
}
