//! `diarist admin` as types; its help texts are the manual.

use crate::domain::job_state::Stage;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Watch the actors of the server at work, like `top`
    Actors(ActorsArgs),
    /// Start an actor again, and all below it; no work is lost
    #[command(
        after_help = "Examples:\n  diarist admin restart root/whisper\n  diarist admin restart root/whisper/device-0"
    )]
    Restart {
        /// As `admin actors --json` shows it: the names from the root down, with slashes
        #[arg(value_name = "PATH")]
        path: String,
    },
    /// Change how many a pool lets work at once, until the server ends
    #[command(
        after_help = "Examples:\n  diarist admin resize whisper 4     chunks that are transcribed at once\n  \
        diarist admin resize ingest 2      files that are decoded at once"
    )]
    Resize {
        /// The pool
        #[arg(value_enum, value_name = "POOL")]
        pool: PoolArg,
        /// How many at once
        #[arg(value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
        size: u16,
    },
    #[command(flatten)]
    Stages(StagesCommand),
    /// Finish what is under way and take no new work, until the server is restarted
    #[command(
        after_help = "Chunks and calls under way are finished and kept; then their jobs wait in the queue, and lose no attempt.\n\
        The server goes on answering until it is stopped.\n\nExamples:\n  diarist admin drain\n  diarist admin drain --yes"
    )]
    Drain {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// List what the server was told to do, newest first
    #[command(
        after_help = "Examples:\n  diarist admin audit\n  diarist admin audit --limit 200 --json | jq -r '.[].action'"
    )]
    Audit {
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

/// What is durable, and needs no running server.
#[derive(Debug, Subcommand)]
pub enum StagesCommand {
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

#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Up, Down, PgUp, PgDn move, q ends. Into a pipe, or with --once, the tree is printed once.\n\n\
    Examples:\n  diarist admin actors\n  diarist admin actors --once --kind job\n  \
    diarist admin actors --path root/jobs --limit 500\n  \
    diarist admin actors --json | jq '.kinds[] | {kind, latency_us}'"
)]
pub struct ActorsArgs {
    /// The actor at the top
    #[arg(long, value_name = "PATH", default_value = "root")]
    pub path: String,
    /// Only actors of this kind, with whoever is above them
    #[arg(long, value_name = "KIND")]
    pub kind: Option<String>,
    /// Levels below the actor at the top
    #[arg(long, value_name = "N")]
    pub depth: Option<u32>,
    /// Children shown of one actor; the others are counted
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
    /// Print once and end
    #[arg(long)]
    pub once: bool,
    /// Print once as JSON, with everything that the server tells
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum PoolArg {
    /// Files that are decoded at once
    Ingest,
    /// Chunks that are transcribed at once
    Whisper,
}

impl PoolArg {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Whisper => "whisper",
        }
    }
}

fn stage(name: &str) -> Result<Stage, String> {
    Stage::parse(name).ok_or_else(|| "give ingest, transcribe or compose".to_owned())
}
