//! `diarist note`: recordings in, diary notes out.

use super::args::{Global, NoteArgs};
use super::failure::{Failure, Outcome};
use super::output::{self, Folder};
use super::recordings::{process, stem};
use crate::client::{Client, JobView};
use crate::config::Config;
use crate::domain::note::{Note, markdown};
use crate::domain::options::JobOptions;
use std::path::Path;

pub async fn run(args: NoteArgs, global: &Global, config: &Config) -> Result<Outcome, Failure> {
    check_template(&args.name_template)?;
    let options = JobOptions {
        language: args.recordings.language.to_lowercase(),
        model: args.recordings.model.clone(),
        tags: args.tag.clone(),
        force: args.recordings.force,
        ..JobOptions::default()
    };
    let recordings = &args.recordings;
    let folder = recordings.output_dir.as_ref().map(|dir| Folder::new(dir, recordings.force));
    let deliver = async |client: &Client, job: &JobView, file: &Path| {
        let note = client.note(job.id).await?;
        let text = markdown::render(&note);
        match &folder {
            None => output::print(&text),
            Some(folder) => {
                folder.write(&file_stem(&args.name_template, &note, &stem(file)), "md", &text)
            }
        }
    };
    process(recordings, &options, global, config, deliver).await
}

/// A placeholder that is not filled in would stand in every file's name.
fn check_template(template: &str) -> Result<(), Failure> {
    let rest = ["{date}", "{title}", "{stem}"]
        .iter()
        .fold(template.to_owned(), |rest, known| rest.replace(known, "x"));
    if rest.is_empty() || rest.contains(['{', '}']) {
        let error = anyhow::anyhow!("`{template}` is no template of a file name");
        return Err(Failure::usage(error).hint("{date}, {title} and {stem} can be used"));
    }
    Ok(())
}

/// Fills the template, and leaves out what file systems and Obsidian do not take.
fn file_stem(template: &str, note: &Note, stem: &str) -> String {
    let filled = template
        .replace("{date}", &note.recorded_at.format("%Y-%m-%d").to_string())
        .replace("{title}", &note.title)
        .replace("{stem}", stem);
    let forbidden = |c: char| c.is_control() || r#"/\:*?"<>|#^[]"#.contains(c);
    let safe: String = filled.chars().map(|c| if forbidden(c) { ' ' } else { c }).collect();
    let squeezed = safe.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = squeezed.trim_matches(['.', ' ']);
    if name.is_empty() { "note".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::note::Composer;
    use chrono::DateTime;

    #[test]
    fn a_file_name_never_leaves_its_folder() {
        let composer = Composer {
            provider: "extractive".into(),
            model: None,
            template: "diary".into(),
            version: 1,
            tried: Vec::new(),
        };
        let note = Note {
            title: "../Sunday, 3 May 2026: lunch?".into(),
            recorded_at: DateTime::UNIX_EPOCH.fixed_offset(),
            summary: String::new(),
            sections: Vec::new(),
            mood: None,
            people: Vec::new(),
            places: Vec::new(),
            todos: Vec::new(),
            tags: Vec::new(),
            quotes: Vec::new(),
            open_questions: Vec::new(),
            composer,
            coverage: 1.0,
        };
        let name = |template| file_stem(template, &note, "memo");
        assert_eq!(name("{date} {stem}"), "1970-01-01 memo");
        assert_eq!(name("{title}"), "Sunday, 3 May 2026 lunch");
        assert_eq!(name("../{stem}"), "memo");
        assert_eq!(name("..."), "note");
    }
}
