//! Whether the disk below the data folder has room for what is about to be written, and some to spare.

use super::folder::Folder;
use super::upload::UploadError;
use std::io;
use std::path::Path;

impl Folder {
    /// Refuses to write `bytes` that would leave less than `reserve` on the disk.
    ///
    /// A disk that cannot be asked is written to: its own errors tell when it is full.
    pub fn has_room(&self, bytes: u64, reserve: u64) -> Result<(), UploadError> {
        match free_bytes(self.root()) {
            Ok(free) => leaves(free, bytes, reserve),
            Err(error) => {
                tracing::debug!(%error, "cannot ask the disk for its room");
                Ok(())
            }
        }
    }
}

/// What an owner of no privileges may still write on the disk of this folder.
pub fn free_bytes(dir: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(dir)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn leaves(free: u64, bytes: u64, reserve: u64) -> Result<(), UploadError> {
    let needed = bytes.saturating_add(reserve);
    if free < needed { Err(UploadError::NoRoom { needed, free }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn what_leaves_exactly_the_reserve_has_room_and_a_byte_more_has_none() {
        assert!(leaves(1_000, 600, 400).is_ok());
        let refused = leaves(1_000, 601, 400);
        assert!(matches!(refused, Err(UploadError::NoRoom { needed: 1_001, free: 1_000 })));
        assert!(leaves(u64::MAX - 1, u64::MAX, u64::MAX).is_err());
    }

    #[test]
    fn the_disk_of_a_folder_can_be_asked() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::make(dir.path()).unwrap();
        assert!(free_bytes(dir.path()).unwrap() > 0);
        assert!(folder.has_room(0, 0).is_ok());
        assert!(folder.has_room(0, u64::MAX).is_err());
    }
}
