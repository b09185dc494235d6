//! Which files of a watched folder are recordings that somebody means to keep.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::path::{Component, Path, PathBuf};

/// Endings that recorders write.
const RECORDINGS: &[&str] = &[
    "3gp", "aac", "aif", "aiff", "alac", "amr", "caf", "flac", "m4a", "m4b", "mka", "mkv", "mov",
    "mp2", "mp3", "mp4", "oga", "ogg", "opus", "wav", "wave", "webm", "wma",
];

/// What downloads, copies and synchronisation leave behind, by its name in lower case.
const DROPPINGS: &[&str] = &[
    "*~",
    "*.tmp",
    "*.temp",
    "*.part",
    "*.partial",
    "*.crdownload",
    "*.download",
    "*.filepart",
    "*.!ut",
    "*.sync-conflict-*",
    "*conflicted copy*",
    "*_conf(*)*",
    "~syncthing~*",
    "$recycle.bin",
    "@eadir",
];

#[derive(Debug)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
    droppings: GlobSet,
    /// The data folder: its recordings are notes already.
    own: PathBuf,
}

impl Filter {
    /// `include` takes the place of the endings of recordings where there is any.
    pub fn new(
        include: &[String],
        exclude: &[String],
        own: PathBuf,
    ) -> Result<Self, globset::Error> {
        let include = if include.is_empty() { None } else { Some(set(include)?) };
        Ok(Self { include, exclude: set(exclude)?, droppings: set(DROPPINGS)?, own })
    }

    /// Whether a folder is looked into; `inside` is its path within the watched folder.
    pub fn enters(&self, path: &Path, inside: &Path) -> bool {
        path != self.own && self.is_meant(inside)
    }

    /// Whether a file is taken.
    pub fn takes(&self, inside: &Path) -> bool {
        let listed = match &self.include {
            Some(include) => is_in(include, inside),
            None => {
                let ending = inside.extension().map(|e| e.to_string_lossy().to_lowercase());
                ending.is_some_and(|ending| RECORDINGS.contains(&ending.as_str()))
            }
        };
        listed && self.is_meant(inside)
    }

    /// Neither hidden, nor left behind by a program, nor excluded; and in no folder that is.
    fn is_meant(&self, inside: &Path) -> bool {
        let parts = inside.components().filter_map(|part| match part {
            Component::Normal(name) => Some(Path::new(name)),
            _ => None,
        });
        let dropped =
            |name: &Path| name.to_string_lossy().starts_with('.') || self.droppings.is_match(name);
        let mut parts = parts;
        !parts.any(dropped) && !inside.ancestors().any(|path| is_in(&self.exclude, path))
    }
}

/// A glob without a slash is about names, one with a slash about paths within the watched folder.
fn is_in(set: &GlobSet, inside: &Path) -> bool {
    set.is_match(inside) || inside.file_name().is_some_and(|name| set.is_match(Path::new(name)))
}

fn set(globs: &[impl AsRef<str>]) -> Result<GlobSet, globset::Error> {
    let mut builder = GlobSetBuilder::new();
    for glob in globs {
        let glob = glob.as_ref();
        builder.add(GlobBuilder::new(glob).case_insensitive(true).literal_separator(true).build()?);
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn filter(include: &[&str], exclude: &[&str]) -> Filter {
        let owned = |globs: &[&str]| globs.iter().map(|&g| g.to_owned()).collect::<Vec<_>>();
        Filter::new(&owned(include), &owned(exclude), PathBuf::from("/data")).unwrap()
    }

    #[test]
    fn recordings_are_taken_and_droppings_are_not() {
        let filter = filter(&[], &[]);
        for taken in ["memo.m4a", "MEMO.WAV", "a/b/c.opus", "my (2).mp3", "é.ogg"] {
            assert!(filter.takes(Path::new(taken)), "{taken}");
        }
        for passed in [
            "notes.md",
            "memo",
            "memo.json",
            ".memo.m4a",
            ".trash/memo.m4a",
            "memo.m4a.part",
            "memo.m4a.crdownload",
            "memo.m4a.tmp",
            "memo.m4a~",
            "memo.sync-conflict-20260503-224000-ABCDEFG.m4a",
            "memo (Ann's conflicted copy 2026-05-03).m4a",
            "~syncthing~memo.m4a.tmp",
        ] {
            assert!(!filter.takes(Path::new(passed)), "{passed}");
        }
    }

    #[test]
    fn globs_are_about_names_or_about_paths() {
        let filter = filter(&["*.m4a", "talks/*.bin"], &["music", "old/**"]);
        for (path, taken) in [
            ("memo.M4A", true),
            ("deep/in/memo.m4a", true),
            ("talks/x.bin", true),
            ("x.bin", false),
            ("memo.wav", false),
            ("music/song.m4a", false),
            ("a/music/song.m4a", false),
            ("old/memo.m4a", false),
            (".hidden.m4a", false),
        ] {
            assert_eq!(filter.takes(Path::new(path)), taken, "{path}");
        }
        assert!(!filter.enters(Path::new("/w/music"), Path::new("music")));
        assert!(!filter.enters(Path::new("/data"), Path::new("data")));
        assert!(filter.enters(Path::new("/w/talks"), Path::new("talks")));
        let bad = ["[".to_owned()];
        assert!(Filter::new(&bad, &[], PathBuf::new()).is_err());
    }
}
