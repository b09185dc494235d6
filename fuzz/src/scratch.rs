//! The bytes of one try as a file, which is what the decoder reads: in memory where the system has such a folder.

use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const IN_MEMORY: &str = "/dev/shm";

/// One file for all tries of this process, and room for what is decoded out of it.
pub struct Scratch {
    dir: TempDir,
    input: File,
}

impl Scratch {
    pub fn make() -> Self {
        let memory = Path::new(IN_MEMORY);
        let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let dir = dir.expect("a folder to work in");
        let input = File::create(dir.path().join("input")).expect("a file to work in");
        Self { dir, input }
    }

    /// The file with exactly these bytes.
    pub fn holding(&mut self, bytes: &[u8]) -> PathBuf {
        let written = self.input.set_len(0).and_then(|()| self.input.rewind());
        written.and_then(|()| self.input.write_all(bytes)).expect("room for the bytes");
        self.dir.path().join("input")
    }

    pub fn output(&self) -> PathBuf {
        self.dir.path().join("output")
    }

    /// How many bytes the decoder has left behind: nothing, if it failed.
    pub fn written(&self) -> Option<u64> {
        fs::metadata(self.output()).ok().map(|file| file.len())
    }

    /// Makes room for the next try.
    pub fn clear(&self) {
        for name in ["output", "output.part"] {
            match fs::remove_file(self.dir.path().join(name)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    panic!("cannot clear {name}: {error}")
                }
                _ => {}
            }
        }
    }
}
