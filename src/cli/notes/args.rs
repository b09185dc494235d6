//! The flags of `diarist notes`.

use crate::clock;
use chrono::{Days, NaiveDate};
use std::path::PathBuf;

#[derive(Debug, Clone, clap::Subcommand)]
pub enum NotesCommand {
    /// List notes, newest day first
    #[command(
        after_help = "Examples:\n  diarist notes list\n  diarist notes list --from 2026-05-01 --tag family --json"
    )]
    List {
        #[command(flatten)]
        which: Which,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a note, or all notes of a day
    #[command(after_help = "Examples:\n  diarist notes show today\n  diarist notes show 019db1c0")]
    Show {
        /// As `notes list` shows it, or the beginning of it; or a day such as 2026-05-03, `today`, `yesterday`
        #[arg(value_name = "ID|DAY")]
        what: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Find the sentences that say something, in notes and transcripts
    #[command(after_help = "Examples:\n  diarist notes search lunch sunday      both words\n  \
        diarist notes search '\"on Sunday\"'     words in a row\n  \
        diarist notes search 'walk*'           walk, walked, walking\n\n\
        Case and accents make no difference; where nothing is found the exit status is 1, as grep has it.")]
    Search {
        /// Words
        #[arg(required = true, value_name = "WORD")]
        words: Vec<String>,
        #[command(flatten)]
        which: Which,
        /// At most so many notes
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
        limit: u32,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Write notes into a folder; what is there already and the same is left as it is
    #[command(after_help = "Examples:\n  diarist notes export -o ~/Vault/Diary\n  \
        diarist notes export -o may --from 2026-05-01 --to 2026-05-31 --name-template '{date} {title}'")]
    Export {
        #[command(flatten)]
        which: Which,
        /// The folder
        #[arg(long, short, required = true, value_name = "DIR")]
        output_dir: PathBuf,
        /// Markdown, or JSON
        #[arg(long, short, value_enum, default_value = "md")]
        format: ExportFormat,
        /// File name of a note: {date} {time} {year} {month} {day} {title} {stem} are filled in
        #[arg(long, value_name = "TEMPLATE", default_value = "{date} {stem}")]
        name_template: String,
        /// Overwrite files that say something else
        #[arg(long)]
        force: bool,
    },
}

/// Which notes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Which {
    /// Of this day: 2026-05-03, `today` or `yesterday`
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub day: Option<NaiveDate>,
    /// Of this day and later
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub from: Option<NaiveDate>,
    /// Of this day and earlier
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub to: Option<NaiveDate>,
    /// With this tag
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportFormat {
    Md,
    Json,
}

impl Which {
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let days = [("day", self.day), ("from", self.from), ("to", self.to)];
        let mut query: Vec<_> =
            days.into_iter().filter_map(|(key, day)| Some((key, day?.to_string()))).collect();
        query.extend(self.tag.clone().map(|tag| ("tag", tag)));
        query
    }
}

/// A day of the calendar, or in words.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let today = clock::in_local_zone(clock::now()).date_naive();
    match text {
        "today" => Ok(today),
        "yesterday" => Ok(today.checked_sub_days(Days::new(1)).unwrap_or(today)),
        _ => text.parse().map_err(|_| "must be a day such as 2026-05-03".to_owned()),
    }
}
