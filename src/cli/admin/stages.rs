//! `diarist admin`: stages, pause, resume. They are durable, so that a node that starts for them will do.

use super::args::StagesCommand;
use crate::cli::args::Global;
use crate::cli::door::with_node;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::jobs::idle;
use crate::cli::output::print;
use crate::client::{Client, StageView};
use crate::config::Config;
use serde_json::json;
use std::fmt::Write;

pub async fn run(
    command: &StagesCommand,
    global: &Global,
    config: &Config,
) -> Result<Outcome, Failure> {
    let is_json = matches!(command, StagesCommand::Stages { json: true });
    let ask = async |client: &Client| match command {
        StagesCommand::Stages { .. } => client.stages().await,
        StagesCommand::Pause { stage } => client.steer_stage(*stage, "pause").await,
        StagesCommand::Resume { stage } => client.steer_stage(*stage, "resume").await,
    };
    let stages = with_node(global, &idle(config), ask).await?;
    print(&if is_json { as_json(&stages) } else { as_table(&stages) })?;
    Ok(Outcome::Done)
}

fn as_table(stages: &[StageView]) -> String {
    let mut text = format!("{:<11} {:>8} {:>8}  PAUSED SINCE\n", "STAGE", "WAITING", "RUNNING");
    for stage in stages {
        let since = stage.paused_at.map_or("-".to_owned(), |at| at.to_rfc3339());
        let name = stage.stage.as_str();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<11} {:>8} {:>8}  {since}", stage.waiting, stage.running);
    }
    text
}

fn as_json(stages: &[StageView]) -> String {
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
