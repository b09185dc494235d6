//! Every way the store can refuse: a stale hand, a broken row, or a database that does not answer.

use crate::domain::ids::JobId;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

const READ_ONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANNOT_OPEN: i32 = 14;
const NOT_A_DATABASE: i32 = 26;

const SERIALIZATION: &str = "40001";
const DEADLOCK: &str = "40P01";
const NO_LOCK: &str = "55P03";

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("cannot open the database {path}")]
    Open { path: String, source: sqlx::Error },
    #[error("the database {} is damaged: {said}", path.display())]
    Damaged { path: PathBuf, said: String },
    #[error("cannot write {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is the database itself", path.display())]
    Own { path: PathBuf },
    /// What it says is a secret: nothing of it is told.
    #[error("database.url is no address of PostgreSQL")]
    Url,
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
    /// What has undone a common commit is told to all who were in it.
    #[error(transparent)]
    Common(#[from] Arc<StoreError>),
    /// Whoever was to write is gone, and has left no word of it.
    #[error("cannot tell whether it was written")]
    Unanswered,
}

/// What a failed commit was about: whether it is done, nobody knows.
pub(super) const COMMIT: &str = "commit a transaction";

impl StoreError {
    /// Whether the node has closed its database, which is the last thing that it does.
    pub fn is_closed(&self) -> bool {
        match self {
            Self::Common(error) => error.is_closed(),
            error => matches!(error, Self::Query { source: sqlx::Error::PoolClosed, .. }),
        }
    }

    /// Whether it may be written all the same.
    pub fn is_undecided(&self) -> bool {
        match self {
            Self::Unanswered => true,
            Self::Common(error) => error.is_undecided(),
            // What SQLite refuses is undone.
            Self::Query { what: COMMIT, .. } => self.is_transient() && self.sqlite_code().is_none(),
            _ => false,
        }
    }

    /// Whether the same transaction can be made again: the database was away or had no room, or somebody else was in the
    /// way. What was not committed has not happened; where the commit itself was cut off, a fenced write tells.
    pub fn is_transient(&self) -> bool {
        if self.is_full() {
            return true;
        }
        match self {
            Self::Open { source, .. } | Self::Query { source, .. } => is_transient(source),
            Self::Common(error) => error.is_transient(),
            Self::Unanswered => true,
            Self::Migrate { .. }
            | Self::Damaged { .. }
            | Self::File { .. }
            | Self::Own { .. }
            | Self::Url
            | Self::Decode { .. }
            | Self::Column { .. }
            | Self::StaleEpoch { .. }
            | Self::StaleVersion { .. } => false,
        }
    }

    /// Whether PostgreSQL has made the transaction undone and wants to have it made again: it met another one, or waited
    /// for too long. Unlike after a lost connection, it is known that nothing of it is kept.
    pub fn asks_again(&self) -> bool {
        let Self::Query { source, .. } = self else { return false };
        let error = source.as_database_error().filter(|error| is_pg(*error));
        let code = error.and_then(DatabaseError::code).unwrap_or_default();
        [SERIALIZATION, DEADLOCK, NO_LOCK].contains(&code.as_ref())
    }

    /// What a person can do about it, where that is known.
    pub fn advice(&self) -> Option<&'static str> {
        match (self, self.sqlite_code()) {
            (Self::Damaged { .. }, _) | (_, Some(CORRUPT | NOT_A_DATABASE)) => Some(
                "put a backup in its place with `diarist db restore FILE`, or move it away; the \
                 recordings in audio/ are untouched",
            ),
            (Self::Own { .. }, _) => Some("give the copy a name of its own"),
            (_, Some(FULL)) => Some("free some space on its disk"),
            (_, Some(READ_ONLY | CANNOT_OPEN)) => {
                Some("let this user write to its folder, or give another --data-dir")
            }
            (Self::Open { source, .. } | Self::Query { source, .. }, None)
                if is_transient(source) =>
            {
                Some("is PostgreSQL running, and does database.url say where?")
            }
            _ => None,
        }
    }

    /// Whether there is no room left for what was to be written.
    pub fn is_full(&self) -> bool {
        self.sqlite_code() == Some(FULL)
    }

    /// The primary result code, without what extends it.
    fn sqlite_code(&self) -> Option<i32> {
        let source = match self {
            Self::Open { source, .. } | Self::Query { source, .. } => source,
            Self::Common(error) => return error.sqlite_code(),
            _ => return None,
        };
        let error = source.as_database_error()?;
        error.try_downcast_ref::<SqliteError>()?;
        error.code()?.parse::<i32>().ok().map(|code| code & 0xff)
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

/// The classes of PostgreSQL's codes: 08 a broken connection, 40 a serialization fault or a deadlock, 53 too many
/// connections or a full disk, 55 a lock that was waited for too long, 57 a cancelled statement or a server that goes.
fn is_transient(source: &sqlx::Error) -> bool {
    match source {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            let class = error.code().unwrap_or_default().chars().take(2).collect::<String>();
            is_pg(error.as_ref()) && ["08", "40", "53", "55", "57"].contains(&class.as_str())
        }
        _ => false,
    }
}

fn is_pg(error: &dyn DatabaseError) -> bool {
    error.try_downcast_ref::<PgDatabaseError>().is_some()
}
