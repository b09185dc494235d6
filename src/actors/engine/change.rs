//! A change of a job from outside: cancel, retry.

use super::error::EngineError;
use super::shared::Shared;
use crate::actors::jobs::JobsMsg;
use crate::clock;
use crate::domain::ids::{JobId, TenantId};
use crate::domain::job::Job;
use crate::domain::job_state::Event;
use crate::store::{StoreError, jobs, llm_calls};

/// Takes the job out of the hands of whoever works on it.
pub async fn change(
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
        let mut tx = shared.store.write().await?;
        match jobs::change(&mut tx, &job, &step.next, now).await {
            Ok(job) => {
                if *event == Event::Retry {
                    llm_calls::forgive(&mut tx, id).await?;
                }
                tx.commit().await?;
                // A supervisor that is being restarted looks at the database when it is back.
                let _ = shared.jobs.report(JobsMsg::Changed(id));
                shared.tell(id);
                return Ok(job);
            }
            Err(StoreError::StaleVersion { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
