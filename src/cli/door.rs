//! Finds the node that does the work: the server that was named, the one that holds the data folder, or our own.

use super::args::Global;
use super::failure::Failure;
use super::output;
use crate::app::{AppError, Node};
use crate::client::{Client, ClientError};
use crate::config::{self, Config};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How long a node that is just starting, or just ending, is waited for.
const PATIENCE: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(100);

/// Whose node it is, for what only its owner can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Started by this command, on this machine's own models.
    Ours,
    Theirs,
}

/// Runs `work` against a node. `work` is started again when the node that held our folder has gone meanwhile.
pub async fn with_node<T>(
    global: &Global,
    config: &Config,
    mut work: impl AsyncFnMut(&Client, Whose) -> Result<T, ClientError>,
) -> Result<T, Failure> {
    if let Some(url) = global.server.clone().or_else(config::server_url) {
        let client = Client::new(&url)?;
        return Ok(work(&client, Whose::Theirs).await?);
    }
    let mut said = false;
    for _ in 0..PATIENCE {
        match Node::start(config, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await {
            Ok(node) => {
                let client = Client::new(node.url())?;
                let done = node.serve_while(work(&client, Whose::Ours)).await;
                return Ok(done.map_err(Failure::work)??);
            }
            Err(AppError::Held { holder: Some(holder), .. }) => {
                if !std::mem::replace(&mut said, true) && !global.quiet {
                    let url = &holder.url;
                    output::say(&format!("using the node at {url}, which holds this data folder"));
                }
                let client = Client::new(&holder.url)?;
                match work(&client, Whose::Theirs).await {
                    // It has ended in between: the folder is free, or about to be.
                    Err(error) if error.is_unreachable() => {}
                    outcome => return Ok(outcome?),
                }
            }
            Err(AppError::Held { holder: None, .. }) => {}
            Err(error) => return Err(Failure::work(error)),
        }
        tokio::time::sleep(BETWEEN).await;
    }
    let path = config.storage.data_dir.display();
    let error = anyhow::anyhow!("the data folder {path} is in use, and its holder does not answer");
    Err(Failure::work(error).hint("end the other process, or give another --data-dir"))
}
