//! Every way the store can refuse: a stale hand, a broken row, or a database that does not answer.

use crate::domain::ids::JobId;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot open the database {path}")]
    Open { path: String, source: sqlx::Error },
    #[error("cannot bring the database up to date")]
    Migrate { source: sqlx::migrate::MigrateError },
    #[error("cannot {what}")]
    Query { what: &'static str, source: sqlx::Error },
    #[error("the stored {what} cannot be read back")]
    Decode { what: &'static str, source: serde_json::Error },
    #[error("a column of the stored job cannot be read back: {reason}")]
    Column { reason: String },
    /// The writer's lease is over: whatever it knows of the job is out of date.
    #[error("job {job} has moved on")]
    StaleEpoch { job: JobId },
    /// The job was changed since it was read: who wants to change it looks again.
    #[error("job {job} has been changed meanwhile")]
    StaleVersion { job: JobId },
}

impl StoreError {
    /// Whether the node has closed its database, which is the last thing that it does.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Query { source: sqlx::Error::PoolClosed, .. })
    }

    /// For `map_err`: names the operation that a database error belongs to.
    pub(super) fn query(what: &'static str) -> impl Fn(sqlx::Error) -> Self {
        move |source| Self::Query { what, source }
    }

    /// A row that must be there is not.
    pub(super) fn nothing(what: &'static str) -> Self {
        Self::Query { what, source: sqlx::Error::RowNotFound }
    }

    pub(super) fn decode(what: &'static str) -> impl Fn(serde_json::Error) -> Self {
        move |source| Self::Decode { what, source }
    }
}
