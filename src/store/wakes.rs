//! How a node hears what others commit: PostgreSQL's NOTIFY carries the ids of changed jobs, and nothing that matters.
//!
//! A wake-up only says "look". Whatever is lost with a connection is looked for when there is another one, and the
//! database is looked at from time to time anyway.

use super::error::StoreError;
use super::events::Untold;
use super::passages::to_job_id;
use crate::domain::ids::JobId;
use serde_json::Value;
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgNotification};
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) const CHANNEL: &str = "diarist_jobs";
/// A message may have 8,000 bytes; an id has 36, and the origin as many.
const IDS: usize = 200;

/// What there is to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wake {
    /// Another node has changed these jobs.
    Changed(Vec<JobId>),
    /// Nobody listened for a while: anything may have changed.
    All,
}

/// One connection that listens.
pub struct Wakes {
    pool: PgPool,
    origin: Arc<str>,
    listener: Option<PgListener>,
}

impl Wakes {
    pub(super) fn new(pool: PgPool, origin: Arc<str>) -> Self {
        Self { pool, origin, listener: None }
    }

    /// Waits for the next one. After an error, the next call connects anew; what was missed meanwhile is [`Wake::All`].
    pub async fn next(&mut self) -> Result<Wake, StoreError> {
        loop {
            let heard = match &mut self.listener {
                Some(listener) => listener.try_recv().await,
                None => {
                    self.listener = Some(self.listen().await?);
                    return Ok(Wake::All);
                }
            };
            match heard {
                Ok(Some(heard)) => {
                    if let Some(jobs) = self.of_others(&heard) {
                        return jobs.map(Wake::Changed);
                    }
                }
                Ok(None) => return Ok(Wake::All),
                Err(error) => {
                    self.listener = None;
                    return Err(StoreError::query("hear of other nodes")(error));
                }
            }
        }
    }

    async fn listen(&self) -> Result<PgListener, StoreError> {
        let failed = StoreError::query("listen to other nodes");
        let mut listener = PgListener::connect_with(&self.pool).await.map_err(&failed)?;
        listener.listen(CHANNEL).await.map_err(failed)?;
        Ok(listener)
    }

    /// What this node has written itself, it knows.
    fn of_others(&self, heard: &PgNotification) -> Option<Result<Vec<JobId>, StoreError>> {
        let (origin, jobs) = heard.payload().split_once(' ')?;
        (origin != &*self.origin).then(|| jobs.split(',').map(to_job_id).collect())
    }
}

/// What others are told of these events: which jobs have changed.
pub(super) fn messages(origin: Option<&str>, told: &[Untold]) -> Value {
    let jobs: BTreeSet<JobId> = told.iter().map(|untold| untold.job).collect();
    let jobs: Vec<String> = jobs.iter().map(ToString::to_string).collect();
    let message = |origin| jobs.chunks(IDS).map(move |some| format!("{origin} {}", some.join(",")));
    origin.into_iter().flat_map(message).collect()
}
