//! A person corrects a transcript: a new version on top of the newest, written down and found at once.

use super::error::EngineError;
use super::shared::Shared;
use crate::clock;
use crate::domain::edits::{Edit, Revised, Revision, changes, faults, revise};
use crate::domain::ids::{JobId, TenantId};
use crate::store::{jobs, passages, removals, revisions, transcripts};
use chrono::SubsecRound;

/// Keeps the edits as the version after `base`, which has to be the newest: nobody overwrites what they have not seen.
/// Edits that change nothing make no version.
pub async fn correct(
    shared: &Shared,
    tenant: &TenantId,
    id: JobId,
    base: u32,
    edits: &[Edit],
) -> Result<Revised, EngineError> {
    let found = jobs::get(&shared.store, tenant, id).await?;
    let job = found.ok_or(EngineError::UnknownJob { job: id })?;
    if !job.state.has_whole_text() {
        return Err(EngineError::NotTranscribed { job: id, status: job.state.status() });
    }
    let heard = transcripts::heard(&shared.store, &job).await?;
    let mut tx = shared.store.write().await?;
    if !removals::is_there(&mut tx, id).await? {
        return Err(EngineError::UnknownJob { job: id });
    }
    let mut revisions = revisions::list_in(&mut tx, &job).await?;
    let newest = revisions.last().map_or(0, |revision| revision.version);
    if base != newest {
        return Err(EngineError::VersionConflict { job: id, base, newest });
    }
    let faults = faults(&heard, edits);
    if !faults.is_empty() {
        return Err(EngineError::Edits { faults });
    }
    let before = revise(heard.clone(), &revisions);
    let edits = changes(&before.transcript, edits);
    if edits.is_empty() {
        return Ok(before);
    }
    let created_at = clock::now().trunc_subsecs(3);
    let revision = Revision { version: newest + 1, created_at, edits };
    revisions::add(&mut tx, &job, &revision).await?;
    revisions.push(revision);
    let after = revise(heard, &revisions);
    passages::put_transcript(&mut tx, &job, &after.transcript.segments).await?;
    tx.commit().await?;
    shared.tell(id);
    Ok(after)
}
