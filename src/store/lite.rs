//! How SQLite is opened, and how a writing transaction begins on it.

use super::error::StoreError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};
use std::path::Path;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

const READERS: u32 = 4;

/// One writer, and several readers that never wait for it.
pub async fn open(path: &Path) -> Result<(SqlitePool, SqlitePool), StoreError> {
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
    Ok((writer, readers))
}

/// Takes the write lock at once: a read that turns into a write could fail as busy.
pub async fn begin(writer: &SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    writer.begin_with("BEGIN IMMEDIATE").await
}
