//! `diarist config`: show and check.

use super::args::ConfigCommand;
use super::failure::{Failure, Outcome};
use super::output::{print, say};
use crate::config::Loaded;
use std::fmt::Write;

/// A configuration that cannot be used has been reported before this is reached.
pub fn run(command: &ConfigCommand, loaded: &Loaded) -> Result<Outcome, Failure> {
    match command {
        ConfigCommand::Show => {
            let mut text = String::new();
            for setting in loaded.settings() {
                // Writing to a String cannot fail.
                let _ =
                    writeln!(text, "{:<28} {:<40} {}", setting.key, setting.value, setting.source);
            }
            print(&text)?;
        }
        ConfigCommand::Check => say("the configuration can be used"),
    }
    Ok(Outcome::Done)
}
