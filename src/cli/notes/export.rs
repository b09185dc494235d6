//! `diarist notes export`: the diary as files, again and again into the same folder.

use super::args::ExportFormat;
use super::read::pretty;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::kept_file::{names, says, write};
use crate::cli::output::{complain_of, say};
use crate::cli::recordings::{Template, stem};
use crate::client::{Client, ClientError, NoteItem};
use crate::domain::note::markdown;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Where to, and how.
pub struct Order {
    dir: PathBuf,
    format: ExportFormat,
    template: Template,
    force: bool,
}

impl Order {
    pub fn new(
        dir: &Path,
        format: ExportFormat,
        template: &str,
        force: bool,
    ) -> Result<Self, Failure> {
        let template = Template::parse_for_notes(template)?;
        std::fs::create_dir_all(dir).map_err(|error| {
            let what = format!("cannot make the folder {}", dir.display());
            Failure::usage(anyhow::Error::new(error).context(what))
        })?;
        Ok(Self { dir: dir.to_owned(), format, template, force })
    }
}

/// Writes what is new or has changed. In the order in which the notes were made, so that of two with one name the
/// older one keeps it, however many come.
pub async fn export(
    client: &Client,
    mut notes: Vec<NoteItem>,
    order: &Order,
) -> Result<Result<Outcome, Failure>, ClientError> {
    notes.sort_by_key(|note| note.id);
    let mut taken = HashSet::new();
    let (mut written, mut same, mut kept) = (0, 0, 0);
    for item in notes {
        let note = match client.note(item.id).await {
            // It was removed while we were at it.
            Err(error) if error.is_missing() => continue,
            other => other?,
        };
        let (text, ending) = match order.format {
            ExportFormat::Md => (Ok(markdown::render(&note)), "md"),
            ExportFormat::Json => (pretty(&note), "json"),
        };
        let text = match text {
            Ok(text) => text,
            Err(failure) => return Ok(Err(failure)),
        };
        let name = order.template.fill_for_note(&note, &stem(Path::new(&item.file_name)));
        let free = |path: &PathBuf| !taken.contains(path);
        let path = names(&order.dir, &name, ending).find(free).unwrap_or_default();
        if says(&path, &text) {
            same += 1;
        } else if path.exists() && !order.force {
            kept += 1;
            let hint = Some("give --force to overwrite it, or another -o");
            complain_of(Some(&path.display().to_string()), "is there already, and different", hint);
        } else if let Err(error) = write(&path, &text) {
            let what = format!("cannot write {}", path.display());
            return Ok(Err(Failure::work(anyhow::Error::new(error).context(what))));
        } else {
            written += 1;
        }
        taken.insert(path);
    }
    say(&format!("{written} written, {same} unchanged, {kept} refused"));
    Ok(Ok(if kept == 0 { Outcome::Done } else { Outcome::SomeFailed }))
}
