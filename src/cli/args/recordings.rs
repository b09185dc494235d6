//! What `note` and `transcribe` take on the command line.

use std::path::PathBuf;

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
