//! An upload under way: written to disk as it comes, hashed on the way, gone when it is not finished.

use super::folder::Folder;
use crate::domain::digest::hex;
use crate::domain::job::AudioFacts;
use sha2::{Digest, Sha256};
use std::io;
use std::path::{Path, PathBuf};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

/// How much is written between two looks at the disk.
const LOOK_EVERY_BYTES: u64 = 4 << 20;

/// A file that is being received. Dropping it before it is kept removes it.
pub struct Upload {
    folder: Folder,
    path: PathBuf,
    file: File,
    hash: Sha256,
    bytes: u64,
    limit: u64,
    reserve: u64,
    /// How many bytes have been written when the disk is looked at again.
    look_at: u64,
}

/// A received file, on disk and complete. Dropping it removes it, unless it was moved away.
pub struct Uploaded {
    path: Discard,
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error("the upload is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    #[error("the disk has {free} bytes left, and {needed} are needed")]
    NoRoom { needed: u64, free: u64 },
    #[error("cannot write the upload to the data folder")]
    Write { source: io::Error },
}

struct Discard(PathBuf);

impl Drop for Discard {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Upload {
    /// Begins a file of at most `limit` bytes that leaves `reserve` bytes on the disk.
    pub async fn begin(folder: &Folder, limit: u64, reserve: u64) -> Result<Self, UploadError> {
        folder.has_room(0, reserve)?;
        let path = folder.uploads().join(uuid::Uuid::now_v7().to_string());
        let file = File::create_new(&path).await.map_err(|source| UploadError::Write { source })?;
        let (folder, hash) = (folder.clone(), Sha256::new());
        Ok(Self { folder, path, file, hash, bytes: 0, limit, reserve, look_at: LOOK_EVERY_BYTES })
    }

    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), UploadError> {
        self.bytes += chunk.len() as u64;
        if self.bytes > self.limit {
            return Err(UploadError::TooLarge { limit: self.limit });
        }
        if self.bytes >= self.look_at {
            self.folder.has_room(chunk.len() as u64, self.reserve)?;
            self.look_at = self.bytes + LOOK_EVERY_BYTES;
        }
        self.hash.update(chunk);
        self.file.write_all(chunk).await.map_err(|source| UploadError::Write { source })
    }

    /// Makes sure that it is on the disk.
    pub async fn finish(mut self) -> Result<Uploaded, UploadError> {
        let write = |source| UploadError::Write { source };
        self.file.flush().await.map_err(write)?;
        self.file.sync_all().await.map_err(write)?;
        let sha256 = hex(&std::mem::take(&mut self.hash).finalize());
        Ok(Uploaded::new(std::mem::take(&mut self.path), self.bytes, sha256))
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if !self.path.as_os_str().is_empty() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Uploaded {
    pub(super) fn new(path: PathBuf, bytes: u64, sha256: String) -> Self {
        Self { path: Discard(path), bytes, sha256 }
    }

    /// A recording that is here already, as another upload of it: a second name for the same bytes where the disk
    /// allows that, else a copy.
    pub async fn again(
        folder: &Folder,
        original: &Path,
        facts: &AudioFacts,
        reserve: u64,
    ) -> Result<Self, UploadError> {
        let write = |source| UploadError::Write { source };
        let path = folder.uploads().join(uuid::Uuid::now_v7().to_string());
        let upload = Self { path: Discard(path), bytes: facts.bytes, sha256: facts.sha256.clone() };
        if tokio::fs::hard_link(original, upload.path()).await.is_err() {
            folder.has_room(facts.bytes, reserve)?;
            tokio::fs::copy(original, upload.path()).await.map_err(write)?;
            let copy = File::open(upload.path()).await.map_err(write)?;
            copy.sync_all().await.map_err(write)?;
        }
        Ok(upload)
    }

    pub fn path(&self) -> &Path {
        &self.path.0
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[tokio::test]
    async fn an_upload_is_hashed_limited_at_its_edge_and_gone_when_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::make(dir.path()).unwrap();
        let mut upload = Upload::begin(&folder, 3, 0).await.unwrap();
        upload.write(b"abc").await.unwrap();
        let uploaded = upload.finish().await.unwrap();
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((uploaded.bytes, uploaded.sha256.as_str()), (3, abc));
        drop(uploaded);
        let mut upload = Upload::begin(&folder, 3, 0).await.unwrap();
        let refused = upload.write(b"abcd").await;
        assert!(matches!(refused, Err(UploadError::TooLarge { limit: 3 })));
        drop(upload);
        assert_eq!(std::fs::read_dir(folder.uploads()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_full_disk_is_seen_before_the_first_byte_and_again_while_writing() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::make(dir.path()).unwrap();
        let refused = Upload::begin(&folder, u64::MAX, u64::MAX).await;
        assert!(matches!(refused, Err(UploadError::NoRoom { .. })));
        let mut upload = Upload::begin(&folder, u64::MAX, 0).await.unwrap();
        // What the disk had when it was begun is gone by now.
        upload.reserve = u64::MAX;
        upload.write(&vec![0; LOOK_EVERY_BYTES as usize - 1]).await.unwrap();
        let refused = upload.write(b"!").await;
        assert!(matches!(refused, Err(UploadError::NoRoom { .. })));
        drop(upload);
        assert_eq!(std::fs::read_dir(folder.uploads()).unwrap().count(), 0);
    }
}
