//! `diarist jobs`: list, show, follow, cancel, failed, retry, rm.

mod failed;
mod follow;
mod rm;

use super::args::{Global, JobsCommand};
use super::door::with_node;
use super::failure::{Failure, Outcome};
use super::job_id;
use super::output::{duration, print, say};
use super::when;
use crate::client::{Client, ClientError, JobView, Page};
use crate::clock;
use crate::config::{Config, EngineConfig};
use crate::domain::ids::JobId;
use serde_json::json;
use std::fmt::Write;

pub async fn run(
    command: JobsCommand,
    global: &Global,
    config: &Config,
) -> Result<Outcome, Failure> {
    let idle = &idle(config);
    match command {
        JobsCommand::List { status, limit, json } => {
            list(global, idle, status, limit, json).await?;
        }
        JobsCommand::Show { id } => {
            let show = async |client: &Client| match job_id::find(client, &id).await? {
                Ok(id) => show(client, id).await.map(Ok),
                Err(why) => Ok(Err(why)),
            };
            print(&with_node(global, idle, show).await?.map_err(unknown)?)?;
        }
        JobsCommand::Cancel { id } => {
            let cancel = async |client: &Client| match job_id::find(client, &id).await? {
                Ok(id) => client.cancel(id).await.map(Ok),
                Err(why) => Ok(Err(why)),
            };
            let job = with_node(global, idle, cancel).await?.map_err(unknown)?;
            let id = job.id;
            say(&format!("job {id} is {}", job.status));
        }
        JobsCommand::Failed { json } => print(&failed::show(global, idle, json).await?)?,
        JobsCommand::Retry { id: None, code, .. } => {
            say(&failed::retry(global, idle, code.as_deref()).await?);
        }
        JobsCommand::Retry { id: Some(id), .. } => {
            let retry = async |client: &Client| match job_id::find(client, &id).await? {
                Ok(id) => {
                    let job = client.retry(id).await?;
                    let why = when::why_it_waits(client, &job).await;
                    Ok(Ok((job, why)))
                }
                Err(why) => Ok(Err(why)),
            };
            let (job, why) = with_node(global, idle, retry).await?.map_err(unknown)?;
            let goes_on = "a running `diarist serve`, or the next note, goes on with it";
            let why = why.as_deref().unwrap_or(goes_on);
            say(&format!("job {} is {}; {why}", job.id, job.status));
        }
        JobsCommand::Follow { id, json } => {
            let mut seen = 0;
            let follow = async |client: &Client| match job_id::find(client, &id).await? {
                Ok(id) => follow::follow(client, id, &mut seen, json).await.map(Ok),
                Err(why) => Ok(Err(why)),
            };
            return with_node(global, config, follow).await?.map_err(unknown)?;
        }
        JobsCommand::Rm { ids, yes } => {
            if !rm::confirm(&ids, yes)? {
                say("nothing is removed");
                return Ok(Outcome::SomeFailed);
            }
            let mut removal = rm::Removal::of(ids);
            let remove = async |client: &Client| rm::remove(client, &mut removal).await;
            return with_node(global, idle, remove).await;
        }
    }
    Ok(Outcome::Done)
}

async fn list(
    global: &Global,
    config: &Config,
    status: Option<String>,
    limit: u32,
    json: bool,
) -> Result<(), Failure> {
    let query: Vec<_> = status.map(|status| ("status", status)).into_iter().collect();
    let ask = async |client: &Client| {
        let page = async |query: Vec<_>| client.jobs(&query).await;
        Page::gather(limit as usize, &query, page).await
    };
    let page = with_node(global, config, ask).await?;
    match page.items.as_slice() {
        jobs if json => print(&as_json(jobs))?,
        [] if !query.is_empty() => say("no job is in this status"),
        jobs => print(&as_table(jobs))?,
    }
    if page.next_cursor.is_some() {
        say("there are more; --limit shows them");
    }
    Ok(())
}

/// A node that only looks: whoever asks how things stand does not want to start the work.
pub fn idle(config: &Config) -> Config {
    let engine = EngineConfig { max_active_jobs: 0, ..config.engine.clone() };
    Config { engine, ..config.clone() }
}

fn unknown(why: String) -> Failure {
    Failure::usage(anyhow::anyhow!("{why}")).hint("`diarist jobs list` shows the ids")
}

async fn show(client: &Client, id: JobId) -> Result<String, ClientError> {
    let job = client.job(id).await?;
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{key:<12} {value}");
    };
    line("job", &job.id.to_string());
    line("file", &job.file_name);
    line("status", &job.status);
    line("stage", job.stage.as_deref().unwrap_or("-"));
    line("progress", &format!("{:.0} %", job.progress.fraction * 100.0));
    line("length", &job.audio.duration_ms.map_or("-".to_owned(), duration));
    line("format", &format!("{} ({})", job.audio.format, job.audio.codec));
    line("model", &job.model);
    line("language", job.language.as_deref().unwrap_or("-"));
    if let Some(at) = job.scheduled(clock::now()) {
        line("not before", &when::shown(at));
    }
    line("recorded", &job.recorded_at.map_or("-".to_owned(), |at| at.to_rfc3339()));
    line("created", &job.created_at.to_rfc3339());
    line("finished", &job.finished_at.map_or("-".to_owned(), |at| at.to_rfc3339()));
    if let Some(error) = &job.error {
        line("error", &format!("{} ({})", error.message, error.code));
        line("hint", &error.hint);
    }
    line("events", "");
    let mut follow = client.follow(id, 0);
    while let Some(event) = follow.next().await? {
        if event.kind == "state" {
            let word =
                |key: &str| event.data.get(key).and_then(|v| v.as_str()).unwrap_or("").to_owned();
            line(&format!("  {}", event.id), &format!("{} {}", word("status"), word("stage")));
        }
        if event.id >= job.last_event_id {
            break;
        }
    }
    Ok(text)
}

fn as_table(jobs: &[JobView]) -> String {
    if jobs.is_empty() {
        return "no jobs yet; `diarist note memo.m4a` makes the first\n".to_owned();
    }
    let now = clock::now();
    let mut text = format!("{:<36}  {:<9}  {:>5}  {:>8}  FILE\n", "ID", "STATUS", "DONE", "LENGTH");
    for job in jobs {
        let length = job.audio.duration_ms.map_or("-".to_owned(), duration);
        let done = format!("{:.0} %", job.progress.fraction * 100.0);
        let not_before = match job.scheduled(now) {
            Some(at) => format!("  (not before {})", when::shown(at)),
            None => String::new(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:<36}  {:<9}  {done:>5}  {length:>8}  {}{not_before}",
            job.id, job.status, job.file_name
        );
    }
    text
}

fn as_json(jobs: &[JobView]) -> String {
    let row = |job: &JobView| {
        json!({
            "id": job.id,
            "status": job.status,
            "stage": job.stage,
            "fraction": job.progress.fraction,
            "file_name": job.file_name,
            "duration_ms": job.audio.duration_ms,
            "recorded_at": job.recorded_at,
            "created_at": job.created_at,
            "tags": job.tags,
            "run_at": job.run_at,
        })
    };
    format!("{:#}\n", serde_json::Value::from(jobs.iter().map(row).collect::<Vec<_>>()))
}
