//! From the flags of `note` and `transcribe` to what is asked of a node; what can be known to be wrong is said before the work.

use crate::cli::args::Recordings;
use crate::cli::failure::Failure;
use crate::cli::output::say;
use crate::config::Config;
use crate::domain::options::{JobOptions, TERM_CHARS_MAX, VOCABULARY_MAX};
use crate::providers::models::Catalog;
use crate::providers::whisper::{knows_language, language_code};
use std::path::Path;

/// What every job of these flags has; the command adds its own.
pub fn options(recordings: &Recordings, quiet: bool) -> Result<JobOptions, Failure> {
    if recordings.diarize {
        let error = anyhow::anyhow!("--diarize: speakers are not told apart yet");
        return Err(Failure::usage(error).hint("leave it out; the text is the same without it"));
    }
    let options = JobOptions {
        language: language(&recordings.language)?,
        model: recordings.model.as_deref().map(|name| model(name, quiet)).transpose()?,
        initial_prompt: recordings.initial_prompt.clone(),
        vocabulary: recordings.vocabulary.as_deref().map_or(Ok(Vec::new()), vocabulary)?,
        run_at: recordings.at,
        force: recordings.force,
        ..JobOptions::default()
    };
    match options.faults(knows_language).first() {
        Some(fault) => {
            let flag = fault.pointer.trim_start_matches('/').replace('_', "-");
            Err(Failure::usage(anyhow::anyhow!("--{flag}: {}", fault.detail)))
        }
        None => Ok(options),
    }
}

/// The configuration with what the flags say of our own node.
pub fn configured(recordings: &Recordings, config: &Config) -> Config {
    let mut config = config.clone();
    if let Some(threads) = recordings.threads {
        config.whisper.slots_max = threads;
    }
    config
}

fn language(given: &str) -> Result<String, Failure> {
    if given.eq_ignore_ascii_case("auto") || given.eq_ignore_ascii_case("none") {
        return Ok("auto".to_owned());
    }
    language_code(given).map(str::to_owned).ok_or_else(|| {
        let error = anyhow::anyhow!("`{given}` is no language of Whisper");
        Failure::usage(error).hint("give a code such as `en`, a name such as `German`, or `auto`")
    })
}

/// A model by its name; the file that whisper.cpp would take is known by the name that it carries.
fn model(given: &str, quiet: bool) -> Result<String, Failure> {
    let file = Path::new(given).file_name().unwrap_or_default().to_string_lossy();
    let Some(name) = file.strip_suffix(".bin") else {
        return Ok(if given == "turbo" { "large-v3-turbo" } else { given }.to_owned());
    };
    let name = name.strip_prefix("ggml-").unwrap_or(name);
    let catalog = Catalog::builtin().map_err(Failure::work)?;
    if catalog.find(name).is_err() {
        let error = anyhow::anyhow!("`{given}` is a file, and a model is taken by its name");
        let hint = format!("diarist models import {given} --name {name}, then -m {name}");
        return Err(Failure::usage(error).hint(hint));
    }
    if !quiet {
        say(&format!("taking the model {name} for {given}"));
    }
    Ok(name.to_owned())
}

fn vocabulary(file: &Path) -> Result<Vec<String>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        let what = format!("--vocabulary: cannot read {}", file.display());
        Failure::usage(anyhow::Error::new(error).context(what))
    })?;
    let terms: Vec<String> = terms(&text).map(str::to_owned).collect();
    if terms.len() > VOCABULARY_MAX {
        let error = anyhow::anyhow!("--vocabulary: {} terms are too many", terms.len());
        return Err(Failure::usage(error).hint(format!("Whisper takes at most {VOCABULARY_MAX}")));
    }
    if let Some(long) = terms.iter().find(|term| term.chars().count() > TERM_CHARS_MAX) {
        let error = anyhow::anyhow!(
            "--vocabulary: `{}…` is no term",
            &long[..long.floor_char_boundary(40)]
        );
        let hint = format!("one term a line, each of at most {TERM_CHARS_MAX} characters");
        return Err(Failure::usage(error).hint(hint));
    }
    Ok(terms)
}

/// One term a line; a `#` at its beginning or after a space begins a comment.
fn terms(text: &str) -> impl Iterator<Item = &str> {
    let bare = |line: &'_ str| line.split_once(" #").map_or(line.len(), |(term, _)| term.len());
    text.trim_start_matches('\u{feff}')
        .lines()
        .map(move |line| line[..bare(line)].trim())
        .filter(|term| !term.is_empty() && !term.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_stand_one_a_line_and_comments_are_left_out() {
        let text = "\u{feff}Zoë\n# people\n\n  Tromsø  # a town\nC#\r\n";
        assert_eq!(terms(text).collect::<Vec<_>>(), ["Zoë", "Tromsø", "C#"]);
    }

    #[test]
    fn a_model_is_known_by_its_name_and_by_the_file_of_whisper_cpp() {
        let name = |given| model(given, true).ok();
        assert_eq!(name("base").as_deref(), Some("base"));
        assert_eq!(name("mine").as_deref(), Some("mine"));
        assert_eq!(name("turbo").as_deref(), Some("large-v3-turbo"));
        assert_eq!(name("models/ggml-base.en.bin").as_deref(), Some("base.en"));
        assert_eq!(name("models/ggml-base.en-q5_1.bin"), None);
    }
}
