//! A call's job: made or found, waited for, and cancelled when everybody who waited has gone.

use super::form::{self, File};
use super::refusal::Refusal;
use super::wish::{self, Wish};
use crate::actors::engine::Submission;
use crate::api::caller::Caller;
use crate::api::jobs::{Journal, Page, Told, changed};
use crate::api::problem::{Problem, kinds};
use crate::api::router::Api;
use crate::domain::failure::JobError;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::JobState;
use crate::domain::options::Task;
use crate::domain::record::JobEvent;
use crate::store::jobs;
use crate::telemetry::metrics::UPLOADED_BYTES;
use axum::extract::Multipart;
use axum::http::{HeaderMap, StatusCode};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::Receiver;

/// The jobs that calls of this server wait for. Clones are the same.
#[derive(Clone, Default)]
pub struct Calls(Arc<Mutex<HashMap<JobId, Waiting>>>);

#[derive(Default)]
struct Waiting {
    calls: usize,
    /// One of the calls has made the job, so that nobody else may want it.
    made_here: bool,
}

impl Calls {
    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(&self, job: JobId, made: bool) {
        let mut all = self.lock();
        let waiting = all.entry(job).or_default();
        waiting.calls += 1;
        waiting.made_here |= made;
    }

    /// Whether the last call that waited for a job has left, and a call had made it.
    fn leave(&self, job: JobId) -> bool {
        let mut all = self.lock();
        let Some(waiting) = all.get_mut(&job) else { return false };
        waiting.calls -= 1;
        if waiting.calls > 0 {
            return false;
        }
        all.remove(&job).is_some_and(|waiting| waiting.made_here)
    }
}

/// One call that waits for its job. Dropped before the job's end, it lets go of it.
pub struct Call {
    pub job: Job,
    pub wish: Wish,
    api: Api,
    changes: Receiver<JobId>,
    journal: Journal,
    is_over: bool,
}

impl Drop for Call {
    fn drop(&mut self) {
        let id = self.job.id;
        let last = self.api.calls.leave(id);
        // A server that stops has cut the call off itself: the job goes on at its next start.
        if last && !self.is_over && !self.api.stop.is_cancelled() {
            self.api.engine.abandon(self.job.tenant.clone(), id);
        }
    }
}

impl Call {
    /// Reads a form and hands its recording in.
    pub async fn begin(
        api: &Api,
        caller: Caller,
        headers: &HeaderMap,
        parts: &mut Multipart,
        task: Task,
    ) -> Result<Self, Refusal> {
        let (fields, File { name, uploaded }) = form::read(api, headers, parts).await?;
        let mut wish = wish::read(&fields, task)?;
        wish.check()?;
        wish::resolve(api, &mut wish)?;
        let changes = api.engine.changes();
        let bytes = uploaded.bytes;
        let submission = Submission {
            tenant: caller.tenant,
            file_name: name,
            uploaded,
            last_modified: None,
            options: wish.options.clone(),
            idempotency_key: None,
        };
        let accepted = api.engine.submit(submission).await?;
        let job = accepted.job;
        api.calls.join(job.id, !accepted.existed);
        if !accepted.existed {
            api.metrics.record(|| UPLOADED_BYTES.add(bytes));
        }
        let store = api.engine.store().clone();
        let journal = Journal::after(store, TenantId::clone(&job.tenant), job.id, 0);
        Ok(Self { job, wish, api: api.clone(), changes, journal, is_over: false })
    }

    /// What has happened since the last look, as soon as there is anything; `None` at the job's end.
    pub async fn next(&mut self) -> Result<Option<Vec<JobEvent>>, Refusal> {
        let stop = self.api.stop.clone();
        loop {
            match self.journal.next_page().await? {
                Page::Events(events) => return Ok(Some(events)),
                Page::Over => {
                    self.is_over = true;
                    return Ok(None);
                }
                Page::UpToDate => {
                    let id = self.journal.wakes_by();
                    tokio::select! {
                        _ = changed(&mut self.changes, id) => {}
                        () = stop.cancelled() => return Err(stopping()),
                    }
                }
            }
        }
    }

    /// The job as it has ended well, or why it has not.
    pub async fn outcome(&self) -> Result<Job, Refusal> {
        let found = jobs::get(self.api.engine.store(), &self.job.tenant, self.job.id).await?;
        let job = found.unwrap_or_else(|| self.job.clone());
        match (&job.state, job.error()) {
            (JobState::Done, _) => Ok(job),
            (_, Some(error)) => Err(failed(&error)),
            _ => {
                let message = format!("the job {} was cancelled", job.id);
                let refusal = Refusal::new(StatusCode::BAD_REQUEST, message);
                Err(Refusal { code: Some("cancelled"), ..refusal })
            }
        }
    }

    pub async fn finished(&mut self) -> Result<Job, Refusal> {
        while self.next().await?.is_some() {}
        self.outcome().await
    }

    pub fn api(&self) -> &Api {
        &self.api
    }
}

fn stopping() -> Refusal {
    Problem::new(&kinds::NOT_READY, "the server stops; the recording is kept, send it again")
        .retry_after(2)
        .into()
}

/// Words that the recording cannot be read as are its sender's business, the rest is ours.
fn failed(error: &JobError) -> Refusal {
    let mut message = error.message.clone();
    if !error.hint.is_empty() {
        message = format!("{message}; {}", error.hint);
    }
    let of_file = ["audio_", "decoder_", "unsupported_", "not_audio", "no_audio", "empty_file"];
    if of_file.iter().any(|prefix| error.code.starts_with(prefix)) {
        return Refusal::of("file", "invalid_value", message);
    }
    let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, message);
    Refusal { code: Some("transcription_failed"), ..refusal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_call_to_leave_takes_a_job_with_it_that_a_call_has_made() {
        let (calls, job) = (Calls::default(), JobId(uuid::Uuid::nil()));
        calls.join(job, true);
        calls.join(job, false);
        assert!(!calls.leave(job), "another call still waits");
        assert!(calls.leave(job));
        calls.join(job, false);
        assert!(!calls.leave(job), "the job was there before");
        assert!(!calls.leave(job) && calls.lock().is_empty());
    }
}
