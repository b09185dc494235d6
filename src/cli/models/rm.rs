//! `diarist models rm`: frees the space of a model that nobody needs.

use crate::cli::args::Global;
use crate::cli::door::with_node;
use crate::cli::failure::Failure;
use crate::cli::jobs::idle;
use crate::cli::output::{megabytes, say};
use crate::client::{Client, ClientError};
use crate::config::Config;
use crate::providers::models::Library;
use crate::providers::storage::{Lock, LockError};

/// The states of a job that still needs its model.
const UNFINISHED: [&str; 5] = ["received", "stored", "queued", "running", "parked"];

pub async fn remove(
    library: &Library,
    name: &str,
    force: bool,
    global: &Global,
    config: &Config,
) -> Result<(), Failure> {
    let Some(model) = library.installed(name).map_err(Failure::usage)? else {
        let error = anyhow::anyhow!("the model {name} is not installed");
        return Err(Failure::usage(error).hint("`diarist models list` shows those that are"));
    };
    if !force && let Some(why) = need(name, global, config).await? {
        return Err(Failure::work(anyhow::anyhow!("{why}")).hint("--force removes it all the same"));
    }
    library.remove(name).map_err(Failure::work)?;
    say(&format!("{name} is removed: {} free again", megabytes(model.bytes)));
    Ok(())
}

/// Who needs the model, in words.
async fn need(name: &str, global: &Global, config: &Config) -> Result<Option<String>, Failure> {
    let data_dir = &config.storage.data_dir;
    if !data_dir.is_dir() {
        return Ok(None);
    }
    let is_served = matches!(Lock::take(data_dir), Err(LockError::Held));
    if is_served && config.whisper.model == name {
        return Ok(Some(format!("{name} is the model of the server that is running")));
    }
    let idle = idle(config);
    let count = async |client: &Client| waiting(client, name).await;
    Ok(match with_node(global, &idle, count).await? {
        0 => None,
        1 => Some(format!("an unfinished job needs {name}")),
        n => Some(format!("{n} unfinished jobs need {name}")),
    })
}

async fn waiting(client: &Client, name: &str) -> Result<usize, ClientError> {
    let mut count = 0;
    for status in UNFINISHED {
        let mut cursor = None;
        loop {
            let mut query = vec![("status", status.to_owned()), ("limit", "200".to_owned())];
            query.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let page = client.jobs(&query).await?;
            count += page.items.iter().filter(|job| job.model == name).count();
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
    }
    Ok(count)
}
