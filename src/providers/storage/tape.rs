//! The file of a recording under way: on the disk before its row says so, and cut back to what the row says before it grows.

use super::folder::{Folder, sync_dir};
use super::upload::Uploaded;
use crate::domain::digest::hex;
use crate::domain::ids::RecordingId;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

const READ_BYTES: usize = 256 * 1024;

/// A recording's file, open at its end.
#[derive(Debug)]
pub struct Tape(File);

impl Folder {
    fn tape(&self, id: RecordingId) -> PathBuf {
        self.tapes().join(id.to_string())
    }

    /// Makes an empty file, durably.
    pub fn begin_tape(&self, id: RecordingId) -> io::Result<()> {
        File::create_new(self.tape(id))?.sync_all()?;
        sync_dir(&self.tapes())
    }

    /// Opens the file behind its first `bytes`; whatever followed them was never acknowledged, and goes.
    pub fn open_tape(&self, id: RecordingId, bytes: u64) -> io::Result<Tape> {
        let mut file = OpenOptions::new().write(true).open(self.tape(id))?;
        if file.metadata()?.len() < bytes {
            let reason = "the recording has lost bytes that were on the disk";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
        }
        file.set_len(bytes)?;
        file.seek(SeekFrom::Start(bytes))?;
        Ok(Tape(file))
    }

    /// The first `bytes` as an upload. The recording keeps them too, until it is removed.
    pub fn tape_as_upload(&self, id: RecordingId, bytes: u64) -> io::Result<Uploaded> {
        self.open_tape(id, bytes)?.sync()?;
        let tape = self.tape(id);
        let copy = self.uploads().join(uuid::Uuid::now_v7().to_string());
        let linked = fs::hard_link(&tape, &copy);
        // From here on the copy goes when it is not kept.
        let mut uploaded = Uploaded::new(copy.clone(), bytes, String::new());
        if let Err(error) = linked {
            tracing::debug!(%error, "the disk knows no links, so the recording is copied");
            fs::copy(&tape, &copy)?;
            File::open(&copy)?.sync_all()?;
        }
        uploaded.sha256 = hash(&mut File::open(&copy)?)?;
        Ok(uploaded)
    }

    pub fn remove_tape(&self, id: RecordingId) -> io::Result<()> {
        match fs::remove_file(self.tape(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Removes what is no open recording's: a crash has left it between a row and its file.
    pub fn sweep_tapes(&self, open: &HashSet<String>) -> io::Result<usize> {
        let mut removed = 0;
        for entry in fs::read_dir(self.tapes())? {
            let entry = entry?;
            if !open.contains(&*entry.file_name().to_string_lossy()) {
                fs::remove_file(entry.path())?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

impl Tape {
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    /// Makes sure that it is on the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.0.sync_all()
    }
}

fn hash(file: &mut File) -> io::Result<String> {
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; READ_BYTES]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn what_was_not_acknowledged_is_cut_off_and_what_was_is_never_missed_in_silence() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::make(dir.path()).unwrap();
        let id = RecordingId(uuid::Uuid::now_v7());
        folder.begin_tape(id).unwrap();
        assert!(folder.begin_tape(id).is_err(), "a recording is begun once");
        folder.open_tape(id, 0).unwrap().write(b"abcdef").unwrap();
        folder.open_tape(id, 3).unwrap().write(b"xy").unwrap();
        assert_eq!(fs::read(folder.tape(id)).unwrap(), b"abcxy");
        assert!(folder.open_tape(id, 6).is_err());
        assert_eq!(fs::read(folder.tape(id)).unwrap(), b"abcxy");
    }

    #[test]
    fn a_copy_that_is_not_kept_goes_and_leaves_the_recording() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::make(dir.path()).unwrap();
        let id = RecordingId(uuid::Uuid::now_v7());
        folder.begin_tape(id).unwrap();
        folder.open_tape(id, 0).unwrap().write(b"abcdef").unwrap();
        let uploaded = folder.tape_as_upload(id, 3).unwrap();
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((uploaded.bytes, uploaded.sha256.as_str()), (3, abc));
        drop(uploaded);
        assert_eq!(fs::read_dir(folder.uploads()).unwrap().count(), 0);
        assert_eq!(fs::read(folder.tape(id)).unwrap(), b"abc");
        assert_eq!(folder.sweep_tapes(&HashSet::from([id.to_string()])).unwrap(), 0);
        assert_eq!(folder.sweep_tapes(&HashSet::new()).unwrap(), 1);
        folder.remove_tape(id).unwrap();
    }
}
