//! How an upload becomes a job: looked at, compared with what is there, kept, and only then written down.

use super::error::EngineError;
use super::shared::Shared;
use crate::actors::ingest::{Answer, Asked, IngestMsg};
use crate::actors::supervise::{Reply, SendError};
use crate::actors::writer;
use crate::clock;
use crate::domain::digest::hex;
use crate::domain::dispatch::place_in_line;
use crate::domain::failure::{Failure, Verdict};
use crate::domain::ids::{Epoch, JobId, TenantId};
use crate::domain::job::{AudioFacts, Job, ModelRef};
use crate::domain::job_state::JobState;
use crate::domain::llm::Spent;
use crate::domain::options::{Fault, JobOptions, Priority};
use crate::providers::audio::{
    DecodeReport, DecodeRequest, Mode, Moment, RecordedAtSource, recorded_at,
};
use crate::providers::llm::extractive::TEMPLATE_VERSION;
use crate::providers::models::Installed;
use crate::providers::storage::{Folder, Uploaded};
use crate::providers::whisper::knows_language;
use crate::store::arrivals::{Arrival, Arrived};
use crate::store::{StoreError, claims};
use chrono::{DateTime, FixedOffset, SubsecRound, TimeDelta};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::oneshot;

/// How often, and how far apart, a look is repeated that was lost with its room.
const LOOKS: u32 = 40;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// An upload with all that its sender said of it.
pub struct Submission {
    pub tenant: TenantId,
    pub uploaded: Uploaded,
    pub file_name: String,
    /// When the sender's file was last written, for want of anything better.
    pub last_modified: Option<DateTime<FixedOffset>>,
    pub options: JobOptions,
    pub idempotency_key: Option<String>,
}

/// The job of an upload, and whether it was there before.
#[derive(Debug, Clone)]
pub struct Accepted {
    pub job: Job,
    pub existed: bool,
}

/// Refuses what could only be set down behind a line that is full already.
pub async fn admit(shared: &Shared, tenant: &TenantId) -> Result<(), EngineError> {
    let engine = &shared.config.engine;
    let most = engine.max_queued_jobs;
    if claims::unfinished(&shared.store, None, most).await? >= most {
        return Err(EngineError::QueueFull { most });
    }
    let most = engine.max_queued_jobs_per_tenant;
    if claims::unfinished(&shared.store, Some(tenant), most).await? >= most {
        return Err(EngineError::TooManyJobs { most });
    }
    Ok(())
}

pub async fn submit(shared: &Shared, sent: Submission) -> Result<Accepted, EngineError> {
    shared.takes_work()?;
    let model = check(shared, &sent.options)?;
    admit(shared, &sent.tenant).await?;
    let report = look(shared, sent.uploaded.path()).await?;
    shared.room_for_sound(report.probe.duration_ms)?;
    let spoken = when_spoken(&sent, &report);
    let print = fingerprint(&sent, &model.sha256, spoken, &shared.staff.shape());
    let ageing = shared.config.engine.ageing();
    let job = new_job(&sent, model, &report, spoken, ageing);
    if let Err(source) = shared.folder.keep(sent.uploaded.path(), job.id, &sent.file_name) {
        take_back(&shared.folder, job.id);
        return Err(EngineError::Keep { source });
    }
    enqueue(shared, arrival(job, &sent, print, shared.home.clone())).await
}

/// Puts a job down whose recording is in its place, or finds the job that it already is. The recording of a job that is
/// not written down is taken back.
pub(super) async fn enqueue(shared: &Shared, arrival: Arrival) -> Result<Accepted, EngineError> {
    let id = arrival.id();
    let Some(outcome) = write_down(shared, arrival).await else {
        take_back(&shared.folder, id);
        return Err(EngineError::Busy);
    };
    let (job, existed) = match outcome? {
        Arrived::New(job) => (job, false),
        Arrived::Known(job) => (job, true),
        Arrived::KeyReused => return Err(EngineError::KeyReused),
    };
    Ok(Accepted { job, existed })
}

/// `None` where the writer cannot take it.
async fn write_down(shared: &Shared, arrival: Arrival) -> Option<Result<Arrived, StoreError>> {
    for _ in 0..LOOKS {
        let (folder, id) = (shared.folder.clone(), arrival.id());
        // Its sender may go away meanwhile. Where nobody can tell whether the job is written down, its recording
        // stays: rather a recording too many than one lost.
        let decided = move |outcome: &Result<Arrived, StoreError>| match outcome {
            Ok(Arrived::New(_)) => {}
            Err(error) if error.is_undecided() => {}
            Ok(Arrived::Known(_) | Arrived::KeyReused) | Err(_) => take_back(&folder, id),
        };
        match writer::arrive(&shared.writer, arrival.clone(), decided).await {
            Ok(outcome) => return Some(outcome),
            Err(SendError::Busy) => return None,
            // A room that is being started or restarted is back in a moment.
            Err(SendError::Gone) => tokio::time::sleep(BETWEEN_LOOKS).await,
        }
    }
    None
}

fn take_back(folder: &Folder, job: JobId) {
    if let Err(error) = folder.take_back(job) {
        tracing::warn!(%job, %error, "a refused recording stays behind");
    }
}

/// The job in the states of its first events: no job without its recording, and none half there.
fn arrival(job: Job, sent: &Submission, print: String, home: Option<String>) -> Arrival {
    let now = job.created_at;
    let states = job.state.way_in(sent.options.not_before(now), now);
    let mut arrival = Arrival::new(job, states, print);
    arrival.key = sent.idempotency_key.clone();
    arrival.is_forced = sent.options.force;
    arrival.home = home;
    arrival
}

