//! Recordings that arrive while they are being made: begun, grown piece by piece, and finished into jobs.
//!
//! A piece counts once its bytes are on the disk and the row says so, in this order: whatever is killed in between
//! leaves bytes that no row counts, and they are cut off before the next piece. Finishing gives a copy to a job, by a
//! link, and lets go of the recording only when the job is written down.

use super::error::EngineError;
use super::intake::{self, Accepted, Submission};
use super::shared::Shared;
use super::turns::Turn;
use crate::clock;
use crate::domain::failure::{Failure, JobError};
use crate::domain::ids::{JobId, RecordingId, TenantId};
use crate::domain::options::JobOptions;
use crate::domain::recording::Recording;
use crate::providers::storage::{Folder, Tape, UploadError, Uploaded};
use crate::providers::whisper::knows_language;
use crate::store::{StoreError, jobs, recordings};
use crate::telemetry::chain;
use chrono::{DateTime, FixedOffset, SubsecRound};
use futures::{Stream, StreamExt};
use std::collections::HashSet;
use std::io;

/// How much is written between two looks at the disk.
const LOOK_EVERY_BYTES: u64 = 4 << 20;

/// A recording that is about to be made.
pub struct Beginning {
    pub tenant: TenantId,
    pub media_type: String,
    /// Now, where its sender does not say.
    pub recorded_at: Option<DateTime<FixedOffset>>,
    pub options: JobOptions,
}

/// Where a piece belongs, and how long it says that it is.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub offset: u64,
    pub expected_bytes: u64,
}

pub async fn begin(shared: &Shared, sent: Beginning) -> Result<Recording, EngineError> {
    shared.takes_work()?;
    let faults = sent.options.faults(knows_language);
    if !faults.is_empty() {
        return Err(EngineError::Options { faults });
    }
    shared.folder.has_room(0, shared.config.storage.min_free_bytes)?;
    let now = clock::now();
    let told = sent.recorded_at.or(sent.options.recorded_at);
    let recording = Recording {
        id: RecordingId(uuid::Uuid::now_v7()),
        tenant: sent.tenant,
        media_type: sent.media_type,
        recorded_at: told.unwrap_or_else(|| clock::in_local_zone(now)).trunc_subsecs(0),
        options: sent.options,
        offset: 0,
        refusal: None,
        job: None,
        created_at: now,
        updated_at: now,
    };
    let most = shared.config.recording.open_max;
    let mut tx = shared.store.write().await?;
    if recordings::count_open(&mut tx, &recording.tenant).await? >= i64::from(most) {
        return Err(EngineError::TooManyRecordings { most });
    }
    // A file without a row is swept away at the next start.
    shared.folder.begin_tape(recording.id).map_err(|source| EngineError::Keep { source })?;
    recordings::create(&mut tx, &recording).await?;
    tx.commit().await?;
    Ok(recording)
}

/// Takes a piece whole or not at all; gives the offset of the next one.
pub async fn append<B, E>(
    shared: &Shared,
    tenant: &TenantId,
    id: RecordingId,
    place: Place,
    body: impl Stream<Item = Result<B, E>> + Unpin,
) -> Result<u64, EngineError>
where
    B: AsRef<[u8]> + Send + 'static,
{
    open(find(shared, tenant, id).await?)?;
    let turn = shared.turns.hurry(id).await;
    let recording = open(look(shared, tenant, id).await?)?;
    if place.offset != recording.offset {
        return Err(EngineError::WrongOffset { offset: recording.offset });
    }
    let limit = shared.config.server.max_upload_bytes;
    if recording.offset.saturating_add(place.expected_bytes) > limit {
        return Err(UploadError::TooLarge { limit }.into());
    }
    shared.folder.has_room(place.expected_bytes, shared.config.storage.min_free_bytes)?;
    write(shared, &recording, turn, body).await
}

