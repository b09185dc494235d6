//! Where results go: standard output, files of a folder, or the lines of `--json`.

use super::names::{Facts, Template};
use crate::cli::args::Recordings;
use crate::cli::failure::Failure;
use crate::cli::output::{self, Folder};
use crate::client::JobView;
use std::path::{Path, PathBuf};

/// What a command makes of one finished job: a text for each ending, and what it is called.
pub struct Product {
    pub title: String,
    pub texts: Vec<(&'static str, String)>,
}

/// Where products are put.
pub enum Place {
    Stdout,
    /// Nowhere: the event carries them.
    Event,
    Files(Folder, Template),
}

impl Place {
    /// Checks the template and makes the folder before any work is done.
    pub fn of(recordings: &Recordings, template: &str) -> Result<Self, Failure> {
        let template = Template::parse(template)?;
        let wants_files = recordings.output_dir.is_some() || recordings.output_file.is_some();
        if wants_files && recordings.is_for_later() {
            let error = anyhow::anyhow!("--at does not wait for what would be written");
            let hint = "give --wait as well, or leave -o out and run the command again afterwards";
            return Err(Failure::usage(error).hint(hint));
        }
        let (dir, template) = match (&recordings.output_dir, &recordings.output_file) {
            (_, Some(name)) => {
                let stem = name.file_name().unwrap_or_default().to_string_lossy();
                let dir = name.parent().filter(|dir| !dir.as_os_str().is_empty());
                (dir.unwrap_or(Path::new(".")).to_owned(), Template::literal(&stem))
            }
            (Some(dir), None) => (dir.clone(), template),
            (None, None) if recordings.json => return Ok(Self::Event),
            (None, None) => return Ok(Self::Stdout),
        };
        std::fs::create_dir_all(&dir).map_err(|error| {
            let what = format!("cannot make the folder {}", dir.display());
            Failure::usage(anyhow::Error::new(error).context(what))
        })?;
        Ok(Self::Files(Folder::new(&dir, recordings.force), template))
    }

    /// Puts a product in its place, and says which files that made.
    pub fn put(
        &self,
        product: &Product,
        job: &JobView,
        file: &Path,
    ) -> Result<Vec<PathBuf>, Failure> {
        match self {
            Self::Event => Ok(Vec::new()),
            Self::Stdout => {
                product.texts.iter().try_for_each(|(_, text)| output::print(text))?;
                Ok(Vec::new())
            }
            Self::Files(folder, template) => {
                let stem = stem(file);
                let created = crate::clock::in_local_zone(job.created_at);
                let name = template.fill(&Facts {
                    recorded_at: job.recorded_at.unwrap_or(created),
                    title: &product.title,
                    stem: &stem,
                    language: job.language.as_deref().unwrap_or("und"),
                    model: &job.model,
                });
                product.texts.iter().map(|(end, text)| folder.write(&name, end, text)).collect()
            }
        }
    }
}

/// The file's name without its extension; standard input is called so.
pub fn stem(file: &Path) -> String {
    match file.file_stem() {
        Some(stem) if stem != "-" => stem.to_string_lossy().into_owned(),
        _ => "stdin".to_owned(),
    }
}
