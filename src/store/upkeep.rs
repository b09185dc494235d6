//! The care of a database: a copy while it is in use, a check of all that must hold, and a copy put back in its place.

use super::database::{Reader, Store};
use super::dialect::Dialect;
use super::error::StoreError;
use super::lite;
use super::values::values;
use crate::config::DatabaseConfig;
use sqlx::AssertSqlSafe;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// More than so many faults of one kind say nothing more.
const TOLD: i64 = 10;

/// Writes all that is committed into a new file, while others read and write. It is there as a whole, or not at all.
pub async fn back_up(database: &Path, to: &Path) -> Result<(), StoreError> {
    for own in ["", "-wal", "-shm"] {
        if is_same(&with_end(database, own), to) {
            return Err(StoreError::Own { path: to.to_owned() });
        }
    }
    let half = beside(to, "part");
    let done = copy(database, &half, to).await;
    if done.is_err() {
        // What is left of it is in nobody's way but the disk's.
        let _ = remove(&half);
    }
    done
}

/// Readable by its owner alone, as the database is.
async fn copy(database: &Path, half: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: to.to_owned(), source };
    remove(half).map_err(failed)?;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(half).map_err(failed)?;
    lite::copy(database, half).await?;
    let done = File::open(half).and_then(|file| file.sync_all());
    done.and_then(|()| fs::rename(half, to)).and_then(|()| sync_folder(to)).map_err(failed)
}

/// Whether two paths lead to the same file, whatever they are called; one that does not exist, to the same place.
fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    let number = |path: &Path| fs::metadata(path).ok().map(|it| (it.dev(), it.ino()));
    let (place_of_one, number_of_one) = (place(one), number(one));
    place_of_one.is_some() && place_of_one == place(other)
        || number_of_one.is_some() && number_of_one == number(other)
}

/// Puts a copy in the place of the database, and says where what was there is kept. The caller holds the lock of the data
/// folder, and has verified the copy.
pub fn restore(database: &Path, from: &Path, stamp: &str) -> Result<Option<PathBuf>, StoreError> {
    let failed = |source| StoreError::File { path: database.to_owned(), source };
    let half = beside(database, "part");
    fs::copy(from, &half).map_err(failed)?;
    File::open(&half).and_then(|file| file.sync_all()).map_err(failed)?;
    let kept = beside(database, stamp);
    let was_there = database.exists();
    // The log goes with its file: beside another one it would be taken for that one's.
    for end in ["-wal", "-shm", ""] {
        let (old, new) = (with_end(database, end), with_end(&kept, end));
        if old.exists() {
            fs::rename(old, new).map_err(failed)?;
        }
    }
    fs::rename(&half, database).and_then(|()| sync_folder(database)).map_err(failed)?;
    Ok(was_there.then_some(kept))
}

/// What is wrong with a database, in words; nothing where all is well. Changes nothing.
pub async fn verify(config: &DatabaseConfig, in_folder: &Path) -> Result<Vec<String>, StoreError> {
    let store = Store::inspect(config, in_folder).await?;
    let faults = faults(store.reader()).await;
    store.close().await;
    faults
}

async fn faults(reader: Reader<'_>) -> Result<Vec<String>, StoreError> {
    let what = "verify the database";
    let mut faults = Vec::new();
    if reader.dialect() == Dialect::Lite {
        for row in reader.fetch_all(what, "pragma integrity_check(10)", values![]).await? {
            let said: String = row.get("integrity_check")?;
            faults.extend(Some(said).filter(|said| said != "ok"));
        }
        for row in reader.fetch_all(what, "pragma foreign_key_check", values![]).await? {
            let (table, parent): (String, String) = (row.get("table")?, row.get("parent")?);
            faults.push(format!("a row of {table} belongs to none of {parent}"));
        }
    }
    for (about, sql) in invariants(reader.dialect()) {
        let sql = format!("{sql} limit {TOLD}");
        for row in reader.fetch_all(what, AssertSqlSafe(sql), values![]).await? {
            faults.push(format!("{}: {about}", row.get::<String>("id")?));
        }
    }
    Ok(faults)
}

/// What the engine keeps to, whatever happens, and how to find who does not.
fn invariants(dialect: Dialect) -> [(&'static str, String); 3] {
    let told = |field| dialect.json_text("told.payload", field);
    let numbered = "select jobs.id as id from jobs left join job_events on job_events.job_id = jobs.id \
         group by jobs.id, jobs.last_seq having count(job_events.seq) <> jobs.last_seq \
         or coalesce(max(job_events.seq), 0) <> jobs.last_seq or coalesce(min(job_events.seq), 0) <> 1";
    let folded = format!(
        "select jobs.id as id from jobs join job_events as told on told.job_id = jobs.id and told.seq = \
         (select max(seq) from job_events where job_id = jobs.id and kind = 'state') \
         where {} <> jobs.status or {} <> jobs.epoch or {} <> jobs.attempt",
        told("status"),
        dialect.json_int("told.payload", "epoch"),
        dialect.json_int("told.payload", "attempt"),
    );
    let counted = "select feeds.tenant as id from feeds join job_events on job_events.tenant = feeds.tenant \
         group by feeds.tenant, feeds.last having max(job_events.position) > feeds.last";
    [
        ("its events are not numbered 1, 2, 3 …", numbered.to_owned()),
        ("its last event tells another state than its row", folded),
        ("its feed has gone past its counter", counted.to_owned()),
    ]
}

fn beside(path: &Path, end: &str) -> PathBuf {
    with_end(path, &format!(".{end}"))
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A new name lasts when its folder is on the disk.
fn sync_folder(of: &Path) -> io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all())
}
