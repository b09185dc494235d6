//! The arguments of `diarist admin`.

use crate::domain::job_state::Stage;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Show the stages of a job's life: what waits, what runs, what is paused
    #[command(after_help = "Examples:\n  diarist admin stages\n  diarist admin stages --json")]
    Stages {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Begin nothing new in a stage until it is resumed; what runs there ends its chunk or the stage
    #[command(after_help = "Examples:\n  diarist admin pause transcribe")]
    Pause {
        /// ingest, transcribe or compose
        #[arg(value_name = "STAGE", value_parser = stage)]
        stage: Stage,
    },
    /// Let a paused stage go on
    #[command(after_help = "Examples:\n  diarist admin resume transcribe")]
    Resume {
        /// ingest, transcribe or compose
        #[arg(value_name = "STAGE", value_parser = stage)]
        stage: Stage,
    },
}

fn stage(name: &str) -> Result<Stage, String> {
    Stage::parse(name).ok_or_else(|| "give ingest, transcribe or compose".to_owned())
}
