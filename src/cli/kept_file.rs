//! Writes a file that a person keeps: whole or not at all, and never over another unasked.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// File systems take 255 bytes; some are left for a number, an ending and a draft's name.
const STEM_BYTES_MAX: usize = 200;

/// The names that a file may have in a folder: `stem.ending`, then `stem 2.ending`, `stem 3.ending`, …
pub fn names(dir: &Path, stem: &str, ending: &str) -> impl Iterator<Item = PathBuf> {
    let fitting = |part: &str| part[..part.floor_char_boundary(STEM_BYTES_MAX)].to_owned();
    let stem = stem.split('/').map(fitting).collect::<Vec<_>>().join("/");
    (1..).map(move |number: u32| match number {
        1 => dir.join(format!("{stem}.{ending}")),
        number => dir.join(format!("{stem} {number}.{ending}")),
    })
}

/// Whether a file says just this.
pub fn says(path: &Path, text: &str) -> bool {
    fs::read(path).is_ok_and(|there| there == text.as_bytes())
}

/// Writes a draft that no program takes for a note, makes it durable, and gives it its name.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".part");
    let draft = path.with_file_name(name);
    let written = path
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| File::create(&draft))
        .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // Half a file is worth nothing to anybody.
        let _ = fs::remove_file(&draft);
    }
    written
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn names_are_numbered_and_fit_and_a_file_is_written_whole() {
        let dir = tempfile::tempdir().unwrap();
        let stem = "é".repeat(200);
        let mut names = names(dir.path(), &stem, "md");
        let (first, second) = (names.next().unwrap(), names.next().unwrap());
        assert!(second.to_str().unwrap().ends_with("é 2.md"));
        write(&first, "text").unwrap();
        assert!(says(&first, "text") && !says(&first, "other") && !says(&second, "text"));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
