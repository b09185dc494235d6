//! What has been done, by content: a journal in the data folder that outlives any end of its process.
//!
//! Each line says one thing, and what decides about doubled work is on the disk before the work goes on. The journal
//! is read once at the start and written anew without what is out of date; a line that a crash cut off is left out.

use super::scan::{Found, Stamp};
use crate::domain::ids::JobId;
use crate::providers::storage::{LockError, hold_soon};
use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub struct Memory {
    journal: RefCell<File>,
    files: RefCell<HashMap<PathBuf, (Stamp, String)>>,
    contents: RefCell<BTreeMap<String, Content>>,
    claimed: RefCell<HashSet<String>>,
    _lock: File,
}

/// What is known of one content.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// What it was, or is to be, sent with. The same again finds the same job.
    pub sent: Option<Sent>,
    pub job: Option<JobId>,
    /// The file that its note is, or is to be, written to.
    pub note: Option<PathBuf>,
    pub end: Option<End>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// Where it was found, for people.
    pub source: String,
    pub file_name: String,
    pub last_modified: Option<DateTime<FixedOffset>>,
    pub recorded_at: Option<DateTime<FixedOffset>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Done,
    Failed(String),
}

/// A line of the journal.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    /// This version of a file has this content: it need not be read again to know.
    File { path: PathBuf, stamp: Stamp, sha256: String },
    /// All that is known of a content; it takes the place of what was known before.
    Content { sha256: String, known: Content },
}

#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    #[error("another `diarist watch` uses this data folder")]
    Held,
    #[error("cannot {doing} {}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

/// A content that is being taken: its twins wait until the claim is dropped.
pub struct Claim<'a> {
    memory: &'a Memory,
    sha256: String,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.memory.claimed.borrow_mut().remove(&self.sha256);
    }
}

impl Memory {
    pub async fn open(data_dir: &Path) -> Result<Self, MemoryError> {
        let lock = hold_soon(&data_dir.join("watch.lock")).await.map_err(|error| match error {
            LockError::Held => MemoryError::Held,
            LockError::Io { path, source } => MemoryError::Io { doing: "lock", path, source },
        })?;
        let path = data_dir.join("watch.jsonl");
        let failed = |doing| {
            let path = path.clone();
            move |source| MemoryError::Io { doing, path, source }
        };
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other.map_err(failed("read"))?,
        };
        let (mut files, mut contents) = (HashMap::new(), BTreeMap::new());
        for line in text.split(|byte| *byte == b'\n') {
            match serde_json::from_slice(line) {
                Ok(Line::File { path, stamp, sha256 }) => drop(files.insert(path, (stamp, sha256))),
                Ok(Line::Content { sha256, known }) => drop(contents.insert(sha256, known)),
                // The end of a line that a crash cut off; it was never relied on.
                Err(_) => {}
            }
        }
        files.retain(|path, _| path.exists());
        let journal = rewrite(&path, &files, &contents).map_err(failed("write"))?;
        Ok(Self {
            journal: RefCell::new(journal),
            files: RefCell::new(files),
            contents: RefCell::new(contents),
            claimed: RefCell::default(),
            _lock: lock,
        })
    }

    /// The content of this version of a file, if it has been read before.
    pub fn content_of(&self, found: &Found) -> Option<String> {
        let files = self.files.borrow();
        let (stamp, sha256) = files.get(&found.path)?;
        (*stamp == found.stamp).then(|| sha256.clone())
    }

    pub fn known(&self, sha256: &str) -> Content {
        self.contents.borrow().get(sha256).cloned().unwrap_or_default()
    }

    /// The contents whose job has begun and whose end is not written down.
    pub fn begun(&self) -> Vec<String> {
        let contents = self.contents.borrow();
        let open = contents.iter().filter(|(_, known)| known.job.is_some() && known.end.is_none());
        open.map(|(sha256, _)| sha256.clone()).collect()
    }

    /// The right to take a content, unless somebody has it.
    pub fn claim(&self, sha256: &str) -> Option<Claim<'_>> {
        let is_free = self.claimed.borrow_mut().insert(sha256.to_owned());
        is_free.then(|| Claim { memory: self, sha256: sha256.to_owned() })
    }

    /// Whether a file is, or is to be, the note of another content.
    pub fn is_taken(&self, note: &Path, by_other_than: &str) -> bool {
        let contents = self.contents.borrow();
        contents
            .iter()
            .any(|(sha, known)| sha != by_other_than && known.note.as_deref() == Some(note))
    }

    /// Remembers what a file holds. A path that is no text is read again at the next start.
    pub fn remember_file(&self, found: &Found, sha256: &str) -> io::Result<()> {
        let known = (found.stamp, sha256.to_owned());
        self.files.borrow_mut().insert(found.path.clone(), known);
        if found.path.to_str().is_none() {
            return Ok(());
        }
        let (path, stamp, sha256) = (found.path.clone(), found.stamp, sha256.to_owned());
        write_line(&mut *self.journal.borrow_mut(), &Line::File { path, stamp, sha256 })
    }

    /// Remembers, on the disk, all that is known of a content.
    pub fn remember(&self, sha256: &str, known: &Content) -> io::Result<()> {
        let line = Line::Content { sha256: sha256.to_owned(), known: known.clone() };
        let mut journal = self.journal.borrow_mut();
        write_line(&mut *journal, &line)?;
        journal.sync_data()?;
        self.contents.borrow_mut().insert(sha256.to_owned(), known.clone());
        Ok(())
    }
}

