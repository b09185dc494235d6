//! `[database]`: where the truth is kept, and how long anybody waits for it.

use super::faults::Faults;
use super::secret::Secret;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    pub url: Secret,
    pub writers: u32,
    pub readers: u32,
    pub connect_timeout_ms: u64,
    pub statement_timeout_ms: u64,
    pub lock_timeout_ms: u64,
    pub idle_in_transaction_timeout_ms: u64,
}

/// Which database a URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database<'c> {
    /// One file; none is named where it lies in the data folder.
    Sqlite(Option<PathBuf>),
    Postgres(&'c Secret),
}

const SQLITE: &str = "sqlite://";
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];
const HOUR_MS: u64 = 3_600_000;

impl DatabaseConfig {
    pub fn database(&self) -> Database<'_> {
        let url = self.url.reveal();
        match url.strip_prefix(SQLITE) {
            Some(path) => {
                Database::Sqlite(Some(path).filter(|it| !it.is_empty()).map(PathBuf::from))
            }
            None if url.is_empty() => Database::Sqlite(None),
            None => Database::Postgres(&self.url),
        }
    }

    /// The file of SQLite, in the data folder if no other is named; none with PostgreSQL.
    pub fn file(&self, in_folder: &Path) -> Option<PathBuf> {
        match self.database() {
            Database::Sqlite(named) => Some(named.unwrap_or_else(|| in_folder.to_owned())),
            Database::Postgres(_) => None,
        }
    }

    pub fn connect_timeout(&self) -> Duration {
        Duration::from_millis(self.connect_timeout_ms)
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        let url = self.url.reveal();
        let known = url.is_empty()
            || url.starts_with(SQLITE)
            || POSTGRES.iter().any(|scheme| url.starts_with(scheme));
        let reason = "must be empty, sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE";
        faults.check(known, "database.url", "***", reason);
        for (key, value) in [("database.writers", self.writers), ("database.readers", self.readers)]
        {
            faults.check((1..=500).contains(&value), key, value, "must be 1 to 500");
        }
        for (key, ms) in [
            ("database.connect_timeout_ms", self.connect_timeout_ms),
            ("database.statement_timeout_ms", self.statement_timeout_ms),
            ("database.lock_timeout_ms", self.lock_timeout_ms),
            ("database.idle_in_transaction_timeout_ms", self.idle_in_transaction_timeout_ms),
        ] {
            let reason = "must be 100 to 3600000, an hour";
            faults.check((100..=HOUR_MS).contains(&ms), key, ms, reason);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::config::{Overrides, load};

    fn with(url: &str) -> Result<DatabaseConfig, String> {
        let values = vec![("database.url", url.into())];
        let loaded = load(&Overrides { file: None, values });
        loaded.map(|loaded| loaded.config.database).map_err(|error| error.to_string())
    }

    #[test]
    fn a_url_names_the_database_and_is_never_shown() {
        let file = |url| with(url).unwrap().file(Path::new("/d/diarist.db"));
        assert_eq!(file(""), Some("/d/diarist.db".into()));
        assert_eq!(file("sqlite:///srv/memos.db"), Some("/srv/memos.db".into()));
        assert_eq!(file("postgres://me:secret@db/diary"), None);
        assert!(
            !format!("{:?}", with("postgres://me:secret@db/diary").unwrap()).contains("secret")
        );
        let told = with("mysql://me:secret@db/diary").unwrap_err();
        assert!(told.contains("database.url") && !told.contains("secret"), "{told}");
    }
}
