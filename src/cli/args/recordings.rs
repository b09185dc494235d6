//! What `note` and `transcribe` take on the command line.

use crate::cli::when;
use crate::domain::captions::{LINE_COUNT_MAX, LINE_WIDTH_MAX, LINE_WIDTH_MIN};
use chrono::{DateTime, FixedOffset};
use clap::builder::RangedU64ValueParser;
use std::path::PathBuf;

/// Over the options that shape srt and vtt.
const CAPTIONS: &str = "Captions (srt and vtt)";

/// What `note` and `transcribe` have in common.
#[derive(Debug, Clone, clap::Args)]
pub struct Recordings {
    /// Recordings, or folders of them (recursively, in order of name); `-` reads standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Whisper model [default: whisper.model of the configuration]
    #[arg(long, short, value_name = "MODEL")]
    pub model: Option<String>,
    /// Language spoken, such as `en` or `English`, or `auto` to detect it
    #[arg(long, short, value_name = "LANG", default_value = "auto")]
    pub language: String,
    /// Write one file a recording into this folder, instead of to standard output
    #[arg(long, short, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// Names and terms that may be spoken: a text file, one a line, `#` begins a comment
    #[arg(long, value_name = "FILE")]
    pub vocabulary: Option<PathBuf>,
    /// Text that Whisper takes for what was said before: its names, spelling and style are followed
    #[arg(long, value_name = "TEXT")]
    pub initial_prompt: Option<String>,
    /// Processors that Whisper uses, where no server does the work [default: all]
    #[arg(long, short, value_name = "THREADS", value_parser = RangedU64ValueParser::<usize>::new().range(1..=256))]
    pub threads: Option<usize>,
    /// Where Whisper runs: cpu, cuda:N or auto; this build has no CUDA
    #[arg(long, value_name = "DEVICE", default_value = "auto", value_parser = device)]
    pub device: String,
    /// Not before then: `2026-12-01 08:00`, `22:30`, `+2h` or RFC 3339; it is handed in, and not waited for
    #[arg(long, value_name = "TIME", value_parser = when::to_come, allow_hyphen_values = true)]
    pub at: Option<DateTime<FixedOffset>>,
    /// With --at: stay until then, and for the result
    #[arg(long, requires = "at")]
    pub wait: bool,
    /// Do it again even if this recording was done before, and overwrite files
    #[arg(long)]
    pub force: bool,
    /// Tell what happens as JSON, one object a line on standard output
    #[arg(long)]
    pub json: bool,
    /// The whole name of the one result, without its ending (`-of` of whisper-cli)
    #[arg(long, hide = true, value_name = "NAME", conflicts_with_all = ["output_dir", "name_template"])]
    pub output_file: Option<PathBuf>,
    /// Refused in words: nobody tells speakers apart yet
    #[arg(long, hide = true)]
    pub diarize: bool,
}

impl Recordings {
    /// Whether the command ends before the work begins.
    pub fn is_for_later(&self) -> bool {
        self.at.is_some() && !self.wait
    }
}

