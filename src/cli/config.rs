//! `diarist config`: show, check and describe.

use super::args::ConfigCommand;
use super::failure::{Failure, Outcome};
use super::output::{print, say};
use crate::config::{self, Loaded};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// A configuration that cannot be used has been reported before this is reached.
pub fn run(command: &ConfigCommand, loaded: &Loaded) -> Result<Outcome, Failure> {
    match command {
        ConfigCommand::Show { json: true } => print(&as_json(loaded))?,
        ConfigCommand::Show { json: false } => {
            let mut text = String::new();
            for setting in loaded.settings() {
                // Writing to a String cannot fail.
                let _ =
                    writeln!(text, "{:<28} {:<40} {}", setting.key, setting.value, setting.source);
            }
            print(&text)?;
        }
        ConfigCommand::Schema => return schema(),
        ConfigCommand::Check => say("the configuration can be used"),
    }
    Ok(Outcome::Done)
}

/// Needs no configuration that can be used: it says what can be.
pub fn schema() -> Result<Outcome, Failure> {
    print(&format!("{:#}\n", config::schema())).map(|()| Outcome::Done)
}

fn as_json(loaded: &Loaded) -> String {
    let setting = |setting: config::Setting| {
        let value: Value = serde_json::from_str(&setting.value).unwrap_or_default();
        (setting.key, json!({ "value": value, "source": setting.source }))
    };
    format!(
        "{:#}\n",
        Value::Object(loaded.settings().into_iter().map(setting).collect::<Map<_, _>>())
    )
}
