//! The manual: help texts with what all commands share, completions, manual pages, and the API's description.

use super::args::Args;
use super::failure::{Failure, Outcome};
use super::output::{print, say};
use clap::{Command, CommandFactory};
use std::path::Path;

const ENVIRONMENT: &str = "Environment:
  DIARIST_CONFIG           configuration file, as --config
  DIARIST_URL              server that does the work, as --server
  DIARIST_TOKEN, DIARIST_CERTIFICATE    its token, and the fingerprint of its certificate, where it shows them
  DIARIST__SECTION__KEY    any setting, such as DIARIST__WHISPER__MODEL=small; `diarist config show` lists them
  OPENAI_API_KEY, ANTHROPIC_API_KEY, MISTRAL_API_KEY    a language model composes the notes
  XDG_DATA_HOME, XDG_CACHE_HOME    where recordings and models live
  NO_COLOR                 no colours";
const EXITS: &str =
    "Exit status: 0 done, 1 some input failed, 2 wrong use or configuration, 130 interrupted.";

/// The whole command line; each help text ends with the environment and the exit statuses.
pub fn command() -> Command {
    with_footer(Args::command())
}

fn with_footer(command: Command) -> Command {
    let own = command.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default();
    command.after_help(format!("{own}{ENVIRONMENT}\n\n{EXITS}")).mut_subcommands(with_footer)
}

pub fn openapi() -> Result<Outcome, Failure> {
    let document = crate::api::openapi().to_pretty_json().map_err(Failure::work)?;
    print(&format!("{document}\n")).map(|()| Outcome::Done)
}

pub fn completions(shell: clap_complete::Shell) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "diarist", &mut script);
    print(&String::from_utf8_lossy(&script)).map(|()| Outcome::Done)
}

/// The page of the program itself on standard output, or one page a command in a folder.
pub fn pages(dir: Option<&Path>) -> Result<Outcome, Failure> {
    let Some(dir) = dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command()).render(&mut page).map_err(Failure::work)?;
        return print(&String::from_utf8_lossy(&page)).map(|()| Outcome::Done);
    };
    let written =
        std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(command(), dir));
    written.map_err(|error| {
        let what = format!("cannot write manual pages into {}", dir.display());
        Failure::work(anyhow::Error::new(error).context(what))
    })?;
    say(&format!("the manual pages are in {}", dir.display()));
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    /// Every command that is not hidden, with its name as it is typed.
    fn each(command: Command, typed: &str) -> Vec<(String, Command)> {
        let mut all = vec![(typed.to_owned(), command.clone())];
        for sub in
            command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
        {
            all.extend(each(sub.clone(), &format!("{typed} {}", sub.get_name())));
        }
        all
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn every_help_text_is_as_it_was_agreed() {
        let mut root = command();
        root.build();
        for (typed, mut command) in each(root, "diarist") {
            let help = command.render_long_help().to_string();
            insta::assert_snapshot!(typed.replace(' ', "-"), help);
        }
    }

    #[test]
    fn every_command_has_examples_statuses_and_words_for_each_flag() {
        let mut root = command();
        root.build();
        for (typed, mut command) in each(root, "diarist") {
            let help = command.render_long_help().to_string();
            assert!(help.contains(EXITS) && help.contains("DIARIST_URL"), "{typed}");
            let leaf = command.get_subcommands().all(|sub| sub.get_name() == "help");
            assert!(!leaf || help.contains("Example"), "{typed} has no example");
            for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
                assert!(arg.get_help().is_some(), "{typed}: {} has no words", arg.get_id());
            }
        }
    }

    #[test]
    fn completions_know_every_command() {
        for shell in
            [clap_complete::Shell::Bash, clap_complete::Shell::Zsh, clap_complete::Shell::Fish]
        {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command(), "diarist", &mut script);
            let script = String::from_utf8(script).unwrap();
            for word in ["transcribe", "completions", "max-line-width"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }
}
