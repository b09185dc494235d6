//! An open database of either kind: reading from it, and writing to it in a transaction.

use super::dialect::Dialect;
use super::error::{self, StoreError};
use super::events::{self, Untold};
use super::lite;
use super::pg::{self, Pools};
use super::statement::Statement;
use super::values::{Row, Value, bound, values, without_nul};
use super::wakes::Wakes;
use crate::config::DatabaseConfig;
use crate::failpoint;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use std::path::Path;
use std::sync::Arc;

/// An open database: writing is apart from reading, so that neither waits for a connection of the other.
#[derive(Debug, Clone)]
pub struct Store {
    writers: Pool,
    readers: Pool,
    /// Where other nodes may write as well: how this one hears of it.
    others: Option<Others>,
    /// Where a write-ahead log is to be emptied.
    checkpointer: Option<SqlitePool>,
}

/// The connection that listens, and the name under which this node writes.
#[derive(Debug, Clone)]
struct Others {
    listener: PgPool,
    origin: Arc<str>,
}

#[derive(Debug, Clone)]
pub(super) enum Pool {
    Lite(SqlitePool),
    Pg(PgPool),
}

/// The reading side: each statement sees what is committed when it begins.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'s>(&'s Pool);

/// A writing transaction. It is rolled back where it is dropped before [`Tx::commit`].
pub struct Tx {
    begun: Begun,
    /// Who is told to have written, where others listen.
    pub(super) origin: Option<Arc<str>>,
    /// Events that are numbered and written when the transaction ends: whoever numbers them keeps everybody else of
    /// the tenant waiting until then.
    pub(super) untold: Vec<Untold>,
}

enum Begun {
    Lite(Transaction<'static, Sqlite>),
    Pg(Transaction<'static, Postgres>),
}

impl Store {
    /// Opens a file of SQLite, makes it where it does not exist, and brings its tables up to date.
    ///
    /// The caller holds the lock of the data folder: SQLite's migrations take none themselves.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let lite::Pools { writer, readers, checkpointer } = lite::open(path).await?;
        Ok(Self {
            writers: Pool::Lite(writer),
            readers: Pool::Lite(readers),
            others: None,
            checkpointer: Some(checkpointer),
        })
    }

    /// The same for the database that the configuration names; if it names none, for the file in the data folder.
    pub async fn connect(config: &DatabaseConfig, in_folder: &Path) -> Result<Self, StoreError> {
        if let Some(path) = config.file(in_folder) {
            return Self::open(&path).await;
        }

        let Pools { writers, readers, listener } = pg::open(config).await?;
        let origin = uuid::Uuid::now_v7().to_string().into();
        Ok(Self {
            writers: Pool::Pg(writers),
            readers: Pool::Pg(readers),
            others: Some(Others { listener, origin }),
            checkpointer: None,
        })
    }

    /// Opens what is there in order to look at it. SQLite's file stays as it is, even while a node uses it.
    pub(super) async fn inspect(
        config: &DatabaseConfig,
        in_folder: &Path,
    ) -> Result<Self, StoreError> {
        let Some(path) = config.file(in_folder) else {
            return Self::connect(config, in_folder).await;
        };
        let pool = lite::inspect(&path).await?;
        Ok(Self::alone(Pool::Lite(pool)))
    }

    /// Begins to write.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        let begun = match &self.writers {
            Pool::Lite(pool) => lite::begin(pool).await.map(Begun::Lite),
            Pool::Pg(pool) => pg::begin(pool).await.map(Begun::Pg),
        };
        let begun = begun.map_err(StoreError::query("begin a transaction"))?;
        let origin = self.others.as_ref().map(|others| others.origin.clone());
        Ok(Tx { begun, origin, untold: Vec::new() })
    }

    /// Whether it can be read from.
    pub async fn answers(&self) -> Result<(), StoreError> {
        self.reader().fetch_one("reach the database", "select 1 as one", values![]).await.map(drop)
    }

    /// What other nodes write, as they commit it; none where there can be no other node.
    pub fn wakes(&self) -> Option<Wakes> {
        let Others { listener, origin } = self.others.clone()?;
        Some(Wakes::new(listener, origin))
    }

    /// Whether other nodes may work on it as well.
    pub fn is_shared(&self) -> bool {
        self.others.is_some()
    }

    /// How many transactions may be open at once: SQLite has one writer, and on PostgreSQL one is written while another
    /// waits for the disk.
    pub fn commits_at_once(&self) -> usize {
        match self.writers {
            Pool::Lite(_) => 1,
            Pool::Pg(_) => 2,
        }
    }

    /// The same database over a connection of its own, which is opened on the runtime that asks first.
    pub fn apart(&self) -> Self {
        let Pool::Pg(pool) = &self.writers else { return self.clone() };
        let options = PgPoolOptions::new().max_connections(1);
        let options = options.acquire_timeout(pool.options().get_acquire_timeout());
        let own = options.connect_lazy_with(PgConnectOptions::clone(&pool.connect_options()));
        Self::alone(Pool::Pg(own))
    }

    /// Of which nobody else hears.
    fn alone(pool: Pool) -> Self {
        Self { writers: pool.clone(), readers: pool, others: None, checkpointer: None }
    }

    /// Empties the write-ahead log of SQLite into its file, beside those who write; PostgreSQL does so by itself.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        let Some(pool) = &self.checkpointer else { return Ok(()) };
        lite::checkpoint(pool).await.map_err(StoreError::query("empty the write-ahead log"))
    }

    pub(super) fn reader(&self) -> Reader<'_> {
        Reader(&self.readers)
    }

    /// For a statement that is a transaction by itself: the server makes it last, whether or not this process is still there.
    pub(super) fn at_once(&self) -> Reader<'_> {
        Reader(&self.writers)
    }

    /// Closes all connections; SQLite folds the write-ahead log into the file.
    pub async fn close(&self) {
        if let Some(others) = &self.others {
            others.listener.close().await;
        }
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.close().await;
        }
        self.readers.close().await;
        self.writers.close().await;
    }
}

