//! `diarist watch`: every new recording in some folders becomes a note, once.
//! It never touches a recording, and never sends more than a few at a time.
//! Start reading at [`run`]; `take` is one recording's way, `memory` what outlives a crash.

mod args;
mod dated;
mod deliver;
mod feed;
mod filter;
mod memory;
mod queue;
mod scan;
mod take;
mod turns;

pub use args::WatchArgs;

use super::args::Global;
use super::door::with_node;
use super::failure::{Failure, Outcome};
use super::models;
use super::output::say;
use super::recordings::Template;
use crate::client::Client;
use crate::config::{Config, server_url};
use crate::domain::options::JobOptions;
use crate::providers::storage::{Folder, NotWritable};
use crate::providers::whisper::knows_language;
use deliver::Output;
use feed::Feed;
use filter::Filter;
use memory::{Memory, MemoryError};
use queue::Queue;
use scan::Ground;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use turns::{Signals, Watch};

pub async fn run(args: WatchArgs, global: &Global, config: &Config) -> Result<Outcome, Failure> {
    let ground = ground(&args, config)?;
    let output = output(&args)?;
    let options = options(&args)?;
    if global.server.is_none() && server_url().is_none() {
        models::ensure(options.model.as_ref().unwrap_or(&config.whisper.model), global, config)
            .await?;
    }
    let memory = memory(&config.storage.data_dir).await?;
    let (feed, why) = Feed::start(&ground.roots, ground.recursive, args.poll);
    if !global.quiet {
        why.iter().for_each(|why| say(why));
        let roots: Vec<_> = ground.roots.iter().map(|root| root.display().to_string()).collect();
        say(&format!("watching {}", roots.join(", ")));
    }
    let mut queue = Queue::new(args.settle);
    memory.begun().into_iter().for_each(|sha256| queue.begun(sha256));
    let mut watch = Watch {
        ground: Arc::new(ground),
        memory,
        options,
        output,
        feed,
        queue,
        once: args.once,
        pass_first: args.new_only,
        json: args.json,
        failed: false,
        told: Default::default(),
    };
    let mut signals = Signals::listen().map_err(Failure::work)?;
    with_node(global, config, async |client: &Client| watch.turn(client, &mut signals).await)
        .await?
}

fn ground(args: &WatchArgs, config: &Config) -> Result<Ground, Failure> {
    let mut roots: Vec<PathBuf> = Vec::new();
    for dir in &args.dirs {
        let unusable = |error: std::io::Error| {
            let what = format!("cannot watch {}", dir.display());
            Failure::usage(anyhow::Error::new(error).context(what))
        };
        let root = dir.canonicalize().map_err(unusable)?;
        root.read_dir().map_err(unusable)?;
        roots.push(root);
    }
    roots.sort();
    roots.dedup();
    let data_dir = &config.storage.data_dir;
    let own = data_dir.canonicalize().unwrap_or_else(|_| data_dir.clone());
    let filter = Filter::new(&args.include, &args.exclude, own).map_err(|error| {
        Failure::usage(error).hint("a glob is written like '*.m4a' or 'old/**'")
    })?;
    Ok(Ground { roots, filter, recursive: !args.no_recursive })
}

fn output(args: &WatchArgs) -> Result<Option<Output>, Failure> {
    let template = Template::parse_for_notes(&args.name_template)?;
    let Some(dir) = &args.output_dir else { return Ok(None) };
    let made = std::fs::create_dir_all(dir).and_then(|()| dir.canonicalize());
    let dir = made.map_err(|error| {
        let what = format!("cannot make the folder {}", dir.display());
        Failure::usage(anyhow::Error::new(error).context(what))
    })?;
    Ok(Some(Output { dir, template, sidecar: args.sidecar }))
}

fn options(args: &WatchArgs) -> Result<JobOptions, Failure> {
    let options = JobOptions {
        language: args.language.to_lowercase(),
        model: args.model.clone(),
        tags: args.tag.clone(),
        ..JobOptions::default()
    };
    match options.faults(knows_language).first() {
        None => Ok(options),
        Some(fault) => Err(Failure::usage(anyhow::anyhow!("{}", fault.detail))),
    }
}

async fn memory(data_dir: &Path) -> Result<Memory, Failure> {
    Folder::make(data_dir).map_err(|error| {
        let what = format!("cannot make the data folder {}", data_dir.display());
        Failure::work(anyhow::Error::new(error).context(what)).hint(NotWritable::ADVICE)
    })?;
    Memory::open(data_dir).await.map_err(|error| {
        let held = matches!(error, MemoryError::Held);
        let failure = Failure::work(error);
        if held {
            failure.hint("one watch takes several folders; or give another --data-dir")
        } else {
            failure
        }
    })
}
