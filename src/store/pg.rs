//! How PostgreSQL is opened, what waits how long, and how a node hears what others have written.

use super::error::StoreError;
use crate::config::DatabaseConfig;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection, Postgres, Transaction};
use std::io;
use std::str::FromStr;
use std::time::Duration;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

const NAME: &str = "diarist";
/// How long a connection that nobody uses is taken to be there still.
const TRUSTED: Duration = Duration::from_secs(1);
/// With these codes PostgreSQL ends a connection: it is told to, or another one of its processes has crashed.
const SHUT_DOWN: [&str; 2] = ["57P01", "57P02"];

/// Connections for writing, for reading, and one that listens: nobody who writes and reads waits for itself.
pub struct Pools {
    pub writers: PgPool,
    pub readers: PgPool,
    pub listener: PgPool,
}

pub async fn open(config: &DatabaseConfig) -> Result<Pools, StoreError> {
    let options = options(config)?;
    let pool =
        |most| PgPoolOptions::new().max_connections(most).acquire_timeout(config.connect_timeout());
    let path = place(&options);
    let failed = |source| StoreError::Open { path: path.clone(), source };
    // Without the limits: a change of tables takes as long as it takes, and nodes that start at once wait for each
    // other here, as the migrator takes a lock of its own.
    let migrating = match pool(1).connect_with(options.clone()).await {
        // A pool that has waited for long enough does not say for what.
        Err(sqlx::Error::PoolTimedOut) => Err(why(&options).await),
        opened => opened,
    };
    let migrating = migrating.map_err(failed)?;
    MIGRATIONS.run(&migrating).await.map_err(|source| StoreError::Migrate { source })?;
    migrating.close().await;
    let options = with_limits(options, config);
    let writing = by_index(options.clone());
    let writers = tested(pool(config.writers)).connect_with(writing).await.map_err(failed)?;
    let readers = pool(config.readers).connect_lazy_with(options.clone());
    let listener = pool(1).connect_lazy_with(options);
    Ok(Pools { writers, readers, listener })
}

/// Begins a transaction. Where its connection was cut nothing is begun: another one is asked, and in the end a new one.
pub async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    let mut cut = 0;
    loop {
        match pool.begin().await {
            Err(error) if cut < pool.options().get_max_connections() && is_cut(&error) => cut += 1,
            begun => return begun,
        }
    }
}

/// Whether the connection was there, and is no more.
fn is_cut(error: &sqlx::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    match error {
        sqlx::Error::Io(error) => {
            [BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof].contains(&error.kind())
        }
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| SHUT_DOWN.contains(&code.as_ref()))
        }
        _ => false,
    }
}

/// A connection that was used just now is not asked whether it is there: that would be a way to the database and back.
fn tested(pool: PgPoolOptions) -> PgPoolOptions {
    pool.test_before_acquire(false).before_acquire(|connection, meta| {
        Box::pin(async move { Ok(meta.idle_for < TRUSTED || connection.ping().await.is_ok()) })
    })
}

fn options(config: &DatabaseConfig) -> Result<PgConnectOptions, StoreError> {
    let options = PgConnectOptions::from_str(config.url.reveal()).map_err(|_| StoreError::Url)?;
    Ok(options.application_name(NAME))
}

fn with_limits(options: PgConnectOptions, config: &DatabaseConfig) -> PgConnectOptions {
    let ms = |ms: u64| format!("{ms}ms");
    options.options([
        ("statement_timeout", ms(config.statement_timeout_ms)),
        ("lock_timeout", ms(config.lock_timeout_ms)),
        ("idle_in_transaction_session_timeout", ms(config.idle_in_transaction_timeout_ms)),
        // No statement of ours runs for as long as compiling it takes.
        ("jit", "off".to_owned()),
    ])
}

/// Why no connection comes about.
async fn why(options: &PgConnectOptions) -> sqlx::Error {
    match PgConnection::connect_with(options).await {
        Err(error) => error,
        Ok(_) => sqlx::Error::PoolTimedOut,
    }
}

/// For statements that are prepared once and find each row by an index, however many rows there are. A plan that was made
/// while the tables were empty would read them from end to end for as long as the connection lives.
fn by_index(options: PgConnectOptions) -> PgConnectOptions {
    options.options([
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        // It visits every version of a row that was there since the last vacuum; an index scan marks those that are dead.
        ("enable_bitmapscan", "off"),
    ])
}

/// Where it is, without who asks and with which password.
fn place(options: &PgConnectOptions) -> String {
    let database = options.get_database().unwrap_or_default();
    format!("{database} at {}:{}", options.get_host(), options.get_port())
}