impl Tx {
    /// Writes the events that the transaction has to tell, and makes all of it last.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        events::write(&mut self).await?;
        failpoint::pass("commit.before");
        let done = match self.begun {
            Begun::Lite(tx) => tx.commit().await,
            Begun::Pg(tx) => tx.commit().await,
        };
        done.map_err(StoreError::query(error::COMMIT))?;
        failpoint::pass("commit.after");
        Ok(())
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self.begun {
            Begun::Lite(_) => Dialect::Lite,
            Begun::Pg(_) => Dialect::Pg,
        }
    }

    /// Lets nobody else look for the same things until this transaction ends: what is not found can then be made once.
    pub(super) async fn alone(&mut self, with: &[String]) -> Result<(), StoreError> {
        match self.dialect() {
            // There is but one writer.
            Dialect::Lite => Ok(()),
            Dialect::Pg => {
                // All in one order: two who wait for several never wait for each other.
                let sql = "select pg_advisory_xact_lock(name) from (select distinct \
                    hashtextextended(value, 0) as name from json_array_elements_text($1::json) \
                    order by name) as names";
                let with = serde_json::Value::from(with).to_string();
                self.execute("wait for whoever looks for the same", sql, values![with]).await?;
                Ok(())
            }
        }
    }

    /// Says how many rows were changed. `what` completes "cannot …".
    pub(super) async fn execute(
        &mut self,
        what: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<u64, StoreError> {
        self.on().execute(sql.into_sql_str(), values).await.map_err(StoreError::query(what))
    }

    /// Runs statements of which none meets what another one writes; all have the same values. PostgreSQL is asked but once.
    pub(super) async fn execute_together(
        &mut self,
        what: &'static str,
        statements: Vec<String>,
        values: Vec<Value>,
    ) -> Result<(), StoreError> {
        for sql in self.dialect().together(statements) {
            self.execute(what, AssertSqlSafe(sql), values.clone()).await?;
        }
        Ok(())
    }

    pub(super) async fn fetch_all(
        &mut self,
        what: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        self.on().fetch_all(sql.into_sql_str(), values).await.map_err(StoreError::query(what))
    }

    pub(super) async fn fetch_optional(
        &mut self,
        what: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        self.on().fetch_optional(sql.into_sql_str(), values).await.map_err(StoreError::query(what))
    }

    pub(super) async fn fetch_one(
        &mut self,
        what: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Row, StoreError> {
        self.fetch_optional(what, sql, values).await?.ok_or_else(|| StoreError::nothing(what))
    }

    fn on(&mut self) -> On<'_> {
        match &mut self.begun {
            Begun::Lite(tx) => On::Lite(tx),
            Begun::Pg(tx) => On::Pg(tx),
        }
    }
}

