//! What people type from habit: the flags of openai-whisper and whisper-cli, put into our own words before they are read.
//!
//! What means something here is translated, what changes nothing is dropped with a notice, and what would change the
//! result is refused in words. `docs/habits.md` shows the same table, and a test reads it.

mod table;
#[cfg(test)]
mod tests;

use super::failure::Failure;
use clap::Command;
use std::ffi::{OsStr, OsString};
use table::{Means, find};

/// The commands that people of other programs type their flags after.
const COMMANDS: [&str; 2] = ["transcribe", "note"];
/// A value of `-f` that is none of these is a recording, if it looks like a path.
const FORMATS: [&str; 9] = ["txt", "text", "srt", "vtt", "json", "tsv", "md", "markdown", "all"];

/// A command line in our words, and what has to be said about it.
#[derive(Debug, PartialEq, Eq)]
pub struct Translated {
    pub args: Vec<OsString>,
    pub notices: Vec<String>,
}

/// Translates the flags behind `transcribe` and `note`; everything else stays as it was typed.
pub fn translate(typed: Vec<OsString>, manual: &Command) -> Result<Translated, Failure> {
    let mut done = Translated { args: Vec::new(), notices: Vec::new() };
    let mut typed = typed.into_iter();
    done.args.extend(typed.next());
    let mut ours = manual;
    while let Some(arg) = typed.next() {
        let text = arg.to_string_lossy().into_owned();
        if text == "--" {
            done.args.push(arg);
            break;
        }
        let command = ours.get_name();
        let (flag, inline) = match text.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag, Some(OsString::from(value))),
            _ => (text.as_str(), None),
        };
        if COMMANDS.contains(&command)
            && let Some(means) = find(flag)
        {
            let mut value = || inline.clone().or_else(|| typed.next());
            done.take(flag, means, &mut value, command)?;
            continue;
        }
        let valued = inline.is_none() && takes_value(manual, ours, flag);
        if !text.starts_with('-') && ours.get_name() == manual.get_name() {
            let named = manual.get_subcommands().find(|sub| sub.get_name() == text);
            let Some(sub) = named.filter(|sub| COMMANDS.contains(&sub.get_name())) else {
                done.args.push(arg);
                break;
            };
            ours = sub;
        }
        done.args.push(arg);
        if valued {
            done.args.extend(typed.next());
        }
    }
    done.args.extend(typed);
    Ok(done)
}

impl Translated {
    fn take(
        &mut self,
        flag: &str,
        means: &Means,
        value: &mut impl FnMut() -> Option<OsString>,
        command: &str,
    ) -> Result<(), Failure> {
        let mut given = || value().ok_or_else(|| refused(flag, "it needs a value"));
        match means {
            Means::Flags(ours) => self.push(ours),
            Means::Option(ours) => {
                let given = given()?;
                self.push(&[ours]);
                self.args.push(given);
            }
            Means::Switch(ours) => match truth(&given()?) {
                Some(true) => self.push(ours),
                Some(false) => {}
                None => return Err(refused(flag, "say True or False")),
            },
            Means::Recording => {
                let given = given()?;
                self.args.push(given);
            }
            Means::FormatOrRecording => {
                let given = given()?;
                if command == "note" || is_path(&given) {
                    self.args.push(given);
                } else {
                    self.push(&["--format"]);
                    self.args.push(given);
                }
            }
            Means::Length => match given()?.to_string_lossy().as_ref() {
                "0" => {}
                "1" => self.push(&["--max-words-per-line", "1", "--max-line-count", "1"]),
                columns => self.push(&["--max-line-width", columns, "--max-line-count", "1"]),
            },
            Means::Nothing(why) => self.notices.push(format!("{flag} has no effect: {why}")),
            Means::NothingOf(why) => {
                given()?;
                self.notices.push(format!("{flag} has no effect: {why}"));
            }
            Means::Zero(why) => {
                if given()?.to_string_lossy().parse::<f64>() != Ok(0.0) {
                    return Err(refused(flag, why));
                }
            }
            Means::Refused(why) => return Err(refused(flag, why)),
        }
        Ok(())
    }

    fn push(&mut self, args: &[&str]) {
        self.args.extend(args.iter().map(OsString::from));
    }
}

fn refused(flag: &str, why: &str) -> Failure {
    Failure::usage(anyhow::anyhow!("{flag}: {why}")).hint("docs/habits.md lists what works")
}

fn truth(value: &OsStr) -> Option<bool> {
    match value.to_string_lossy().to_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// Whether a value of `-f` is a recording: not formats, and written like a path.
fn is_path(value: &OsStr) -> bool {
    let text = value.to_string_lossy();
    let formats = text.split(',').all(|one| FORMATS.contains(&one.to_lowercase().as_str()));
    !formats && (text == "-" || text.contains(['.', '/', '\\']))
}

/// Whether one of our own options takes the next argument, so that it is not read as a flag.
fn takes_value(manual: &Command, ours: &Command, flag: &str) -> bool {
    let named = |arg: &clap::Arg| match flag.strip_prefix("--") {
        Some(long) => arg.get_long() == Some(long),
        None => {
            let short = flag.strip_prefix('-').map(str::chars).map(Iterator::collect::<Vec<_>>);
            short.is_some_and(|short| arg.get_short().map(|c| vec![c]) == Some(short))
        }
    };
    let mut known = ours.get_arguments().chain(manual.get_arguments());
    known.any(|arg| named(arg) && arg.get_action().takes_values())
}
