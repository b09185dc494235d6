//! Which recordings are meant: files as they are, folders by what is in them.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// One thing that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A file, or `-`; whether it is a recording is for the node to say.
    Recording(PathBuf),
    /// A folder without a recording, or one that cannot be read.
    Nothing(PathBuf, String),
}

impl Input {
    pub fn path(&self) -> &Path {
        match self {
            Self::Recording(path) | Self::Nothing(path, _) => path,
        }
    }
}

/// Endings that recordings have; what has another one is looked into.
const ENDINGS: &[&str] = &[
    "3gp", "aac", "ac3", "aif", "aifc", "aiff", "amr", "au", "caf", "flac", "m4a", "m4b", "m4v",
    "mka", "mkv", "mov", "mp2", "mp3", "mp4", "mpga", "oga", "ogg", "opus", "spx", "wav", "wave",
    "weba", "webm", "wma",
];
/// Endings of what is surely none, so that a folder of notes is not read through.
const OTHERS: &[&str] =
    &["md", "txt", "srt", "vtt", "tsv", "json", "csv", "part", "html", "pdf", "jpg", "png"];
/// Deeper folders than these are a loop.
const DEPTH_MAX: usize = 32;

/// The recordings of each path in turn, those of a folder in the order of their names.
pub fn find(paths: &[PathBuf]) -> Vec<Input> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" || !path.is_dir() {
            inputs.push(Input::Recording(path.clone()));
            continue;
        }
        let before = inputs.len();
        walk(path, 0, &mut inputs);
        if inputs.len() == before {
            inputs
                .push(Input::Nothing(path.clone(), "there is no recording in this folder".into()));
        }
    }
    inputs
}

fn walk(folder: &Path, depth: usize, inputs: &mut Vec<Input>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            inputs.push(Input::Nothing(
                folder.to_owned(),
                format!("cannot read the folder: {error}"),
            ));
            return;
        }
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.into_iter().filter(|path| !is_hidden(path)) {
        if path.is_dir() {
            if depth < DEPTH_MAX && !path.is_symlink() {
                walk(&path, depth + 1, inputs);
            }
        } else if is_recording(&path) {
            inputs.push(Input::Recording(path));
        }
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn is_recording(path: &Path) -> bool {
    // A pipe would wait for its writer, a device never ends. A link that leads nowhere is told as what it is.
    if fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
        return false;
    }
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if ENDINGS.contains(&ending.as_str()) || OTHERS.contains(&ending.as_str()) {
        return ENDINGS.contains(&ending.as_str());
    }
    let mut head = [0; 12];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && sounds(&head)
}

/// Whether these are the first bytes of a container of sound.
fn sounds(head: &[u8; 12]) -> bool {
    let form = &head[8..12];
    match head {
        [b'R', b'I', b'F', b'F', ..] => form == b"WAVE",
        [b'F', b'O', b'R', b'M', ..] => form == b"AIFF" || form == b"AIFC",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => !matches!(form, b"avif" | b"heic" | b"mif1"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => true,
        _ => [&b"fLaC"[..], b"OggS", b"ID3", b"caff", b"#!AMR"].iter().any(|s| head.starts_with(s)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    #[test]
    fn a_folder_gives_its_recordings_by_ending_or_content_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        put("b/2.M4A", b"");
        put("a.wav", b"");
        put("b/1", b"OggS and so on, and on");
        put("b/notes.md", b"OggS and so on, and on");
        put("b/words", b"these are only words");
        put(".hidden.wav", b"");
        std::os::unix::fs::symlink("nowhere.wav", dir.path().join("c.wav")).unwrap();
        put("empty/readme.txt", b"");
        let _listens = UnixListener::bind(dir.path().join("socket.wav")).unwrap();
        let pipe = dir.path().join("pipe.wav");
        assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
        let found = find(&[dir.path().to_owned(), "-".into(), dir.path().join("empty")]);
        let names: Vec<_> = found
            .iter()
            .map(|input| input.path().strip_prefix(dir.path()).unwrap_or(input.path()).to_owned())
            .collect();
        let expected = ["a.wav", "b/1", "b/2.M4A", "c.wav", "-", "empty"];
        assert_eq!(names, expected.map(PathBuf::from));
        assert!(matches!(found.last(), Some(Input::Nothing(..))));
    }
}