impl<'s> Reader<'s> {
    pub fn dialect(self) -> Dialect {
        match self.0 {
            Pool::Lite(_) => Dialect::Lite,
            Pool::Pg(_) => Dialect::Pg,
        }
    }

    /// A statement that is put together before it is sent.
    pub fn statement(self, sql: impl Into<String>) -> Statement<'s> {
        Statement::new(self, sql)
    }

    pub async fn fetch_all(
        self,
        what: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let mut lent = self.0.lend().await.map_err(StoreError::query(what))?;
        lent.on().fetch_all(sql.into_sql_str(), values).await.map_err(StoreError::query(what))
    }

    pub async fn fetch_optional(
        self,
        what: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        let mut lent = self.0.lend().await.map_err(StoreError::query(what))?;
        lent.on().fetch_optional(sql.into_sql_str(), values).await.map_err(StoreError::query(what))
    }

    pub async fn fetch_one(
        self,
        what: &'static str,
        sql: impl SqlSafeStr,
        values: Vec<Value>,
    ) -> Result<Row, StoreError> {
        self.fetch_optional(what, sql, values).await?.ok_or_else(|| StoreError::nothing(what))
    }
}

impl Pool {
    async fn lend(&self) -> Result<Lent, sqlx::Error> {
        match self {
            Self::Lite(pool) => pool.acquire().await.map(Lent::Lite),
            Self::Pg(pool) => pool.acquire().await.map(Lent::Pg),
        }
    }

    async fn close(&self) {
        match self {
            Self::Lite(pool) => pool.close().await,
            Self::Pg(pool) => pool.close().await,
        }
    }
}

/// A connection that goes back to its pool.
enum Lent {
    Lite(PoolConnection<Sqlite>),
    Pg(PoolConnection<Postgres>),
}

impl Lent {
    fn on(&mut self) -> On<'_> {
        match self {
            Self::Lite(lent) => On::Lite(lent),
            Self::Pg(lent) => On::Pg(lent),
        }
    }
}

/// Where a statement runs.
enum On<'c> {
    Lite(&'c mut SqliteConnection),
    Pg(&'c mut PgConnection),
}

impl On<'_> {
    async fn execute(self, sql: SqlStr, values: Vec<Value>) -> Result<u64, sqlx::Error> {
        match self {
            Self::Lite(on) => Ok(bound::<Sqlite>(sql, values).execute(on).await?.rows_affected()),
            Self::Pg(on) => {
                Ok(bound::<Postgres>(sql, without_nul(values)).execute(on).await?.rows_affected())
            }
        }
    }

    async fn fetch_all(self, sql: SqlStr, values: Vec<Value>) -> Result<Vec<Row>, sqlx::Error> {
        match self {
            Self::Lite(on) => {
                let rows = bound::<Sqlite>(sql, values).fetch_all(on).await?;
                Ok(rows.into_iter().map(Row::Lite).collect())
            }
            Self::Pg(on) => {
                let rows = bound::<Postgres>(sql, without_nul(values)).fetch_all(on).await?;
                Ok(rows.into_iter().map(Row::Pg).collect())
            }
        }
    }

    async fn fetch_optional(
        self,
        sql: SqlStr,
        values: Vec<Value>,
    ) -> Result<Option<Row>, sqlx::Error> {
        match self {
            Self::Lite(on) => {
                Ok(bound::<Sqlite>(sql, values).fetch_optional(on).await?.map(Row::Lite))
            }
            Self::Pg(on) => Ok(bound::<Postgres>(sql, without_nul(values))
                .fetch_optional(on)
                .await?
                .map(Row::Pg)),
        }
    }
}
