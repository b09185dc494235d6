//! `diarist db`: the care of the database: bring it up to date, copy it, put a copy back, verify it.

use super::args::DbCommand;
use super::failure::{Failure, Outcome};
use super::output::{complain_of, say};
use crate::clock;
use crate::config::{Config, DatabaseConfig};
use crate::providers::storage::{Folder, Lock, LockError, NotWritable};
use crate::store::{Store, StoreError, upkeep};
use anyhow::anyhow;
use std::path::{Path, PathBuf};

pub async fn run(command: DbCommand, config: &Config) -> Result<Outcome, Failure> {
    let file = Folder::at(&config.storage.data_dir).database();
    match command {
        DbCommand::Migrate => {
            make_folder(config)?;
            migrate(config, &file).await
        }
        DbCommand::Backup { file: to } => back_up(config, &file, &to).await,
        DbCommand::Restore { file: from } => {
            make_folder(config)?;
            restore(config, &file, &from).await
        }
        DbCommand::Verify => verify(config, &file).await,
    }
}

fn make_folder(config: &Config) -> Result<(), Failure> {
    let made = Folder::make(&config.storage.data_dir);
    made.map(drop).map_err(|error| Failure::work(error).hint(NotWritable::ADVICE))
}

/// A file of SQLite with something in it: what is looked at or copied must be there.
fn with_something_in_it(file: PathBuf) -> Result<PathBuf, Failure> {
    match std::fs::metadata(&file) {
        Ok(found) if found.len() > 0 => Ok(file),
        Ok(_) | Err(_) => Err(Failure::work(anyhow!("there is no database at {}", file.display()))
            .hint("--data-dir says in which folder it is")),
    }
}

async fn migrate(config: &Config, file: &Path) -> Result<Outcome, Failure> {
    let held = hold(config)?;
    let store = Store::connect(&config.database, file).await.map_err(failed)?;
    store.close().await;
    drop(held);
    say("the tables are up to date");
    Ok(Outcome::Done)
}

async fn back_up(config: &Config, file: &Path, to: &Path) -> Result<Outcome, Failure> {
    let file = sqlite(config, file, "pg_dump --format=custom --file=FILE")?;
    let file = with_something_in_it(file)?;
    upkeep::back_up(&file, to).await.map_err(failed)?;
    say(&format!("{} holds the database as it was now", to.display()));
    Ok(Outcome::Done)
}

async fn restore(config: &Config, file: &Path, from: &Path) -> Result<Outcome, Failure> {
    let file = sqlite(config, file, "pg_restore --clean --if-exists --dbname=URL FILE")?;
    let no_backup = |failure: Failure| {
        failure.hint(format!("{} is no sound backup; give another one", from.display()))
    };
    with_something_in_it(from.to_owned())
        .map_err(|_| Failure::work(anyhow!("there is no backup at {}", from.display())))?;
    let held = hold(config)?;
    let copy = DatabaseConfig {
        url: format!("sqlite://{}", from.display()).as_str().into(),
        ..config.database.clone()
    };
    let faults = upkeep::verify(&copy, from).await;
    let faults = faults.map_err(|error| no_backup(Failure::work(error)))?;
    if !faults.is_empty() {
        tell(&faults);
        let error = anyhow!("{} is not put in the place of the database", from.display());
        return Err(Failure::work(error));
    }
    let stamp = format!("before-restore-{}", clock::now().format("%Y%m%dT%H%M%S"));
    let kept = upkeep::restore(&file, from, &stamp).map_err(failed)?;
    drop(held);
    say(&format!("{} is the database now", from.display()));
    if let Some(kept) = kept {
        say(&format!("what was there before is kept as {}", kept.display()));
    }
    Ok(Outcome::Done)
}

async fn verify(config: &Config, file: &Path) -> Result<Outcome, Failure> {
    if let Some(file) = config.database.file(file) {
        with_something_in_it(file)?;
        // SQLite writes beside a file that it only reads, and does not say so where it cannot.
        make_folder(config)?;
    }
    let faults = upkeep::verify(&config.database, file).await.map_err(failed)?;
    if faults.is_empty() {
        say("the database is sound");
        return Ok(Outcome::Done);
    }
    tell(&faults);
    Ok(Outcome::SomeFailed)
}

fn tell(faults: &[String]) {
    faults.iter().for_each(|fault| complain_of(None, fault, None));
}

/// Copies are a matter of PostgreSQL's own tools where it keeps the jobs.
fn sqlite(config: &Config, in_folder: &Path, tool: &str) -> Result<PathBuf, Failure> {
    config.database.file(in_folder).ok_or_else(|| {
        Failure::usage(anyhow!("the jobs are in PostgreSQL, which is copied with its own tools"))
            .hint(format!("{tool}; `diarist db verify` works on both"))
    })
}

/// Nobody else may use the database meanwhile.
fn hold(config: &Config) -> Result<Lock, Failure> {
    Lock::take(&config.storage.data_dir).map_err(|error| match error {
        LockError::Held => {
            let error = anyhow!("a server is using {}", config.storage.data_dir.display());
            Failure::work(error).hint("stop it, then run the command again")
        }
        error @ LockError::Io { .. } => Failure::work(error),
    })
}

fn failed(error: StoreError) -> Failure {
    let advice = error.advice();
    let failure = Failure::work(error);
    match advice {
        Some(advice) => failure.hint(advice),
        None => failure,
    }
}
