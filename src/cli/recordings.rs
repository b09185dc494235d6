//! What `note` and `transcribe` do with each file: send it, watch it, and hand over the finished job.

use super::args::{Global, Recordings};
use super::door::with_node;
use super::failure::{Failure, Outcome};
use super::progress::Progress;
use super::{models, output};
use crate::client::{Client, ClientError, Follow, JobView, printable_name};
use crate::clock;
use crate::config::Config;
use crate::domain::options::JobOptions;
use crate::providers::whisper::knows_language;
use std::path::{Path, PathBuf};

/// Runs every file through a node and `deliver`s each finished job. A bad one is reported, the others go on.
pub async fn process(
    recordings: &Recordings,
    options: &JobOptions,
    global: &Global,
    config: &Config,
    deliver: impl AsyncFn(&Client, &JobView, &Path) -> Result<(), Failure>,
) -> Result<Outcome, Failure> {
    check(recordings)?;
    ensure_model(recordings, global, config).await?;
    let mut open: Vec<PathBuf> = recordings.files.clone();
    open.reverse();
    let mut failed = false;
    with_node(global, config, async |client: &Client| {
        while let Some(file) = open.last() {
            let name = shown(file);
            let done = match run_one(client, file, options, global).await {
                // What is wrong for one file is wrong for all, or the node has to be found again.
                Err(error) if error.is_unreachable() || error.is_wrong_use() => return Err(error),
                Err(error) => Err(Failure::from(error)),
                Ok(job) => finished(client, &job, file, &deliver).await,
            };
            if let Err(failure) = done {
                failed = true;
                failure.tell_of(&name);
            }
            open.pop();
        }
        Ok(())
    })
    .await?;
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
}

/// What can be known to be wrong is said before the work, not after it.
fn check(recordings: &Recordings) -> Result<(), Failure> {
    let language = recordings.language.to_lowercase();
    if language != "auto" && !knows_language(&language) {
        let error = anyhow::anyhow!("`{language}` is no language of Whisper");
        return Err(Failure::usage(error).hint("give a code such as `en` or `de`, or `auto`"));
    }
    if let Some(dir) = &recordings.output_dir
        && let Err(error) = std::fs::create_dir_all(dir)
    {
        let what = format!("cannot make the folder {}", dir.display());
        return Err(Failure::usage(anyhow::Error::new(error).context(what)));
    }
    Ok(())
}

/// A path as it can be shown on any terminal.
fn shown(path: &Path) -> String {
    path.display()
        .to_string()
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// A node of our own has the models of this machine: what is missing is got first.
async fn ensure_model(
    recordings: &Recordings,
    global: &Global,
    config: &Config,
) -> Result<(), Failure> {
    if global.server.is_some() || crate::config::server_url().is_some() {
        return Ok(());
    }
    let name = recordings.model.as_deref().unwrap_or(&config.whisper.model);
    models::ensure(name, global, config).await
}

async fn run_one(
    client: &Client,
    file: &Path,
    options: &JobOptions,
    global: &Global,
) -> Result<JobView, ClientError> {
    let progress = Progress::of_job(global.quiet, &printable_name(file));
    progress.doing("sending");
    let (job, _existed) = if file == Path::new("-") {
        client.submit_stdin(options).await?
    } else {
        let modified = file.metadata().and_then(|meta| meta.modified()).ok();
        client.submit_file(file, options, modified.map(clock::to_local)).await?
    };
    let mut job = job;
    // A node that ends closes its streams before it is gone: then the next look finds nobody.
    while !job.is_over() {
        watch(client.follow(job.id, 0), &progress).await?;
        job = client.job(job.id).await?;
    }
    Ok(job)
}

/// Shows how far a job has come, until it is over.
async fn watch(mut follow: Follow, progress: &Progress) -> Result<(), ClientError> {
    let (mut fraction, mut doing) = (0.0f64, "waiting".to_owned());
    while let Some(event) = follow.next().await? {
        if let Some(now) = event.data.get("fraction").and_then(serde_json::Value::as_f64) {
            fraction = fraction.max(now);
        }
        if event.kind == "state" {
            doing = match event.data.get("stage").and_then(serde_json::Value::as_str) {
                Some("ingest") => "decoding",
                Some("transcribe") => "transcribing",
                Some("compose") => "composing",
                _ => "",
            }
            .to_owned();
        }
        progress.fraction(fraction, &doing);
    }
    Ok(())
}

async fn finished(
    client: &Client,
    job: &JobView,
    file: &Path,
    deliver: &impl AsyncFn(&Client, &JobView, &Path) -> Result<(), Failure>,
) -> Result<(), Failure> {
    match (job.status.as_str(), &job.error) {
        ("done", _) => deliver(client, job, file).await,
        (_, Some(error)) => {
            let failure = Failure::work(anyhow::anyhow!("{}", error.message));
            Err(if error.hint.is_empty() { failure } else { failure.hint(&error.hint) })
        }
        (status, None) => Err(Failure::work(anyhow::anyhow!("job {} is {status}", job.id))),
    }
}

/// The file's name without its extension; standard input is called so.
pub fn stem(file: &Path) -> String {
    match file.file_stem() {
        Some(stem) if stem != "-" => stem.to_string_lossy().into_owned(),
        _ => "stdin".to_owned(),
    }
}

impl Failure {
    fn tell_of(&self, name: &str) {
        output::complain_of(Some(name), &self.to_string(), self.hint_text());
    }
}
