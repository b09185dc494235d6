//! Jobs that nobody has sent: rows for the tests of the store and the dispatcher.

use super::diary::step;
use super::made_up;
use diarist::domain::Timestamp;
use diarist::domain::ids::{JobId, TenantId};
use diarist::domain::job::Job;
use diarist::domain::job_state::Event;
use diarist::store::{Store, Tx, jobs};

pub fn new_job(tenant: &str) -> Job {
    let tenant = TenantId::from(tenant.to_owned());
    made_up::job(JobId(uuid::Uuid::now_v7()), &tenant, Timestamp::UNIX_EPOCH)
}

/// The same in a transaction of its own.
pub async fn stepped(store: &Store, job: Job, event: Event, now: Timestamp) -> Job {
    let mut tx = store.write().await.unwrap();
    let job = step(&mut tx, job, event, now).await;
    tx.commit().await.unwrap();
    job
}

/// Written down and waiting for its turn.
pub async fn queued(tx: &mut Tx, job: &Job, now: Timestamp) -> Job {
    let mut job = jobs::create(tx, job, &job.id.to_string()).await.unwrap();
    for event in [Event::Kept, Event::Enqueued(now)] {
        job = step(tx, job, event, now).await;
    }
    job
}
