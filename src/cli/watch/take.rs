//! One recording on its way to a note: read, compared with what is remembered, sent, waited for, written.

use super::dated;
use super::deliver::{Delivered, Output, deliver};
use super::memory::{Content, End, Memory, Sent};
use super::queue::Item;
use super::scan::{Found, Stamp};
use crate::cli::output::complain_of;
use crate::client::{Client, ClientError, JobView, printable_name};
use crate::clock;
use crate::domain::digest::hex;
use crate::domain::options::JobOptions;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

/// How long a busy server is left alone, at first and at most.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How often a server that fails is asked again for one file.
const TRIES: u32 = 5;

/// What a recording is taken with.
pub struct Shop<'a> {
    pub client: &'a Client,
    pub memory: &'a Memory,
    pub options: &'a JobOptions,
    pub output: Option<&'a Output>,
}

/// How it has ended.
#[derive(Debug)]
pub enum Ended {
    Done(Box<Delivered>),
    /// Nothing new: it, or its twin, has been here before.
    Known,
    Failed {
        why: String,
        hint: String,
    },
    /// It has changed, or its twin is being taken.
    Later,
    Gone,
}

/// Why nothing more can be taken for now.
#[derive(Debug)]
pub enum Halt {
    Client(ClientError),
    /// What is done could not be written down, or a note not be written.
    Write(io::Error),
}

impl From<ClientError> for Halt {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

pub async fn take(shop: &Shop<'_>, item: Item) -> (Item, Result<Ended, Halt>) {
    let ended = match &item {
        Item::File(found) => take_file(shop, found).await,
        Item::Begun(sha256) => take_content(shop, sha256, None).await,
    };
    (item, ended)
}

async fn take_file(shop: &Shop<'_>, found: &Found) -> Result<Ended, Halt> {
    if let Some(sha256) = shop.memory.content_of(found) {
        return take_content(shop, &sha256, Some(found)).await;
    }
    let path = found.path.clone();
    let hashed = tokio::task::spawn_blocking(move || hash(&path)).await;
    let sha256 = match hashed.unwrap_or_else(|lost| Err(io::Error::other(lost))) {
        Ok(sha256) => sha256,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ended::Gone),
        Err(error) => return Ok(failed(format!("cannot be read: {error}"))),
    };
    if Stamp::now(&found.path) != Some(found.stamp) {
        return Ok(Ended::Later);
    }
    shop.memory.remember_file(found, &sha256)?;
    take_content(shop, &sha256, Some(found)).await
}

async fn take_content(shop: &Shop<'_>, sha256: &str, found: Option<&Found>) -> Result<Ended, Halt> {
    let Some(_claim) = shop.memory.claim(sha256) else { return Ok(Ended::Later) };
    let mut known = shop.memory.known(sha256);
    if known.end.is_some() {
        return Ok(Ended::Known);
    }
    let job = match (begun(shop, &known).await?, found) {
        (Some(job), _) => job,
        (None, Some(found)) => match send(shop, sha256, found, &mut known).await? {
            Ok(job) => job,
            Err(ended) => return Ok(ended),
        },
        (None, None) => return give_up(shop, sha256, known, "its job was removed", ""),
    };
    let job = match wait(shop.client, job).await {
        Err(error) if error.is_missing() => {
            return give_up(shop, sha256, known, "its job was removed", "");
        }
        other => other?,
    };
    if job.status != "done" {
        let status = format!("its job is {}", job.status);
        let (why, hint) = job.error.map_or((status, String::new()), |e| (e.message, e.hint));
        return give_up(shop, sha256, known, &why, &hint);
    }
    let delivered = deliver(shop, sha256, &mut known, &job).await?;
    known.end = Some(End::Done);
    shop.memory.remember(sha256, &known)?;
    Ok(Ended::Done(Box::new(delivered)))
}

/// The job that an earlier run has begun, if the server still has it.
async fn begun(shop: &Shop<'_>, known: &Content) -> Result<Option<JobView>, ClientError> {
    let Some(id) = known.job else { return Ok(None) };
    match shop.client.job(id).await {
        Err(error) if error.is_missing() => Ok(None),
        other => other.map(Some),
    }
}

/// Writes down what will be sent, sends it, and writes down its job. However this is cut off, the same is sent again,
/// and the server knows it.
async fn send(
    shop: &Shop<'_>,
    sha256: &str,
    found: &Found,
    known: &mut Content,
) -> Result<Result<JobView, Ended>, Halt> {
    let sent = known.sent.get_or_insert_with(|| describe(found)).clone();
    shop.memory.remember(sha256, known)?;
    let options = JobOptions { recorded_at: sent.recorded_at, ..shop.options.clone() };
    let (mut pause, mut tries) = (PAUSE, 0);
    loop {
        let (path, name) = (&found.path, &sent.file_name);
        let error = match shop.client.submit_file_as(path, name, &options, sent.last_modified).await
        {
            Ok((job, _)) if job.audio.sha256 == sha256 => {
                known.job = Some(job.id);
                shop.memory.remember(sha256, known)?;
                return Ok(Ok(job));
            }
            Ok((job, existed)) => {
                // It has changed while it was read: what was sent is neither the old file nor the new one.
                if !existed {
                    shop.client.remove(job.id).await?;
                }
                return Ok(Err(Ended::Later));
            }
            Err(error) => error,
        };
        match Stamp::now(path) {
            None => return Ok(Err(Ended::Gone)),
            Some(stamp) if stamp != found.stamp => return Ok(Err(Ended::Later)),
            Some(_) => {}
        }
        match error {
            error if error.is_wrong_use() => return Err(error.into()),
            error if error.is_busy() => {}
            error if error.is_unreachable() => {
                // A cut upload looks like a server that is gone.
                shop.client.is_alive().await?;
                tries += 1;
            }
            error if error.is_of_server() && tries < TRIES => tries += 1,
            // What the server could not do says nothing about the recording.
            error if error.is_of_server() => return Ok(Err(failed(error.to_string()))),
            ClientError::Read { source, .. } => {
                return Ok(Err(failed(format!("cannot be read: {source}"))));
            }
            error => {
                let (why, hint) = (error.to_string(), error.hint().unwrap_or_default());
                return give_up(shop, sha256, known.clone(), &why, hint).map(Err);
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

fn describe(found: &Found) -> Sent {
    let path = &found.path;
    let recorded_at = dated::beside(path).and_then(|given| {
        given
            .inspect_err(|why| complain_of(None, why, Some("its recording is dated without it")))
            .ok()
    });
    let modified = path.metadata().and_then(|meta| meta.modified()).ok();
    Sent {
        source: path.display().to_string(),
        file_name: printable_name(path),
        last_modified: modified.map(clock::to_local),
        recorded_at,
    }
}

async fn wait(client: &Client, mut job: JobView) -> Result<JobView, ClientError> {
    let mut seen = 0;
    while !job.is_over() {
        let mut follow = client.follow(job.id, seen);
        while let Some(event) = follow.next().await? {
            seen = event.id;
        }
        job = client.job(job.id).await?;
    }
    Ok(job)
}

/// Remembers that this content makes no note: it is not tried again until it changes.
fn give_up(
    shop: &Shop<'_>,
    sha256: &str,
    known: Content,
    why: &str,
    hint: &str,
) -> Result<Ended, Halt> {
    let end = Some(End::Failed(why.to_owned()));
    shop.memory.remember(sha256, &Content { end, ..known })?;
    Ok(Ended::Failed { why: why.to_owned(), hint: hint.to_owned() })
}

fn failed(why: String) -> Ended {
    Ended::Failed { why, hint: String::new() }
}

fn hash(path: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}
