//! Files that are hashed while they are written, and the hash of files that already lie there.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::ModelError;
use crate::domain::digest::hex;

/// A file in the making. It is durable only after `finish`.
pub struct HashedFile {
    path: PathBuf,
    out: Hashing<BufWriter<File>>,
}

impl HashedFile {
    pub fn create(path: &Path) -> Result<Self, ModelError> {
        let file = File::create(path).map_err(ModelError::file("create", path))?;
        let out = Hashing { inner: BufWriter::new(file), hash: Sha256::new(), bytes: 0 };
        Ok(Self { path: path.to_path_buf(), out })
    }

    /// Lets `write` add to the file.
    pub fn put(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), ModelError> {
        write(&mut self.out).map_err(ModelError::file("write", &self.path))
    }

    /// Waits until the bytes are on the disk; returns their SHA-256 and their number.
    pub fn finish(self) -> Result<(String, u64), ModelError> {
        let Self { path, out: Hashing { mut inner, hash, bytes } } = self;
        let durable = inner.flush().and_then(|()| inner.get_ref().sync_all());
        durable.map_err(ModelError::file("write", &path))?;
        Ok((hex(&hash.finalize()), bytes))
    }
}

struct Hashing<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

pub fn sha256_of(path: &Path) -> Result<String, ModelError> {
    let mut file = File::open(path).map_err(ModelError::file("open", path))?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer).map_err(ModelError::file("read", path))?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}

/// Compares a file with the hash it should have.
pub fn check(path: &Path, subject: &str, expected: &str) -> Result<(), ModelError> {
    let actual = sha256_of(path)?;
    if actual.eq_ignore_ascii_case(expected) {
        return Ok(());
    }
    let (subject, expected) = (subject.to_owned(), expected.to_owned());
    Err(ModelError::WrongHash { subject, expected, actual })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_written_file_and_a_read_one_have_the_known_hash() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("abc");
        let mut file = HashedFile::create(&path).unwrap();
        file.put(|out| out.write_all(b"a")).unwrap();
        file.put(|out| out.write_all(b"bc")).unwrap();
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(file.finish().unwrap(), (known.to_owned(), 3));
        assert_eq!(sha256_of(&path).unwrap(), known);
        assert!(check(&path, "abc", known).is_ok());
        assert!(check(&path, "abc", "00").unwrap_err().to_string().contains("expected 00"));
    }
}
