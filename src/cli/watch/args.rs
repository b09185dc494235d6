//! The flags of `diarist watch`.

use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Originals are only read: never moved, renamed or changed. What was done is remembered by content in the data\n\
    folder, so a renamed or copied file, or a restart, makes no second note. A file that cannot be used is reported once,\n\
    and looked at again when it changes. A file NAME.EXT.json or NAME.json beside a recording gives its date, as\n\
    {\"recorded_at\": \"2026-05-03T22:40:00+02:00\"} (`creation_time`, `created_at` and `date` are understood as well).\n\n\
    Without --once it runs until Ctrl-C (130) or SIGTERM (0); what was finished is kept.\n\n\
    Examples:\n  diarist watch ~/Recordings\n  \
    diarist watch -o ~/Vault/Diary --name-template '{date} {title}' ~/Phone/Memos ~/Sync/Voice\n  \
    diarist watch --once -o ~/Diary ~/Recordings     for cron\n  \
    diarist watch --include '*.m4a' --exclude 'music/**' ~/Sync"
)]
pub struct WatchArgs {
    /// Folders to watch
    #[arg(required = true, value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Write each note as Markdown into this folder; without it notes are in the data folder only
    #[arg(long, short, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// File name of a note in the output folder: {date} {time} {year} {month} {day} {title} {stem} are filled in
    #[arg(long, value_name = "TEMPLATE", default_value = "{date} {stem}")]
    pub name_template: String,
    /// Write a JSON file beside each note: where it comes from, its hash, its date, its job
    #[arg(long, requires = "output_dir")]
    pub sidecar: bool,
    /// Take these files only, by glob; may be given several times [default: endings of recordings]
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Pass over these files or folders; may be given several times
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Do not look into folders inside the folders
    #[arg(long)]
    pub no_recursive: bool,
    /// Take what is there, wait until it is done, and end
    #[arg(long)]
    pub once: bool,
    /// Take also what is there at the start and is not done yet [the default]
    #[arg(long, conflicts_with = "new_only")]
    pub existing: bool,
    /// Take only what comes or changes while watching
    #[arg(long, conflicts_with = "once")]
    pub new_only: bool,
    /// A file is read when it has not changed for so many seconds
    #[arg(long, value_name = "SECONDS", default_value = "2", value_parser = seconds)]
    pub settle: Duration,
    /// Look through the folders every so many seconds instead of being told by the system
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub poll: Option<Duration>,
    /// Whisper model [default: whisper.model of the configuration]
    #[arg(long, short, value_name = "MODEL")]
    pub model: Option<String>,
    /// Language spoken, such as `en`, or `auto` to detect it
    #[arg(long, short, value_name = "LANG", default_value = "auto")]
    pub language: String,
    /// Tag each note; may be given several times
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Say what becomes of each file as a line of JSON
    #[arg(long)]
    pub json: bool,
}

/// A tenth of a second to a day.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|s| (0.1..=86_400.0).contains(s));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "must be 0.1 to 86400".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_hold_at_their_edge() {
        for (text, good) in [
            ("0.1", true),
            ("2", true),
            ("86400", true),
            ("0.09", false),
            ("86401", false),
            ("-1", false),
            ("NaN", false),
            ("soon", false),
        ] {
            assert_eq!(seconds(text).is_ok(), good, "{text}");
        }
    }
}