async fn write<B, E>(
    shared: &Shared,
    recording: &Recording,
    turn: Turn,
    mut body: impl Stream<Item = Result<B, E>> + Unpin,
) -> Result<u64, EngineError>
where
    B: AsRef<[u8]> + Send + 'static,
{
    let limit = shared.config.server.max_upload_bytes;
    let (folder, id, mut offset) = (shared.folder.clone(), recording.id, recording.offset);
    let mut look_at = offset + LOOK_EVERY_BYTES;
    let mut hand = apart(move || {
        let tape = folder.open_tape(id, offset)?;
        Ok(Hand { tape, turn })
    })
    .await?;
    while let Some(bytes) = next(shared, &hand, &mut body).await? {
        let length = bytes.as_ref().len() as u64;
        offset += length;
        if offset > limit {
            return Err(UploadError::TooLarge { limit }.into());
        }
        if offset >= look_at {
            shared.folder.has_room(length, shared.config.storage.min_free_bytes)?;
            look_at = offset + LOOK_EVERY_BYTES;
        }
        hand = apart(move || {
            hand.tape.write(bytes.as_ref())?;
            Ok(hand)
        })
        .await?;
    }
    let hand = apart(move || {
        hand.tape.sync()?;
        Ok(hand)
    })
    .await?;
    let mut tx = shared.store.write().await?;
    if !recordings::grow(&mut tx, recording, offset, clock::now()).await? {
        return Err(EngineError::UnknownRecording { recording: id });
    }
    tx.commit().await?;
    drop(hand);
    Ok(offset)
}

/// The file with the turn: a write that its request no longer waits for holds the turn until it has ended.
struct Hand {
    tape: Tape,
    turn: Turn,
}

async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, EngineError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(io::Error::other);
    done.and_then(|done| done).map_err(|source| EngineError::Keep { source })
}

async fn next<B, E>(
    shared: &Shared,
    hand: &Hand,
    body: &mut (impl Stream<Item = Result<B, E>> + Unpin),
) -> Result<Option<B>, EngineError> {
    let stall = shared.config.recording.stall();
    let came = tokio::select! {
        biased;
        () = hand.turn.hurried.cancelled() => return Err(EngineError::PieceGivenUp),
        came = tokio::time::timeout(stall, body.next()) => came,
    };
    let came = came.map_err(|_| EngineError::PieceGivenUp)?;
    came.transpose().map_err(|_| EngineError::PieceBroken)
}

/// Makes it a job, or finds the one that it already is.
pub async fn finish(
    shared: &Shared,
    tenant: &TenantId,
    id: RecordingId,
) -> Result<Accepted, EngineError> {
    find(shared, tenant, id).await?;
    let _turn = shared.turns.wait(id).await;
    finish_now(shared, look(shared, tenant, id).await?).await
}

/// The same for whoever has the turn already, and has just looked.
pub async fn finish_now(shared: &Shared, recording: Recording) -> Result<Accepted, EngineError> {
    if let Some(job) = recording.job {
        let found = jobs::get(&shared.store, &recording.tenant, job).await?;
        let found = found.ok_or(EngineError::UnknownJob { job })?;
        let_go(shared, recording.id, job).await?;
        return Ok(Accepted { job: found, existed: true });
    }
    // Before gigabytes are read.
    intake::check(shared, &recording.options)?;
    match submit(shared, &recording).await {
        Ok(accepted) => {
            let_go(shared, recording.id, accepted.job.id).await?;
            Ok(accepted)
        }
        Err(EngineError::Recording(why)) => {
            let mut tx = shared.store.write().await?;
            recordings::refuse(&mut tx, recording.id, &JobError::from(&why)).await?;
            tx.commit().await?;
            Err(EngineError::Recording(why))
        }
        Err(error) => Err(error),
    }
}

async fn submit(shared: &Shared, recording: &Recording) -> Result<Accepted, EngineError> {
    let (folder, id, bytes) = (shared.folder.clone(), recording.id, recording.offset);
    let uploaded = apart(move || as_upload(&folder, id, bytes)).await?;
    let uploaded = uploaded.map_err(EngineError::Recording)?;
    let recorded_at = Some(recording.recorded_at);
    let submission = Submission {
        tenant: recording.tenant.clone(),
        uploaded,
        file_name: recording.file_name(),
        last_modified: None,
        options: JobOptions { recorded_at, ..recording.options.clone() },
        idempotency_key: Some(recording.idempotency_key()),
    };
    intake::submit(shared, submission).await
}

