//! `diarist admin`: looks at a running server and steers it.

mod args;
mod stages;
mod terminal;
mod top;
mod tree;

pub use args::{ActorsArgs, AdminCommand};

use super::args::Global;
use super::door::running;
use super::failure::{Failure, Outcome};
use super::output::{print, say};
use crate::client::AuditEntry;
use crate::config::Config;
use std::io::{self, IsTerminal, Write as _};

pub async fn run(
    command: AdminCommand,
    global: &Global,
    config: &Config,
) -> Result<Outcome, Failure> {
    if let AdminCommand::Stages(command) = command {
        return stages::run(&command, global, config).await;
    }
    let client = running(global, config).await?;
    match command {
        AdminCommand::Stages(_) => {}
        AdminCommand::Actors(args) => return top::run(&args, &client).await,
        AdminCommand::Restart { path } => {
            client.restart_actor(&path).await?;
            say(&format!("{path} is started again"));
        }
        AdminCommand::Resize { pool, size } => {
            client.resize_pool(pool.as_str(), size).await?;
            say(&format!("{} lets {size} work at once", pool.as_str()));
        }
        AdminCommand::Drain { yes } => {
            if !confirm_drain(yes)? {
                say("nothing is changed");
                return Ok(Outcome::SomeFailed);
            }
            client.drain().await?;
            say("the server finishes what is under way and takes no new work; restart it to go on");
        }
        AdminCommand::Audit { limit, json } => {
            let items = client.audit(limit).await?.items;
            print(&if json { as_json(&items)? } else { as_table(&items) })?;
        }
    }
    Ok(Outcome::Done)
}

/// There is no way back but a restart: makes sure that the person means it. `false` is a no.
fn confirm_drain(yes: bool) -> Result<bool, Failure> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        let error = anyhow::anyhow!(
            "a drained server takes no work until its restart, and there is nobody to ask"
        );
        return Err(Failure::usage(error).hint("give --yes"));
    }
    // Without a question on the screen the answer is no.
    let _ = write!(io::stderr(), "Take no new work until the server is restarted?\n[y/N] ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Failure::work)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn as_table(items: &[AuditEntry]) -> String {
    let mut text = format!("{:<20} {:<18} {:<44} OUTCOME\n", "AT", "ACTION", "TARGET");
    for AuditEntry { at, action, target, outcome, .. } in items {
        let at = at.format("%Y-%m-%d %H:%M:%S");
        text.push_str(&format!("{at:<20} {action:<18} {target:<44} {outcome}\n"));
    }
    text
}

fn as_json(items: &[AuditEntry]) -> Result<String, Failure> {
    Ok(format!("{}\n", serde_json::to_string_pretty(items).map_err(Failure::work)?))
}
