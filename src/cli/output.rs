//! Where a command speaks: results to stdout, everything else to stderr, colours only on a terminal.

use super::failure::Failure;
use super::kept_file;
use crate::config;
use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Prints a result. A reader that has gone away, as `head` does, is no failure.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|e| Failure::work(anyhow::Error::new(e).context("cannot print"))),
    }
}

/// Says something to the person.
pub fn say(text: &str) {
    // There is nobody left to tell that stderr is closed.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether what is said may have colours.
pub fn is_coloured() -> bool {
    io::stderr().is_terminal() && !config::no_color()
}

/// Says an error, of one of several inputs where a subject is given: what happened, why, and what to do next.
pub fn complain_of(subject: Option<&str>, error: &str, hint: Option<&str>) {
    let (red, end) = if is_coloured() { ("\x1b[31m", "\x1b[0m") } else { ("", "") };
    match subject {
        Some(subject) => say(&format!("{red}error:{end} {subject}: {error}")),
        None => say(&format!("{red}error:{end} {error}")),
    }
    if let Some(hint) = hint.filter(|hint| !hint.is_empty()) {
        say(&format!("  hint: {hint}"));
    }
}

/// The files that one command writes into a folder: none over another of its own, none over a stranger's unasked.
pub struct Folder {
    dir: PathBuf,
    force: bool,
    written: RefCell<HashSet<PathBuf>>,
}

impl Folder {
    pub fn new(dir: &Path, force: bool) -> Self {
        Self { dir: dir.to_owned(), force, written: RefCell::default() }
    }

    /// Writes `stem.extension`, numbered where this command has written such a file before, and says where it is.
    pub fn write(&self, stem: &str, extension: &str, text: &str) -> Result<PathBuf, Failure> {
        let fresh = |path: &PathBuf| !self.written.borrow().contains(path);
        let path = kept_file::names(&self.dir, stem, extension).find(fresh).unwrap_or_default();
        write_file(&path, text, self.force)?;
        self.written.borrow_mut().insert(path.clone());
        Ok(path)
    }
}

/// Writes a result file; one that says something else is kept, unless the person said `--force`.
fn write_file(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    if kept_file::says(path, text) {
        return Ok(());
    }
    if path.exists() && !force {
        let error = anyhow::anyhow!("{} is there already, and different", path.display());
        let hint = "give --force to overwrite it, or another -o";
        return Err(Failure::work(error).hint(hint).named("output_exists"));
    }
    kept_file::write(path, text).map_err(|error| {
        let what = format!("cannot write {}", path.display());
        Failure::work(anyhow::Error::new(error).context(what)).named("cannot_write")
    })
}

/// `1:02:03`, or `2:03` under an hour.
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1_000;
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

/// `43.6 MB`, in the decimal units that file managers show.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
