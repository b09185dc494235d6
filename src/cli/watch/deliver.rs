//! A finished note on its way into the output folder: under a name of its own, and never over a stranger's file.

use super::memory::{Content, Memory};
use super::take::{Halt, Shop};
use crate::cli::kept_file::{names, says, write};
use crate::cli::recordings::{Template, stem};
use crate::client::JobView;
use crate::domain::ids::JobId;
use crate::domain::note::{Note, markdown};
use serde_json::json;
use std::io;
use std::path::{Path, PathBuf};

/// Where notes are written, and how.
#[derive(Debug)]
pub struct Output {
    pub dir: PathBuf,
    pub template: Template,
    pub sidecar: bool,
}

/// What a recording has become.
#[derive(Debug)]
pub struct Delivered {
    pub job: JobId,
    pub sha256: String,
    pub title: String,
    pub day: chrono::NaiveDate,
    pub file: Option<PathBuf>,
}

pub async fn deliver(
    shop: &Shop<'_>,
    sha256: &str,
    known: &mut Content,
    job: &JobView,
) -> Result<Delivered, Halt> {
    let note = shop.client.note(job.id).await?;
    if let Some(output) = shop.output {
        let text = markdown::render(&note);
        // The name is written down first: after a crash the same note goes to the same place.
        let promised = known.note.is_some();
        if !promised {
            known.note = Some(output.name(shop.memory, sha256, &note, &job.file_name, &text));
            shop.memory.remember(sha256, known)?;
        }
        if let Some(path) = &known.note {
            put(path, &text, promised)?;
            if output.sidecar {
                let text = sidecar(known, sha256, &note, job.id, path)?;
                put(&beside(path), &text, promised)?;
            }
        }
    }
    Ok(Delivered {
        job: job.id,
        sha256: sha256.to_owned(),
        title: note.title,
        day: note.recorded_at.date_naive(),
        file: known.note.clone(),
    })
}

impl Output {
    /// The first name that is nobody's.
    fn name(
        &self,
        memory: &Memory,
        sha256: &str,
        note: &Note,
        file_name: &str,
        text: &str,
    ) -> PathBuf {
        let stem = self.template.fill_for_note(note, &stem(Path::new(file_name)));
        let is_free = |path: &PathBuf| {
            let strange = path.exists() && !says(path, text);
            let card_is_there = self.sidecar && beside(path).exists();
            !(strange || card_is_there || memory.is_taken(path, sha256))
        };
        names(&self.dir, &stem, "md").find(is_free).unwrap_or_default()
    }
}

/// A file that was promised before a crash, and says something else by now, has been changed by its owner.
fn put(path: &Path, text: &str, promised: bool) -> io::Result<()> {
    if says(path, text) || promised && path.exists() {
        return Ok(());
    }
    write(path, text)
}

fn beside(note: &Path) -> PathBuf {
    note.with_extension("json")
}

fn sidecar(
    known: &Content,
    sha256: &str,
    note: &Note,
    job: JobId,
    path: &Path,
) -> io::Result<String> {
    let card = json!({
        "source": known.sent.as_ref().map(|sent| &sent.source),
        "sha256": sha256,
        "recorded_at": note.recorded_at,
        "job": job,
        "title": note.title,
        "note": path.file_name().map(|name| name.to_string_lossy()),
    });
    Ok(serde_json::to_string_pretty(&card)? + "\n")
}
