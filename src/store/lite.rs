//! How SQLite is opened, and how a writing transaction begins on it.

use super::error::StoreError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Connection, Sqlite, Transaction};
use std::path::Path;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

const READERS: u32 = 4;

/// Pages of the write-ahead log from which on a commit moves them into the file itself, while all that wait for it
/// go on waiting: for as long as the disk takes, where nobody has done it beside the commits.
const LOG_PAGES: &str = "4000";

/// One writer, several readers that never wait for it, and one connection that empties the log beside them.
pub struct Pools {
    pub writer: SqlitePool,
    pub readers: SqlitePool,
    pub checkpointer: SqlitePool,
}

pub async fn open(path: &Path) -> Result<Pools, StoreError> {
    let failed = |source| StoreError::Open { path: path.display().to_string(), source };
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("wal_autocheckpoint", LOG_PAGES);
    // A full disk makes SQLite roll back by itself, and sqlx then counts a transaction that is not there: whoever came
    // next could not begin one.
    // A file does not hang up: no connection to it is tested before it is used.
    let pool = |most| SqlitePoolOptions::new().max_connections(most).test_before_acquire(false);
    let writer = pool(1)
        .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
        .connect_with(options.clone());
    let writer = writer.await.map_err(failed)?;
    check(&writer, path).await?;
    MIGRATIONS.run(&writer).await.map_err(|source| StoreError::Migrate { source })?;
    let checkpointer = pool(1).connect_lazy_with(options.clone());
    let readers = pool(READERS).connect_with(options.read_only(true)).await.map_err(failed)?;
    Ok(Pools { writer, readers, checkpointer })
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

/// Moves all of the log into the file that nobody reads there any more; neither waits for anybody, nor is waited for.
pub async fn checkpoint(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    sqlx::query("pragma wal_checkpoint(passive)").execute(pool).await.map(drop)
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
