//! The loop of the watch: hears news, lets files settle, keeps a few recordings on their way, tells what became of them.

use super::deliver::{Delivered, Output};
use super::feed::Feed;
use super::memory::Memory;
use super::queue::{Item, Queue};
use super::scan::{Found, Ground, Stamp};
use super::take::{Ended, Halt, Shop, take};
use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{complain_of, print};
use crate::client::{Client, ClientError};
use crate::clock;
use crate::domain::options::JobOptions;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde_json::json;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::MissedTickBehavior;

/// Recordings on their way at once: enough to decode the next while one is heard.
const FLYING_MAX: usize = 4;
/// How often news are heard, and how finely the quiet before reading is measured.
const TICK: Duration = Duration::from_millis(100);

pub struct Watch {
    pub ground: Arc<Ground>,
    pub memory: Memory,
    pub options: JobOptions,
    pub output: Option<Output>,
    pub feed: Feed,
    pub queue: Queue,
    pub once: bool,
    /// Whether what is there at the first look is passed over.
    pub pass_first: bool,
    pub json: bool,
    pub failed: bool,
    /// Folders that could not be looked at, and were told.
    pub told: HashSet<PathBuf>,
}

/// What tells the watch to end.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub fn listen() -> std::io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn heard(&mut self) -> Outcome {
        tokio::select! {
            _ = self.interrupt.recv() => Outcome::Interrupted,
            _ = self.terminate.recv() => Outcome::Done,
        }
    }
}

impl Watch {
    /// Watches with the help of one node, until it is told to end or the node goes away.
    pub async fn turn(
        &mut self,
        client: &Client,
        signals: &mut Signals,
    ) -> Result<Result<Outcome, Failure>, ClientError> {
        let Self { ground, memory, options, output, feed, queue, .. } = self;
        let shop = Shop { client, memory, options, output: output.as_ref() };
        queue.take_back();
        let mut flying = FuturesUnordered::new();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                outcome = signals.heard() => return Ok(Ok(outcome)),
                Some((item, ended)) = flying.next(), if !flying.is_empty() => match ended {
                    Ok(ended) => {
                        self.failed |= matches!(ended, Ended::Failed { .. });
                        if let Err(failure) = tell(&called(&item, memory), &ended, self.json) {
                            return Ok(Err(failure));
                        }
                        match ended {
                            Ended::Later => queue.later(item, clock::tick()),
                            Ended::Gone => queue.vanished(&item),
                            _ => queue.ended(&item),
                        }
                    }
                    Err(Halt::Client(error)) => return Err(error),
                    Err(Halt::Write(error)) => return Ok(Err(unwritable(error))),
                },
                _ = tick.tick() => {
                    let whole = feed.wants_scan(clock::tick());
                    let look = Look { news: feed.news(), waiting: queue.waiting(), whole };
                    let Some(seen) = look.go(ground.clone()).await else { continue };
                    take_in(seen, queue, memory, &mut self.pass_first, &mut self.told);
                    queue.settle(clock::tick());
                    if self.once && queue.is_empty() {
                        let outcome = if self.failed { Outcome::SomeFailed } else { Outcome::Done };
                        return Ok(Ok(outcome));
                    }
                }
            }
            while flying.len() < FLYING_MAX
                && let Some(item) = queue.take()
            {
                flying.push(take(&shop, item));
            }
        }
    }
}

/// One look at the folders, away from the loop: a slow disk holds nobody up.
struct Look {
    news: Vec<PathBuf>,
    waiting: Vec<PathBuf>,
    /// Whether to look at everything.
    whole: bool,
}

struct Seen {
    found: Vec<Found>,
    gone: Vec<PathBuf>,
    faults: Vec<(PathBuf, std::io::Error)>,
    whole: bool,
}

impl Look {
    async fn go(self, ground: Arc<Ground>) -> Option<Seen> {
        if !self.whole && self.news.is_empty() && self.waiting.is_empty() {
            return Some(Seen { found: vec![], gone: vec![], faults: vec![], whole: false });
        }
        tokio::task::spawn_blocking(move || self.at(&ground)).await.ok()
    }

    fn at(self, ground: &Ground) -> Seen {
        let scan = if self.whole { ground.scan() } else { super::scan::Scan::default() };
        let mut seen =
            Seen { found: scan.found, gone: vec![], faults: scan.faults, whole: self.whole };
        for path in &self.news {
            seen.found.extend(ground.look(path));
        }
        for path in self.waiting {
            match Stamp::now(&path) {
                Some(stamp) => seen.found.push(Found { path, stamp }),
                None => seen.gone.push(path),
            }
        }
        seen
    }
}

fn take_in(
    seen: Seen,
    queue: &mut Queue,
    memory: &Memory,
    pass_first: &mut bool,
    told: &mut HashSet<PathBuf>,
) {
    let pass = seen.whole && std::mem::take(pass_first);
    let now = clock::tick();
    for found in seen.found {
        let is_done = memory.content_of(&found).is_some_and(|sha| memory.known(&sha).end.is_some());
        if pass || is_done {
            queue.pass(found);
        } else {
            queue.see(found, now);
        }
    }
    seen.gone.iter().for_each(|path| queue.gone(path));
    for (path, error) in seen.faults {
        if told.insert(path.clone()) {
            let what = format!("cannot be looked at: {error}");
            complain_of(Some(&shown(&path)), &what, Some("it is tried again, and not told again"));
        }
    }
}

/// What became of a recording: the note's file, or its job, on stdout; what went wrong on stderr.
fn tell(path: &str, ended: &Ended, json: bool) -> Result<(), Failure> {
    match ended {
        Ended::Done(done) if json => {
            let Delivered { job, sha256, title, day, file } = &**done;
            let file = file.as_ref().map(|file| file.display().to_string());
            let line = json!({ "path": path, "status": "done", "job": job, "sha256": sha256,
                "title": title, "day": day, "note": file });
            print(&format!("{line}\n"))
        }
        Ended::Done(done) => match &done.file {
            Some(file) => print(&format!("{}\n", file.display())),
            None => print(&format!("{}  {}  {}\n", done.job, done.day, done.title)),
        },
        Ended::Failed { why, .. } if json => {
            print(&format!("{}\n", json!({ "path": path, "status": "failed", "error": why })))
        }
        Ended::Failed { why, hint } => {
            complain_of(Some(path), why, Some(hint));
            Ok(())
        }
        Ended::Known | Ended::Later | Ended::Gone => Ok(()),
    }
}

/// The recording's path, by which people know it.
fn called(item: &Item, memory: &Memory) -> String {
    match item {
        Item::File(found) => shown(&found.path),
        Item::Begun(sha256) => memory.known(sha256).sent.map_or(String::new(), |sent| sent.source),
    }
}

fn unwritable(error: std::io::Error) -> Failure {
    let what = anyhow::Error::new(error).context("cannot write down what is done");
    Failure::work(what)
        .hint("is the disk full? what was finished is kept, and the next start goes on")
}

fn shown(path: &Path) -> String {
    let plain = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    path.display().to_string().chars().map(plain).collect()
}
