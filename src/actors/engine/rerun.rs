//! Recordings that are here already become jobs: one that was heard before, and the sample that came with the program.

use super::error::EngineError;
use super::handling;
use super::intake::{self, Accepted, Submission};
use super::shared::Shared;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::{Job, ModelRef};
use crate::domain::job_state::JobState;
use crate::domain::options::JobOptions;
use crate::domain::rerun::Rerun;
use crate::providers::sample;
use crate::providers::storage::{Upload, Uploaded};
use crate::store::jobs;

/// A new job on the recording of an old one, or the job that it would be.
pub async fn rerun(
    shared: &Shared,
    tenant: &TenantId,
    id: JobId,
    change: Rerun,
) -> Result<Accepted, EngineError> {
    let found = jobs::get(&shared.store, tenant, id).await?;
    let job = found.ok_or(EngineError::UnknownJob { job: id })?;
    let options = change.of(&job.options, &job.model.name);
    let model = intake::check(shared, &options)?;
    let model = ModelRef { name: model.name, sha256: model.sha256 };
    let ended_badly = matches!(job.state, JobState::Failed(_) | JobState::Cancelled(_));
    if !ended_badly && hearing(&job, &options, model) == job.hearing() {
        let job = match job.trashed_at {
            Some(_) => handling::set_trashed(shared, tenant, id, false).await?,
            None => job,
        };
        return Ok(Accepted { job, existed: true });
    }
    let missing = |source| EngineError::RecordingMissing { job: id, source };
    let original = shared.folder.original(id).map_err(missing)?;
    let least = shared.config.storage.min_free_bytes;
    let uploaded = Uploaded::again(&shared.folder, &original, &job.audio, least).await?;
    let submission = Submission {
        tenant: tenant.clone(),
        uploaded,
        file_name: job.file_name,
        // Where the recording itself says when it was spoken, that counts, as it did the first time.
        last_modified: job.recorded_at,
        options,
        idempotency_key: None,
    };
    intake::submit(shared, submission).await
}

fn hearing(job: &Job, options: &JobOptions, model: ModelRef) -> String {
    Job { options: options.clone(), model, ..job.clone() }.hearing()
}

/// The sample memo as a job, with the time of each word; heard by the default model, or else by any that is here.
pub async fn demo(shared: &Shared, tenant: &TenantId) -> Result<Accepted, EngineError> {
    let default = &shared.config.whisper.model;
    let unread = |source| EngineError::Models { name: default.clone(), source };
    let model = match shared.library.installed(default).map_err(unread)? {
        Some(_) => None,
        None => shared.library.list().map_err(unread)?.into_iter().next().map(|model| model.name),
    };
    let (server, storage) = (&shared.config.server, &shared.config.storage);
    let mut upload =
        Upload::begin(&shared.folder, server.max_upload_bytes, storage.min_free_bytes).await?;
    upload.write(sample::MEMO).await?;
    let submission = Submission {
        tenant: tenant.clone(),
        uploaded: upload.finish().await?,
        file_name: sample::NAME.to_owned(),
        last_modified: None,
        options: JobOptions { model, word_timestamps: true, ..JobOptions::default() },
        idempotency_key: None,
    };
    intake::submit(shared, submission).await
}
