//! What a person does to a job that is no step of its life: trash, restore, another title, other tags.

use super::error::EngineError;
use super::shared::Shared;
use crate::clock;
use crate::domain::amendment::Amendment;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::store::{Tx, jobs, labels, trash};
use chrono::SubsecRound;

/// Puts a job into the trash or takes it back. Whoever works on it goes on: its epoch stays.
pub async fn set_trashed(
    shared: &Shared,
    tenant: &TenantId,
    id: JobId,
    is_trashed: bool,
) -> Result<Job, EngineError> {
    let mut tx = shared.store.write().await?;
    let job = find(&mut tx, tenant, id).await?;
    let now = clock::now().trunc_subsecs(3);
    let job = trash::set(&mut tx, &job, is_trashed.then_some(now), now).await?;
    tx.commit().await?;
    shared.tell(id);
    Ok(job)
}

/// Changes title and tags, in one transaction with those of the note.
pub async fn amend(
    shared: &Shared,
    tenant: &TenantId,
    id: JobId,
    amendment: &Amendment,
) -> Result<Job, EngineError> {
    let amendment = amendment.clone().tidy();
    let faults = amendment.faults();
    if !faults.is_empty() {
        return Err(EngineError::Options { faults });
    }
    let mut tx = shared.store.write().await?;
    let job = find(&mut tx, tenant, id).await?;
    if amendment == Amendment::default() {
        return Ok(job);
    }
    let job = labels::amend(&mut tx, &job, &amendment, clock::now()).await?;
    tx.commit().await?;
    shared.tell(id);
    Ok(job)
}

async fn find(tx: &mut Tx, tenant: &TenantId, id: JobId) -> Result<Job, EngineError> {
    let found = jobs::get_in(tx, tenant, id).await?;
    found.ok_or(EngineError::UnknownJob { job: id })
}