pub(super) fn check(shared: &Shared, options: &JobOptions) -> Result<Installed, EngineError> {
    let faults = options.faults(knows_language);
    if !faults.is_empty() {
        return Err(EngineError::Options { faults });
    }
    let name = options.model.as_ref().unwrap_or(&shared.config.whisper.model).clone();
    let found = shared.library.installed(&name);
    let found = found.map_err(|source| EngineError::Models { name: name.clone(), source })?;
    let model = found.ok_or_else(|| EngineError::ModelMissing { name: name.clone() })?;
    let foreign = !matches!(options.language.as_str(), "auto" | "en");
    if foreign && !model.multilingual {
        let detail = format!("the model {name} knows English only; choose a multilingual one");
        let fault = Fault { pointer: "/language".to_owned(), detail };
        return Err(EngineError::Options { faults: vec![fault] });
    }
    Ok(model)
}

/// A quick look in the limited child: is it sound, and what does its container say?
async fn look(shared: &Shared, upload: &Path) -> Result<DecodeReport, EngineError> {
    let request = shared.decode_request(upload.to_owned(), PathBuf::new(), Mode::Probe);
    // A room that is being started or restarted is back in a moment; a full one is not.
    for _ in 0..LOOKS {
        match ask(shared, request.clone()).await {
            Some(Ok(report)) => return Ok(report),
            Some(Err(why)) if why.verdict == Verdict::GiveUp => {
                return Err(EngineError::Recording(why));
            }
            Some(Err(why)) => {
                tracing::warn!(code = why.code, reason = why.message, "cannot look at an upload");
                return Err(EngineError::Busy);
            }
            None => tokio::time::sleep(BETWEEN_LOOKS).await,
        }
    }
    Err(EngineError::Busy)
}

/// The answer of a decoder, or `None` where it was lost on the way.
async fn ask(shared: &Shared, request: DecodeRequest) -> Option<Answer> {
    let timeout = shared.config.audio.probe_timeout();
    let (tell, told) = oneshot::channel();
    let reply = Reply::new(move |answer| drop(tell.send(answer)));
    match shared.ingest.send(IngestMsg::Decode(Asked { job: None, request, timeout, reply })) {
        Err(SendError::Busy) => Some(Err(Failure::retry("busy", "ingest is full", ""))),
        // Refused, the message is dropped, which answers the wait.
        Ok(()) | Err(SendError::Gone) => told.await.ok().flatten(),
    }
}

/// When the memo was spoken, to the second, and how we know: told, or found in the file.
#[derive(Clone, Copy)]
struct Spoken {
    at: DateTime<FixedOffset>,
    /// The file's own time says nothing that would make two uploads different.
    is_certain: bool,
}

fn when_spoken(sent: &Submission, report: &DecodeReport) -> Spoken {
    let at_local = |moment: Moment| match moment {
        Moment::Local(wall) => clock::local_offset(wall),
        Moment::Utc(at) => *clock::in_local_zone(at).offset(),
    };
    let tags = &report.probe.tags;
    let found = recorded_at(tags, &sent.file_name, sent.last_modified, &at_local);
    let (at, is_certain) = match (sent.options.recorded_at, found) {
        (Some(told), _) => (told, true),
        (None, Some((at, source))) => (at, source != RecordedAtSource::FileTime),
        (None, None) => (clock::in_local_zone(clock::now()), false),
    };
    Spoken { at: at.trunc_subsecs(0), is_certain }
}

fn new_job(
    sent: &Submission,
    model: Installed,
    report: &DecodeReport,
    spoken: Spoken,
    ageing: TimeDelta,
) -> Job {
    let (probe, created_at) = (&report.probe, clock::now().trunc_subsecs(3));
    Job {
        id: JobId(uuid::Uuid::now_v7()),
        tenant: sent.tenant.clone(),
        state: JobState::new(sent.options.note),
        epoch: Epoch(0),
        version: 0,
        options: sent.options.clone(),
        file_name: sent.file_name.clone(),
        audio: AudioFacts {
            duration_ms: probe.duration_ms,
            format: probe.format.clone(),
            codec: probe.codec.clone(),
            channels: probe.channels,
            sample_rate_hz: probe.sample_rate_hz,
            bytes: sent.uploaded.bytes,
            sha256: sent.uploaded.sha256.clone(),
        },
        recorded_at: Some(spoken.at),
        language: None,
        model: ModelRef { name: model.name, sha256: model.sha256 },
        fraction: 0.0,
        last_seq: 0,
        created_at,
        line_at: place_in_line(sent.options.not_before(created_at), sent.options.priority, ageing),
        started_at: None,
        finished_at: None,
        cpu_ms: 0,
        spent: Spent::default(),
        title: None,
        trashed_at: None,
    }
}

/// What makes two uploads the same: the recording, whatever shapes the result, the weights, the template.
fn fingerprint(sent: &Submission, model_sha256: &str, spoken: Spoken, shape: &str) -> String {
    let shaping = JobOptions {
        priority: Priority::Normal,
        model: None,
        run_at: None,
        force: false,
        ..sent.options.clone()
    };
    let options = serde_json::to_string(&shaping).unwrap_or_default();
    let day = if spoken.is_certain { spoken.at.to_rfc3339() } else { String::new() };
    // A job without a note does not care who would have composed it.
    let shape = if sent.options.note { shape } else { "" };
    let template = format!("{TEMPLATE_VERSION} {shape}");
    let mut hash = Sha256::new();
    for part in [&sent.uploaded.sha256, &options, model_sha256, &template, &day] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}
