//! `diarist serve`: the HTTP API, for this machine or for the network, until it is told to end.

use super::door::of_start;
use super::failure::{Failure, Outcome};
use super::invite;
use super::output;
use crate::app::Node;
use crate::config::Config;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

pub async fn run(config: &Config) -> Result<Outcome, Failure> {
    let node = Node::start_as_configured(config).await.map_err(of_start)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::work)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::work)?;
    warn_without_model(config);
    let ready = json!({ "status": "ready", "url": node.url(), "node": node.engine().node() });
    if let Some(invitation) = node.invitation() {
        output::say(&invite::words(invitation, output::is_coloured()));
    }
    output::print(&format!("{ready}\n"))?;
    let told_to_end = async {
        tokio::select! {
            _ = terminate.recv() => Outcome::Done,
            _ = interrupt.recv() => Outcome::Interrupted,
        }
    };
    node.serve_while(told_to_end).await.map_err(Failure::work)
}

/// A server does not download by itself, but it says what will be missing.
fn warn_without_model(config: &Config) {
    let library = crate::providers::models::Library::new(config.storage.models_dir.clone());
    let model = &config.whisper.model;
    if !matches!(library.installed(model), Ok(Some(_))) {
        output::say(&format!(
            "warning: the model {model} is not installed; get it with: diarist models pull {model}"
        ));
    }
}
