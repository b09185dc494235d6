//! One node owns a data folder at a time: a lock that ends with its process, and a word on who holds it.

use crate::clock;
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who holds the folder, and where it can be spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub node: String,
    pub pid: u32,
    pub url: String,
    /// SHA-256 of the certificate that it shows, if it speaks TLS; then it wants the token of the folder as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// A server, which may come back when it has gone; the node of a command ends with it.
    #[serde(default)]
    pub is_server: bool,
}

/// How long a lock may outlive its process: a child that was just being started holds a copy of it until it runs.
const LINGERS: Duration = Duration::from_secs(2);
const BETWEEN: Duration = Duration::from_millis(10);

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
        let file = hold(&root.join("node.lock"))?;
        let card = card(root);
        let _ = fs::remove_file(&card);
        Ok(Self { _file: file, card })
    }

    /// The same, with patience where the holder that the folder names is dead already.
    pub async fn take_over(root: &Path) -> Result<Self, LockError> {
        let until = clock::tick() + LINGERS;
        loop {
            match Self::take(root) {
                Err(LockError::Held) if clock::tick() < until && holder_is_dead(root) => {
                    tokio::time::sleep(BETWEEN).await;
                }
                outcome => return outcome,
            }
        }
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

/// Locks a file of any name until it is dropped, or its process ends.
pub fn hold(path: &Path) -> Result<File, LockError> {
    let failed = |source| LockError::Io { path: path.to_owned(), source };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LockError::Held),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The same, with patience: where nobody says who holds it, it may be a process that was just killed.
pub async fn hold_soon(path: &Path) -> Result<File, LockError> {
    let until = clock::tick() + LINGERS;
    loop {
        match hold(path) {
            Err(LockError::Held) if clock::tick() < until => tokio::time::sleep(BETWEEN).await,
            outcome => return outcome,
        }
    }
}

fn holder_is_dead(root: &Path) -> bool {
    let pid = Lock::holder(root).and_then(|holder| i32::try_from(holder.pid).ok());
    let pid = pid.and_then(Pid::from_raw);
    pid.is_some_and(|pid| test_kill_process(pid) == Err(Errno::SRCH))
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
        let holder = Holder { node, pid: 1, url, certificate: None, is_server: true };
        lock.announce(&holder).unwrap();
        assert_eq!(Lock::holder(dir.path()), Some(holder));
        drop(lock);
        assert_eq!(Lock::holder(dir.path()), None);
        assert!(Lock::take(dir.path()).is_ok());
    }

    #[tokio::test]
    async fn a_lock_that_outlives_its_process_for_a_moment_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("watch.lock");
        let held = hold(&path).unwrap();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let left = Lock::take(dir.path()).unwrap();
        let (node, url) = ("n".to_owned(), "http://127.0.0.1:1".to_owned());
        let dead = Holder { node, pid: child.id(), url, certificate: None, is_server: true };
        left.announce(&dead).unwrap();
        let mut waiting = Box::pin(hold_soon(&path));
        assert!(futures::poll!(&mut waiting).is_pending());
        let mut taking = Box::pin(Lock::take_over(dir.path()));
        assert!(futures::poll!(&mut taking).is_pending());
        left.announce(&Holder { pid: std::process::id(), ..dead }).unwrap();
        assert!(matches!(taking.await, Err(LockError::Held)), "its holder lives");
        drop(held);
        assert!(waiting.await.is_ok());
    }
}
