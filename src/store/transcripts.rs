//! The text of a job, put together from its chunks as far as they are finished.

use super::chunks;
use super::dialect::Store;
use super::error::StoreError;
use super::gaps;
use crate::domain::job::Job;
use crate::domain::transcript::{Transcript, UNDETERMINED};

pub async fn get(store: &Store, job: &Job) -> Result<Transcript, StoreError> {
    let chunks = chunks::list(store, &job.tenant, job.id).await?;
    let segments: Vec<_> =
        chunks.into_iter().filter_map(|chunk| chunk.segments).flatten().collect();
    let language = segments.first().map_or(UNDETERMINED, |segment| &segment.language).to_owned();
    let duration_ms = job.audio.duration_ms.unwrap_or(0);
    let gaps = gaps::list(store, &job.tenant, job.id).await?;
    let model = job.model.name.clone();
    Ok(Transcript { gaps, ..Transcript::stitch(language, model, duration_ms, segments) })
}
