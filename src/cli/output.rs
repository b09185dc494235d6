//! Where a command speaks: results to stdout, everything else to stderr, colours only on a terminal.

use super::failure::Failure;
use crate::config;
use std::cell::RefCell;
use std::collections::HashSet;
use std::fs;
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

/// Says an error, of one of several inputs where a subject is given: what happened, why, and what to do next.
pub fn complain_of(subject: Option<&str>, error: &str, hint: Option<&str>) {
    let coloured = io::stderr().is_terminal() && !config::no_color();
    let (red, end) = if coloured { ("\x1b[31m", "\x1b[0m") } else { ("", "") };
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

/// File systems take 255 bytes; some are left for a number and a draft's ending.
const NAME_BYTES_MAX: usize = 200;

impl Folder {
    pub fn new(dir: &Path, force: bool) -> Self {
        Self { dir: dir.to_owned(), force, written: RefCell::default() }
    }

    /// Writes `stem.extension`, numbered where this command has written such a file before, and says where it is.
    pub fn write(&self, stem: &str, extension: &str, text: &str) -> Result<PathBuf, Failure> {
        let stem = stem
            .split('/')
            .map(|part| &part[..part.floor_char_boundary(NAME_BYTES_MAX)])
            .collect::<Vec<_>>()
            .join("/");
        let name = |number: u32| match number {
            1 => self.dir.join(format!("{stem}.{extension}")),
            number => self.dir.join(format!("{stem} {number}.{extension}")),
        };
        let fresh = |path: &PathBuf| !self.written.borrow().contains(path);
        let path = (1..).map(name).find(fresh).unwrap_or_default();
        write_file(&path, text, self.force)?;
        self.written.borrow_mut().insert(path.clone());
        Ok(path)
    }
}

/// Writes a result file; one that says something else is kept, unless the person said `--force`.
fn write_file(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    if path.exists() && !force {
        let error = anyhow::anyhow!("{} is there already, and different", path.display());
        let hint = "give --force to overwrite it, or another -o";
        return Err(Failure::work(error).hint(hint).named("output_exists"));
    }
    let draft = path.with_added_extension("part");
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder.and_then(|()| fs::write(&draft, text)).and_then(|()| fs::rename(&draft, path)).map_err(
        |error| {
            // Half a file is worth nothing to anybody.
            let _ = fs::remove_file(&draft);
            let what = format!("cannot write {}", path.display());
            Failure::work(anyhow::Error::new(error).context(what)).named("cannot_write")
        },
    )
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