/// A recording that is not what its row says can be no job, today or tomorrow.
fn as_upload(
    folder: &Folder,
    id: RecordingId,
    bytes: u64,
) -> io::Result<Result<Uploaded, Failure>> {
    match folder.tape_as_upload(id, bytes) {
        Ok(uploaded) => Ok(Ok(uploaded)),
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) =>
        {
            let message = "the recording's file is not whole in the data folder";
            let hint = "was it removed or cut from outside? discard the recording";
            Ok(Err(Failure::give_up("recording_lost", message, hint)))
        }
        Err(error) => Err(error),
    }
}

/// The job is written down and has its own file.
async fn let_go(shared: &Shared, id: RecordingId, job: JobId) -> Result<(), EngineError> {
    let mut tx = shared.store.write().await?;
    recordings::finish(&mut tx, id, job, clock::now()).await?;
    tx.commit().await?;
    forget_tape(shared, id);
    Ok(())
}

/// Takes an open recording away.
pub async fn discard(
    shared: &Shared,
    tenant: &TenantId,
    id: RecordingId,
) -> Result<(), EngineError> {
    find(shared, tenant, id).await?;
    let _turn = shared.turns.hurry(id).await;
    let recording = open(look(shared, tenant, id).await?)?;
    discard_now(shared, &recording).await
}

/// The same for whoever has the turn already, and has just looked.
pub async fn discard_now(shared: &Shared, recording: &Recording) -> Result<(), EngineError> {
    let mut tx = shared.store.write().await?;
    recordings::remove(&mut tx, recording.id).await?;
    tx.commit().await?;
    forget_tape(shared, recording.id);
    Ok(())
}

fn forget_tape(shared: &Shared, id: RecordingId) {
    if let Err(error) = shared.folder.remove_tape(id) {
        // The next start sweeps it away.
        tracing::warn!(recording = %id, %error, "the file of a recording stays behind");
    }
}

/// Brings rows and files together that a crash has left apart.
pub async fn sweep(shared: &Shared) {
    let open = match settle(shared).await {
        Ok(open) => open,
        Err(error) => {
            tracing::error!(error = chain(&error), "cannot look for finished recordings");
            return;
        }
    };
    let open: HashSet<String> = open.iter().map(|recording| recording.id.to_string()).collect();
    match shared.folder.sweep_tapes(&open) {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "files of no recording are swept away"),
        Err(error) => tracing::warn!(error = chain(&error), "files of no recording stay behind"),
    }
}

async fn settle(shared: &Shared) -> Result<Vec<Recording>, StoreError> {
    let mut tx = shared.store.write().await?;
    recordings::settle(&mut tx).await?;
    tx.commit().await?;
    recordings::all_open(&shared.store).await
}

/// A recording as everybody sees it.
async fn find(
    shared: &Shared,
    tenant: &TenantId,
    id: RecordingId,
) -> Result<Recording, EngineError> {
    let found = recordings::get(&shared.store, tenant, id).await?;
    found.ok_or(EngineError::UnknownRecording { recording: id })
}

/// A recording as the next writer sees it: behind a job that is being committed by a request that has gone.
pub async fn look(
    shared: &Shared,
    tenant: &TenantId,
    id: RecordingId,
) -> Result<Recording, EngineError> {
    let mut tx = shared.store.write().await?;
    let found = recordings::look(&mut tx, tenant, id).await?;
    tx.commit().await?;
    found.ok_or(EngineError::UnknownRecording { recording: id })
}

fn open(recording: Recording) -> Result<Recording, EngineError> {
    match recording.job {
        None => Ok(recording),
        Some(job) => Err(EngineError::RecordingFinished { recording: recording.id, job }),
    }
}
