//! One node owns a data folder at a time: a lock that ends with its process, and a word on who holds it.

use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// Who holds the folder, and where it can be spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub node: String,
    pub pid: u32,
    pub url: String,
    /// SHA-256 of the certificate that it shows, if it speaks TLS; then it wants the token of the folder as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("the data folder is in use by another process")]
    Held,
    #[error("cannot lock {}", path.display())]
    Io { path: PathBuf, source: io::Error },
}

/// The held lock. The operating system gives it back when the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    card: PathBuf,
}

impl Lock {
    pub fn take(root: &Path) -> Result<Self, LockError> {
        let path = root.join("node.lock");
        let failed = |source| LockError::Io { path: path.clone(), source };
        let options = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = options.map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let card = card(root);
        let _ = fs::remove_file(&card);
        Ok(Self { _file: file, card })
    }

    /// Says where the holder can be spoken to, once it listens.
    pub fn announce(&self, holder: &Holder) -> io::Result<()> {
        let draft = self.card.with_extension("part");
        fs::write(&draft, serde_json::to_vec(holder)?)?;
        fs::rename(draft, &self.card)
    }

    /// What the holder of a folder has announced; it may be gone by now.
    pub fn holder(root: &Path) -> Option<Holder> {
        serde_json::from_slice(&fs::read(card(root)).ok()?).ok()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.card);
    }
}

fn card(root: &Path) -> PathBuf {
    root.join("node.json")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_folder_has_one_holder_who_says_where_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let lock = Lock::take(dir.path()).unwrap();
        assert!(matches!(Lock::take(dir.path()), Err(LockError::Held)));
        let (node, url) = ("n".to_owned(), "http://127.0.0.1:1".to_owned());
        let holder = Holder { node, pid: 1, url, certificate: None };
        lock.announce(&holder).unwrap();
        assert_eq!(Lock::holder(dir.path()), Some(holder));
        drop(lock);
        assert_eq!(Lock::holder(dir.path()), None);
        assert!(Lock::take(dir.path()).is_ok());
    }
}
