//! What is particular to SQLite: how it is opened, and how a writing transaction begins.

use super::error::StoreError;
use crate::failpoint;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use std::path::Path;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

const READERS: u32 = 4;

/// An open database: one writer, several readers that never wait for it.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// A writing transaction. It is rolled back where it is dropped before [`Tx::commit`].
pub struct Tx(sqlx::Transaction<'static, sqlx::Sqlite>);

impl Store {
    /// Opens the file, makes it where it does not exist, and brings its tables up to date.
    ///
    /// The caller holds the lock of the data folder: SQLite's migrations take none themselves.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Open { path: path.display().to_string(), source };
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone());
        let writer = writer.await.map_err(failed)?;
        MIGRATIONS.run(&writer).await.map_err(|source| StoreError::Migrate { source })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true))
            .await
            .map_err(failed)?;
        Ok(Self { writer, readers })
    }

    /// Begins to write. Takes the write lock at once: a read that turns into a write could fail as busy.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        let begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        begun.map(Tx).map_err(StoreError::query("begin a transaction"))
    }

    pub(super) fn reader(&self) -> &SqlitePool {
        &self.readers
    }

    /// Closes all connections, which folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

impl Tx {
    pub async fn commit(self) -> Result<(), StoreError> {
        failpoint::pass("commit.before");
        self.0.commit().await.map_err(StoreError::query("commit a transaction"))?;
        failpoint::pass("commit.after");
        Ok(())
    }

    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.0
    }
}
