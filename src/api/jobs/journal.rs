//! A journal as one listener reads it: page by page, then woken by each change.

use crate::domain::ids::{JobId, TenantId};
use crate::domain::record::JobEvent;
use crate::store::{Store, StoreError, events, jobs};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Events that are read at once.
const PAGE: i64 = 200;

pub struct Journal {
    store: Store,
    tenant: TenantId,
    id: JobId,
    /// The last event that was told.
    told: i64,
}

/// What can be read to the end of what there is, and then goes on.
pub trait Told {
    type Event;

    fn next_page(&mut self) -> impl Future<Output = Result<Page<Self::Event>, StoreError>> + Send;

    /// The job whose changes it waits for; `None` for those of all jobs.
    fn wakes_by(&self) -> Option<JobId>;
}

/// What the journal has for its listener.
pub enum Page<E = JobEvent> {
    Events(Vec<E>),
    /// More will come.
    UpToDate,
    /// The last event has been told, and it is the job's end.
    Over,
}

impl Journal {
    /// Begins behind the event `told`.
    pub fn after(store: Store, tenant: TenantId, id: JobId, told: i64) -> Self {
        Self { store, tenant, id, told }
    }
}

impl Told for Journal {
    type Event = JobEvent;

    async fn next_page(&mut self) -> Result<Page, StoreError> {
        loop {
            let page = events::after(&self.store, &self.tenant, self.id, self.told, PAGE).await?;
            if let Some(last) = page.last() {
                self.told = last.seq;
                return Ok(Page::Events(page));
            }
            // A final state in the middle of the history was left by a retry: only the row knows the end.
            match jobs::get(&self.store, &self.tenant, self.id).await? {
                Some(job) if job.last_seq > self.told => {}
                Some(job) if !job.state.is_over() => return Ok(Page::UpToDate),
                _ => return Ok(Page::Over),
            }
        }
    }

    fn wakes_by(&self) -> Option<JobId> {
        Some(self.id)
    }
}

/// Waits until this job (or any) has changed, or may have. `false` when nothing will change any more.
pub async fn changed(changes: &mut Receiver<JobId>, id: Option<JobId>) -> bool {
    loop {
        match changes.recv().await {
            // The nil id stands for every job.
            Ok(other) if id.is_some_and(|id| id != other) && !other.0.is_nil() => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return true,
            Err(RecvError::Closed) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use tokio::sync::broadcast;

    #[tokio::test]
    async fn a_wake_up_is_for_this_job_or_for_everyone_who_lagged() {
        let (own, other) = (JobId(uuid::Uuid::from_u128(1)), JobId(uuid::Uuid::from_u128(2)));
        let (sender, mut changes) = broadcast::channel(2);
        sender.send(other).unwrap();
        sender.send(own).unwrap();
        assert!(changed(&mut changes, Some(own)).await);
        assert!(changes.is_empty());
        sender.send(other).unwrap();
        assert!(changed(&mut changes, None).await);
        sender.send(JobId(uuid::Uuid::nil())).unwrap();
        assert!(changed(&mut changes, Some(own)).await, "nil means: look");
        for _ in 0..3 {
            sender.send(other).unwrap();
        }
        assert!(changed(&mut changes, Some(own)).await, "a lag means: look");
        drop(sender);
        assert!(!changed(&mut changes, Some(own)).await);
    }
}
