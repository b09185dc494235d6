//! `diarist admin`: stages, pause, resume.
//! It never decides anything: it asks a node, and shows what it says.
//! Start reading at [`run`].

use super::args::{AdminCommand, Global};
use super::door::with_node;
use super::failure::{Failure, Outcome};
use super::jobs::idle;
use super::output::print;
use crate::client::{Client, StageView};
use crate::config::Config;
use serde_json::json;
use std::fmt::Write;

pub async fn run(
    command: AdminCommand,
    global: &Global,
    config: &Config,
) -> Result<Outcome, Failure> {
    let as_json = matches!(command, AdminCommand::Stages { json: true });
    let ask = async |client: &Client| match &command {
        AdminCommand::Stages { .. } => client.stages().await,
        AdminCommand::Pause { stage } => client.steer_stage(*stage, "pause").await,
        AdminCommand::Resume { stage } => client.steer_stage(*stage, "resume").await,
    };
    let stages = with_node(global, &idle(config), ask).await?;
    print(&if as_json { told(&stages) } else { table(&stages) })?;
    Ok(Outcome::Done)
}

fn table(stages: &[StageView]) -> String {
    let mut text = format!("{:<11} {:>8} {:>8}  PAUSED SINCE\n", "STAGE", "WAITING", "RUNNING");
    for stage in stages {
        let since = stage.paused_at.map_or("-".to_owned(), |at| at.to_rfc3339());
        let name = stage.stage.as_str();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<11} {:>8} {:>8}  {since}", stage.waiting, stage.running);
    }
    text
}

fn told(stages: &[StageView]) -> String {
    let row = |stage: &StageView| {
        json!({
            "stage": stage.stage,
            "paused_at": stage.paused_at,
            "waiting": stage.waiting,
            "running": stage.running,
        })
    };
    format!("{:#}\n", serde_json::Value::from(stages.iter().map(row).collect::<Vec<_>>()))
}
