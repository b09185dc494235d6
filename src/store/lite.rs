//! How SQLite is opened, and how a writing transaction begins on it.

use super::error::StoreError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, Sqlite, Transaction};
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
    // A file does not hang up: no connection to it is tested before it is used.
    // A full disk makes SQLite roll back by itself, and sqlx then counts a transaction that is not there: whoever came
    // next could not begin one.
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        .connect_with(options.clone());
    let writer = writer.await.map_err(failed)?;
    check(&writer, path).await?;
    MIGRATIONS.run(&writer).await.map_err(|source| StoreError::Migrate { source })?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .connect_with(options.read_only(true))
        .await
        .map_err(failed)?;
    Ok((writer, readers))
}

/// A larger file is not read through at each start; `diarist db verify` does it.
const CHECKED_PAGES: i64 = 65_536;

/// Refuses a file with broken pages before anything is written into it.
async fn check(pool: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::Open { path: path.display().to_string(), source };
    let pages: i64 =
        sqlx::query_scalar("pragma page_count").fetch_one(pool).await.map_err(failed)?;
    if pages > CHECKED_PAGES {
        return Ok(());
    }
    let said: String =
        sqlx::query_scalar("pragma quick_check(1)").fetch_one(pool).await.map_err(failed)?;
    if said == "ok" {
        return Ok(());
    }
    Err(StoreError::Damaged { path: path.to_owned(), said })
}

/// The file as it is, for reading only.
pub async fn inspect(path: &Path) -> Result<SqlitePool, StoreError> {
    let failed = |source| StoreError::Open { path: path.display().to_string(), source };
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    SqlitePoolOptions::new().max_connections(1).connect_with(options).await.map_err(failed)
}

/// Writes all that is committed into another file.
pub async fn copy(from: &Path, to: &Path) -> Result<(), StoreError> {
    let pool = inspect(from).await?;
    let to = to.display().to_string();
    let done = sqlx::query("vacuum into $1").bind(to).execute(&pool).await;
    pool.close().await;
    done.map(drop).map_err(StoreError::query("copy the database"))
}

/// Takes the write lock at once: a read that turns into a write could fail as busy.
pub async fn begin(writer: &SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    writer.begin_with("BEGIN IMMEDIATE").await
}
