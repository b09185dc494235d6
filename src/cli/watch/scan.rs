//! Looks through the watched folders: which recordings there are, and whether one has changed.

use super::filter::Filter;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Tells one version of a file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub bytes: u64,
    pub modified_s: i64,
    pub modified_ns: i64,
}

/// A recording as it was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    pub stamp: Stamp,
}

/// What there is, and what could not be looked at.
#[derive(Debug, Default)]
pub struct Scan {
    pub found: Vec<Found>,
    pub faults: Vec<(PathBuf, io::Error)>,
}

/// Where to look, and for what.
#[derive(Debug)]
pub struct Ground {
    /// Absolute, with symbolic links resolved.
    pub roots: Vec<PathBuf>,
    pub filter: Filter,
    pub recursive: bool,
}

impl Stamp {
    pub fn of(meta: &Metadata) -> Self {
        Self { bytes: meta.len(), modified_s: meta.mtime(), modified_ns: meta.mtime_nsec() }
    }

    /// The file as it is now; `None` where there is none.
    pub fn now(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().filter(Metadata::is_file).map(|meta| Self::of(&meta))
    }
}

impl Ground {
    /// Everything under all roots, each file once.
    pub fn scan(&self) -> Scan {
        let (mut found, mut faults) = (BTreeMap::new(), Vec::new());
        for root in &self.roots {
            self.walk(root, root, &mut found, &mut faults);
        }
        let found = found.into_iter().map(|(path, stamp)| Found { path, stamp }).collect();
        Scan { found, faults }
    }

    /// What a word of the system about `path` is about: a recording, or all of a folder that has come.
    pub fn look(&self, path: &Path) -> Vec<Found> {
        let Some(root) = self.roots.iter().find(|root| path.starts_with(root)) else {
            return Vec::new();
        };
        let inside = path.strip_prefix(root).unwrap_or(path);
        let deep = inside.components().count() > 1;
        if deep && !self.recursive {
            return Vec::new();
        }
        if path.is_dir() {
            let (mut found, mut faults) = (BTreeMap::new(), Vec::new());
            if path == root || self.recursive && self.filter.enters(path, inside) {
                self.walk(root, path, &mut found, &mut faults);
            }
            return found.into_iter().map(|(path, stamp)| Found { path, stamp }).collect();
        }
        let taken = Stamp::now(path).filter(|_| self.filter.takes(inside));
        taken.map(|stamp| Found { path: path.to_owned(), stamp }).into_iter().collect()
    }

    /// Links to files are followed, links to folders are not: they could lead round in a circle.
    fn walk(
        &self,
        root: &Path,
        folder: &Path,
        found: &mut BTreeMap<PathBuf, Stamp>,
        faults: &mut Vec<(PathBuf, io::Error)>,
    ) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return faults.push((folder.to_owned(), error)),
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let inside = path.strip_prefix(root).unwrap_or(&path);
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    let entered = self.recursive && self.filter.enters(&path, inside);
                    entered.then(|| self.walk(root, &path, found, faults));
                }
                Ok(_) if self.filter.takes(inside) => {
                    found.extend(Stamp::now(&path).map(|stamp| (path, stamp)));
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn files_are_found_once_however_the_folders_lie_and_links_do_not_lead_in_circles() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let inner = root.join("phone");
        fs::create_dir_all(inner.join(".hidden")).unwrap();
        for name in ["a.wav", "phone/b.wav", "phone/.hidden/c.wav", "phone/d.txt"] {
            fs::write(root.join(name), name).unwrap();
        }
        std::os::unix::fs::symlink(&root, inner.join("up")).unwrap();
        let ground = |recursive| Ground {
            roots: vec![root.clone(), inner.clone()],
            filter: Filter::new(&[], &[], PathBuf::from("/data")).unwrap(),
            recursive,
        };
        let names = |found: Vec<Found>| {
            let name = |f: &Found| f.path.strip_prefix(&root).unwrap().display().to_string();
            found.iter().map(name).collect::<Vec<_>>()
        };
        let scan = ground(true).scan();
        assert!(scan.faults.is_empty());
        assert_eq!(names(scan.found), ["a.wav", "phone/b.wav"]);
        let flat = Ground { roots: vec![root.clone()], ..ground(false) };
        assert_eq!(names(flat.scan().found), ["a.wav"]);
        assert!(flat.look(&inner.join("b.wav")).is_empty());
        assert_eq!(names(ground(true).look(&inner)), ["phone/b.wav"]);
        assert_eq!(names(ground(true).look(&root.join("a.wav"))), ["a.wav"]);
        assert!(ground(true).look(&inner.join("d.txt")).is_empty());
        assert!(ground(true).look(Path::new("/elsewhere/x.wav")).is_empty());
    }
}
