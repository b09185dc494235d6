//! The text of a job, put together from its chunks as far as they are finished, and from what people have corrected.

use super::chunks;
use super::database::{Store, Tx};
use super::error::StoreError;
use super::gaps;
use super::revisions;
use crate::domain::edits::{Revised, revise};
use crate::domain::job::Job;
use crate::domain::transcript::{Segment, Transcript, UNDETERMINED};

/// What Whisper heard; nothing ever changes it.
pub async fn heard(store: &Store, job: &Job) -> Result<Transcript, StoreError> {
    let chunks = chunks::list(store, &job.tenant, job.id).await?;
    let segments = chunks.into_iter().filter_map(|chunk| chunk.segments).flatten();
    let gaps = gaps::list(store, &job.tenant, job.id).await?;
    Ok(Transcript { gaps, ..stitched(job, segments.collect()) })
}

/// The newest version.
pub async fn get(store: &Store, job: &Job) -> Result<Transcript, StoreError> {
    let revisions = revisions::list(store, job).await?;
    Ok(revise(heard(store, job).await?, &revisions).transcript)
}

/// One version, 0 for what Whisper heard, or the newest; `None` where there is no such version.
pub async fn version(
    store: &Store,
    job: &Job,
    wanted: Option<u32>,
) -> Result<Option<Revised>, StoreError> {
    let mut revisions = revisions::list(store, job).await?;
    if let Some(wanted) = wanted {
        revisions.retain(|revision| revision.version <= wanted);
        if revisions.last().map_or(0, |revision| revision.version) != wanted {
            return Ok(None);
        }
    }
    Ok(Some(revise(heard(store, job).await?, &revisions)))
}

/// The segments of the newest version, as this transaction sees them.
pub(super) async fn newest_in(tx: &mut Tx, job: &Job) -> Result<Vec<Segment>, StoreError> {
    let heard = stitched(job, chunks::said(tx, job.id).await?);
    let revisions = revisions::list_in(tx, job).await?;
    Ok(revise(heard, &revisions).transcript.segments)
}

fn stitched(job: &Job, segments: Vec<Segment>) -> Transcript {
    let language = segments.first().map_or(UNDETERMINED, |segment| &segment.language).to_owned();
    let duration_ms = job.audio.duration_ms.unwrap_or(0);
    Transcript::stitch(language, job.model.name.clone(), duration_ms, segments)
}
