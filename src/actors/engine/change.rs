//! A change of a job from outside: cancel, retry.

use super::error::EngineError;
use super::shared::Shared;
use super::tries::patiently;
use crate::actors::jobs::JobsMsg;
use crate::clock;
use crate::domain::dispatch::place_in_line;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::Event;
use crate::store::{StoreError, failures, jobs, llm_calls};

/// Failed jobs that get another chance at once.
const RETRIED_MAX: i64 = 1_000;

/// Gives failed jobs another chance, of one reason or of all; says how many, and whether there are more.
pub async fn retry_failed(
    shared: &Shared,
    tenant: &TenantId,
    code: Option<&str>,
) -> Result<(u64, bool), EngineError> {
    let failed = failures::ids(&shared.store, tenant, code, RETRIED_MAX).await?;
    let more = failed.len() as i64 == RETRIED_MAX;
    let mut retried = 0;
    for id in failed {
        match change(shared, tenant, id, &Event::Retry).await {
            Ok(_) => retried += 1,
            // Somebody else was faster.
            Err(EngineError::UnknownJob { .. } | EngineError::WrongState { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok((retried, more))
}

/// Takes the job out of the hands of whoever works on it.
pub async fn change(
    shared: &Shared,
    tenant: &TenantId,
    id: JobId,
    event: &Event,
) -> Result<Job, EngineError> {
    patiently(|| change_once(shared, tenant, id, event)).await
}

async fn change_once(
    shared: &Shared,
    tenant: &TenantId,
    id: JobId,
    event: &Event,
) -> Result<Job, EngineError> {
    // The job may move between the look and the change: then the look is repeated.
    loop {
        let found = jobs::get(&shared.store, tenant, id).await?;
        let job = found.ok_or(EngineError::UnknownJob { job: id })?;
        let now = clock::now();
        let step = job
            .state
            .clone()
            .apply(event.clone(), now)
            .map_err(|_| EngineError::WrongState { job: id, status: job.state.status() })?;
        let ageing = shared.config.engine.ageing();
        let job = match event {
            // It goes to the end of the line.
            Event::Retry => {
                Job { line_at: place_in_line(now, job.options.priority, ageing), ..job }
            }
            _ => job,
        };
        let mut tx = shared.store.write().await?;
        match jobs::change(&mut tx, &job, &step.next, now).await {
            Ok(job) => {
                if *event == Event::Retry {
                    llm_calls::forgive(&mut tx, id).await?;
                }
                tx.commit().await?;
                match event {
                    Event::Retry => shared.look_for_jobs(),
                    // A supervisor that is being restarted looks at the database when it is back.
                    _ => drop(shared.jobs.report(JobsMsg::Changed(id))),
                }
                shared.tell(id);
                return Ok(job);
            }
            Err(StoreError::StaleVersion { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
