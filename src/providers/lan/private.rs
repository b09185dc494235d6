//! Files that only their owner may read, written whole or not at all.

use super::LanError;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

const OWNER_ONLY: u32 = 0o600;

pub fn write(path: &Path, bytes: &[u8]) -> Result<(), LanError> {
    let draft = path.with_extension("part");
    let written = || -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        match fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        // A file that is there already would keep the mode that it has.
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(folder)?.sync_all()
    };
    written().map_err(|source| LanError::Write { path: path.to_owned(), source })
}

/// Reads a secret file, and takes it back from everybody else should its mode have been widened.
pub fn read(path: &Path) -> Option<String> {
    let open_to_others =
        fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0);
    if open_to_others {
        tracing::warn!(path = %path.display(), "others could read this secret; its mode is 0600 again");
        // Where this fails the file is not ours, and reading it tells.
        let _ = fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY));
    }
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_secret_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lan/token");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert_eq!(read(&path).as_deref(), Some("two"));
        assert_eq!(mode(&path), 0o600);
        assert_eq!(read(&dir.path().join("nothing")), None);
    }
}