/// Writes the journal anew, and gives it back for what is to come.
fn rewrite(
    path: &Path,
    files: &HashMap<PathBuf, (Stamp, String)>,
    contents: &BTreeMap<String, Content>,
) -> io::Result<File> {
    let draft = path.with_extension("part");
    let mut out = File::create(&draft)?;
    let mut text = Vec::new();
    for (path, (stamp, sha256)) in files {
        let (path, stamp, sha256) = (path.clone(), *stamp, sha256.clone());
        write_line(&mut text, &Line::File { path, stamp, sha256 })?;
    }
    for (sha256, known) in contents {
        let line = Line::Content { sha256: sha256.clone(), known: known.clone() };
        write_line(&mut text, &line)?;
    }
    out.write_all(&text)?;
    out.sync_all()?;
    fs::rename(&draft, path)?;
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(out)
}

/// One line in one write, so that a crash cuts off at most the last one.
fn write_line(out: &mut impl Write, line: &Line) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    out.write_all(&text)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn found(path: &Path) -> Found {
        Found { path: path.to_owned(), stamp: Stamp::now(path).unwrap() }
    }

    #[tokio::test]
    async fn what_was_remembered_is_known_after_any_end_and_a_cut_line_costs_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let recording = dir.path().join("memo.wav");
        fs::write(&recording, "sound").unwrap();
        let memory = Memory::open(dir.path()).await.unwrap();
        assert!(matches!(Memory::open(dir.path()).await, Err(MemoryError::Held)));
        memory.remember_file(&found(&recording), "aa").unwrap();
        let begun = Content { job: Some(JobId(uuid::Uuid::nil())), ..Content::default() };
        memory.remember("aa", &begun).unwrap();
        let failed = Content { end: Some(End::Failed("no sound".into())), ..Content::default() };
        memory.remember("bb", &failed).unwrap();
        drop(memory);
        let path = dir.path().join("watch.jsonl");
        let mut text = fs::read(&path).unwrap();
        text.extend(br#"{"content":{"sha256":"cc","kno"#);
        fs::write(&path, text).unwrap();
        let memory = Memory::open(dir.path()).await.unwrap();
        assert_eq!(memory.content_of(&found(&recording)).as_deref(), Some("aa"));
        assert_eq!(memory.known("aa"), begun);
        assert_eq!(memory.known("bb"), failed);
        assert_eq!(memory.begun(), ["aa"]);
        memory.remember("aa", &Content { end: Some(End::Done), ..begun }).unwrap();
        drop(memory);
        fs::write(&recording, "other sound").unwrap();
        let memory = Memory::open(dir.path()).await.unwrap();
        assert_eq!(memory.content_of(&found(&recording)), None, "it has changed");
        assert!(memory.begun().is_empty());
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
    }

    #[tokio::test]
    async fn a_content_is_taken_by_one_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let memory = Memory::open(dir.path()).await.unwrap();
        let claim = memory.claim("aa").unwrap();
        assert!(memory.claim("aa").is_none() && memory.claim("bb").is_some());
        drop(claim);
        assert!(memory.claim("aa").is_some());
    }
}
