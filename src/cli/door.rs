//! Finds the node that does the work: the server that was named, the one that holds the data folder, or our own.

use super::args::Global;
use super::failure::Failure;
use super::output;
use crate::app::{AppError, Node};
use crate::client::{Client, ClientError, Trust};
use crate::config::{self, Config};
use crate::providers::lan::{self, LanError};
use crate::providers::storage::{Holder, Lock, NotWritable};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How long a node that is just starting, or just ending, is waited for.
const PATIENCE: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(100);

/// How long a server that has gone is waited for.
const GONE_PATIENCE: u32 = 20;
const GONE_BETWEEN: Duration = Duration::from_millis(500);

/// Runs `work` against a node. `work` is started again when the node that held our folder has gone meanwhile.
pub async fn with_node<T>(
    global: &Global,
    config: &Config,
    mut work: impl AsyncFnMut(&Client) -> Result<T, ClientError>,
) -> Result<T, Failure> {
    if let Some(url) = global.server.clone().or_else(config::server_url) {
        let client = Client::trusting(&url, &trust_in_named(&url, config))?;
        return with_named(global, &client, work).await;
    }
    let mut said = false;
    for _ in 0..PATIENCE {
        match Node::start(config, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await {
            Ok(node) => {
                let client = Client::new(node.url())?;
                let done = node.serve_while(work(&client)).await;
                return Ok(done.map_err(Failure::work)??);
            }
            Err(AppError::Held { holder: Some(holder), .. }) => {
                if !std::mem::replace(&mut said, true) && !global.quiet {
                    let url = &holder.url;
                    output::say(&format!("using the node at {url}, which holds this data folder"));
                }
                let client = Client::trusting(&holder.url, &trust_in(&holder, config))?;
                match work(&client).await {
                    Err(error) if error.is_unreachable() && holder.is_server => {
                        await_return(global, config, &holder).await
                    }
                    // It has ended in between: the folder is free, or about to be.
                    Err(error) if error.is_unreachable() => {}
                    outcome => return Ok(outcome?),
                }
            }
            Err(AppError::Held { holder: None, .. }) => {}
            Err(error) => return Err(of_start(error)),
        }
        tokio::time::sleep(BETWEEN).await;
    }
    let path = config.storage.data_dir.display();
    let error = anyhow::anyhow!("the data folder {path} is in use, and its holder does not answer");
    Err(Failure::work(error).hint("end the other process, or give another --data-dir"))
}

/// The server that held our folder has gone. It may be restarting, and would find the folder taken if we went on at once.
async fn await_return(global: &Global, config: &Config, gone: &Holder) {
    let say = |what: &str| {
        if !global.quiet {
            output::say(&format!("the node at {} is gone, {what}", gone.url));
        }
    };
    say("waiting for it to come back");
    for _ in 0..GONE_PATIENCE {
        tokio::time::sleep(GONE_BETWEEN).await;
        if running_on(config).await.is_ok_and(|found| found.is_some()) {
            return;
        }
    }
    say("and this command does its work meanwhile");
}

/// The node that holds our data folder, if one answers there.
pub(super) async fn running_on(config: &Config) -> Result<Option<Client>, Failure> {
    let Some(holder) = Lock::holder(&config.storage.data_dir) else { return Ok(None) };
    let client = Client::trusting(&holder.url, &trust_in(&holder, config))?;
    match client.is_alive().await {
        Err(error) if error.is_unreachable() => Ok(None),
        outcome => Ok(outcome.map(|()| Some(client))?),
    }
}

/// A server that runs already: the one that was named, or the one that holds the data folder. None is started.
pub async fn running(global: &Global, config: &Config) -> Result<Client, Failure> {
    let client = match global.server.clone().or_else(config::server_url) {
        Some(url) => Client::trusting(&url, &trust_in_named(&url, config))?,
        None => running_on(config).await?.ok_or_else(|| no_server(config))?,
    };
    Ok(client)
}

fn no_server(config: &Config) -> Failure {
    let path = config.storage.data_dir.display();
    Failure::work(anyhow::anyhow!("no server runs on the data folder {path}"))
        .hint("start one with `diarist serve`, or name one with --server")
}

/// A node that speaks TLS is known by what it has announced, and is told the token that only its owner can read.
fn trust_in(holder: &Holder, config: &Config) -> Trust {
    let certificate = holder.certificate.clone();
    let token = certificate.as_ref().and_then(|_| lan::kept_token(&config.storage.data_dir));
    Trust { token, certificate }
}

/// Our own node under its own address, or a server of which the environment says how it is known.
fn trust_in_named(url: &str, config: &Config) -> Trust {
    let ours = Lock::holder(&config.storage.data_dir);
    match ours.filter(|holder| holder.url == url.trim_end_matches('/')) {
        Some(holder) => trust_in(&holder, config),
        None => {
            let (token, certificate) = (config::server_token(), config::server_certificate());
            Trust { token, certificate }
        }
    }
}

/// A server that was there and is gone may be restarting: its jobs are kept, so the work waits for it.
async fn with_named<T>(
    global: &Global,
    client: &Client,
    mut work: impl AsyncFnMut(&Client) -> Result<T, ClientError>,
) -> Result<T, Failure> {
    client.is_alive().await?;
    let mut left = GONE_PATIENCE;
    loop {
        match work(client).await {
            Err(error) if error.is_unreachable() && left > 0 => {
                if left == GONE_PATIENCE && !global.quiet {
                    let url = client.base();
                    output::say(&format!("{url} does not answer any more, waiting for it"));
                }
                left -= 1;
                tokio::time::sleep(GONE_BETWEEN).await;
            }
            Err(error) if error.is_unreachable() => {
                let hint = "the jobs that it took are kept; run the same command when it is back";
                return Err(Failure::from(error).hint(hint));
            }
            outcome => return Ok(outcome?),
        }
    }
}

const IS_IT_FULL: &str = "is the disk full? `diarist doctor` looks at all of it";

/// What a person can do about a node that does not start.
pub fn of_start(error: AppError) -> Failure {
    let hint = match &error {
        AppError::Held { holder: Some(holder), .. } => {
            format!("its node listens at {} (process {})", holder.url, holder.pid)
        }
        AppError::Held { holder: None, .. } => {
            "end the other process, or give another --data-dir".to_owned()
        }
        AppError::Folder { .. } | AppError::Lock { .. } => NotWritable::ADVICE.to_owned(),
        AppError::Store { source } => source.advice().unwrap_or(IS_IT_FULL).to_owned(),
        AppError::Uploads { .. } | AppError::Announce { .. } => IS_IT_FULL.to_owned(),
        AppError::Lan { source: LanError::Write { .. } } => {
            "is the data folder yours, and has its disk room?".to_owned()
        }
        AppError::Lan { .. } => {
            "server.tls_cert and server.tls_key name a certificate chain and its key, both PEM"
                .to_owned()
        }
        AppError::Bind { .. } => {
            "is another program there? --bind takes another address, and with port 0 a free port"
                .to_owned()
        }
        AppError::Engine { .. }
        | AppError::Exe { .. }
        | AppError::Server { .. }
        | AppError::Broken => "`diarist doctor` looks at everything that a node needs".to_owned(),
    };
    Failure::work(error).hint(hint)
}