/// `auto` and `cpu` are what every build has.
fn device(given: &str) -> Result<String, String> {
    match given.to_lowercase().as_str() {
        device @ ("auto" | "cpu") => Ok(device.to_owned()),
        device if device == "cuda" || device.starts_with("cuda:") => {
            Err("this build runs on the processor only; take cpu or auto".to_owned())
        }
        _ => Err("take cpu, cuda:N or auto".to_owned()),
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    diarist note memo.m4a                            a note on the screen\n  \
    diarist note -o ~/Vault/Diary --name-template '{date} {title}' ~/Memos\n  \
    diarist note --vocabulary names.txt -l German -o notes memo.m4a\n  \
    diarist note --at 22:30 ~/Memos                  tonight, by the running `diarist serve`\n  \
    arecord -f cd | diarist note -\n\n\
    Placeholders of --name-template: {date} {time} {year} {month} {day} {title} {stem} {language} {model};\n\
    a `/` makes a folder: '{year}/{month}/{date} {title}'.\n\n\
    Files: one that is there with another content is kept, the recording counts as failed, and --force\n\
    overwrites it; one with the same content is done already. Equal names get a number: `memo 2.md`.")]
pub struct NoteArgs {
    #[command(flatten)]
    pub recordings: Recordings,
    /// File name of a note in the output folder, without its ending
    #[arg(long, value_name = "TEMPLATE", default_value = "{date} {stem}")]
    pub name_template: String,
    /// Tag the note; may be given several times
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    diarist transcribe memo.m4a                      the words on the screen\n  \
    diarist transcribe -f srt,vtt -o captions talk.mp3\n  \
    diarist transcribe -f all -o text ~/Memos        a whole folder, every format\n  \
    diarist transcribe -m tiny.en --word-timestamps -f json memo.wav\n  \
    diarist transcribe --at +2h --wait -o text talk.mp3\n  \
    diarist transcribe --json memo.wav | jq .event   for programs\n  \
    arecord -f cd | diarist transcribe -\n\n\
    Several formats need a folder (-o) or --json.\n\n\
    Placeholders of --name-template: {date} {time} {year} {month} {day} {title} {stem} {language} {model};\n\
    {title} is how the text begins, and a `/` makes a folder.\n\n\
    Files: one that is there with another content is kept, the recording counts as failed, and --force\n\
    overwrites it; one with the same content is done already. Equal names get a number: `memo 2.txt`.\n\n\
    The flags of openai-whisper and whisper-cli (--output_format, -osrt, -of …) work too: docs/habits.md.")]
pub struct TranscribeArgs {
    #[command(flatten)]
    pub recordings: Recordings,
    /// Formats, separated by commas
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        value_delimiter = ',',
        default_value = "txt",
        ignore_case = true
    )]
    pub format: Vec<Format>,
    /// Keep the language, or translate to English
    #[arg(long, value_enum, default_value = "transcribe", overrides_with = "task")]
    pub task: TaskArg,
    /// Give each word its time (in json)
    #[arg(long, overrides_with = "word_timestamps")]
    pub word_timestamps: bool,
    /// File name of a transcript in the output folder, without its ending
    #[arg(long, value_name = "TEMPLATE", default_value = "{stem}")]
    pub name_template: String,
    /// Characters of a line of captions
    #[arg(long, help_heading = CAPTIONS, value_name = "N", default_value_t = 42, value_parser = range(LINE_WIDTH_MIN, LINE_WIDTH_MAX))]
    pub max_line_width: usize,
    /// Lines of a caption
    #[arg(long, help_heading = CAPTIONS, value_name = "N", default_value_t = 2, value_parser = range(1, LINE_COUNT_MAX))]
    pub max_line_count: usize,
    /// Words of a line of captions [default: as many as fit]
    #[arg(long, help_heading = CAPTIONS, value_name = "N", value_parser = range(1, LINE_WIDTH_MAX))]
    pub max_words_per_line: Option<usize>,
    /// Underline each word of a caption while it is spoken
    #[arg(long, help_heading = CAPTIONS, overrides_with = "highlight_words")]
    pub highlight_words: bool,
}

fn range(least: usize, most: usize) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least as u64..=most as u64)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Format {
    /// The words, a line a segment
    #[value(alias = "text")]
    Txt,
    /// Captions of two short lines, SubRip
    Srt,
    /// Captions of two short lines, WebVTT
    Vtt,
    /// Everything that is known: segments, times, probabilities
    Json,
    /// Start and end in milliseconds, and the words
    Tsv,
    /// A page to read: paragraphs with their times
    #[value(alias = "markdown")]
    Md,
    /// Each of them
    All,
}

impl Format {
    pub const EACH: [Self; 6] = [Self::Txt, Self::Srt, Self::Vtt, Self::Json, Self::Tsv, Self::Md];

    /// The ending of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::Srt => "srt",
            Self::Vtt => "vtt",
            Self::Json => "json",
            Self::Tsv => "tsv",
            Self::Md => "md",
            Self::All => "all",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum TaskArg {
    Transcribe,
    Translate,
}
