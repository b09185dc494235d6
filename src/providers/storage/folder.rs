//! Every path below the data folder, and the moves between them that must survive a power cut.

use crate::domain::ids::JobId;
use crate::failpoint;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The longest extension that is kept; longer ones are no extensions.
const EXTENSION_CHARS: usize = 8;

#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// A part of the data folder that is not there, or that this user may not write to.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct NotWritable {
    path: PathBuf,
    source: io::Error,
}

impl NotWritable {
    /// What a person can do about it.
    pub const ADVICE: &str = "check its owner and permissions, or give another --data-dir";
}

impl Folder {
    /// The folder as it is, whether or not anything is in it.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Makes the folder with what belongs in it, readable by its owner alone.
    pub fn make(root: &Path) -> Result<Self, NotWritable> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            |source| NotWritable { path, source }
        };
        let folder = Self::at(root);
        let own = [folder.recordings(), folder.uploads(), folder.tapes(), folder.aside()];
        for dir in own.iter().chain([&folder.root]) {
            make_private(dir).map_err(failed(dir))?;
        }
        // A folder that was there before may let others in; what SQLite writes beside the file has its mode.
        let file = folder.database();
        let opened = OpenOptions::new().create(true).append(true).mode(0o600).open(&file);
        opened.map_err(failed(&file))?;
        Ok(folder)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A name of its own, given at the first asking: it stays the same wherever the folder is moved.
    pub fn id(&self) -> io::Result<String> {
        let path = self.root.join("folder.id");
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let (id, draft) = (uuid::Uuid::now_v7().to_string(), path.with_extension("part"));
                fs::write(&draft, &id)?;
                File::open(&draft)?.sync_all()?;
                fs::rename(draft, &path)?;
                sync_dir(&self.root)?;
                Ok(id)
            }
            read => read,
        }
    }

    pub fn database(&self) -> PathBuf {
        self.root.join("diarist.db")
    }

    pub fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }

    /// Where recordings are that still grow.
    pub(super) fn tapes(&self) -> PathBuf {
        self.root.join("recordings")
    }

    /// Where recordings without a job wait for whoever misses them.
    fn aside(&self) -> PathBuf {
        self.root.join("lost")
    }

    fn recordings(&self) -> PathBuf {
        self.root.join("audio")
    }

    fn of(&self, job: JobId) -> PathBuf {
        self.recordings().join(job.to_string())
    }

    /// The decoded sound: 16 kHz, mono, signed 16 bit. It can be made again from the recording.
    pub fn sound(&self, job: JobId) -> PathBuf {
        self.of(job).join("sound.s16")
    }

    /// The recording as it was sent.
    pub fn original(&self, job: JobId) -> io::Result<PathBuf> {
        for entry in fs::read_dir(self.of(job))? {
            let path = entry?.path();
            if path.file_stem().is_some_and(|stem| stem == "original") {
                return Ok(path);
            }
        }
        Err(io::Error::new(io::ErrorKind::NotFound, "the recording is not in the data folder"))
    }

    /// Moves a finished upload to its job, durably.
    pub fn keep(&self, upload: &Path, job: JobId, file_name: &str) -> io::Result<PathBuf> {
        let home = self.of(job);
        make_private(&home)?;
        let original = home.join(original_name(file_name));
        failpoint::pass("keep.before");
        fs::rename(upload, &original)?;
        sync_dir(&home)?;
        sync_dir(&self.recordings())?;
        failpoint::pass("keep.after");
        Ok(original)
    }

    /// The jobs that have a folder for their recording.
    pub fn homes(&self) -> io::Result<Vec<JobId>> {
        let entries = fs::read_dir(self.recordings())?;
        let names = entries.map(|entry| entry.map(|it| it.file_name().into_string()));
        let names: Vec<_> = names.collect::<io::Result<_>>()?;
        Ok(names.into_iter().flatten().filter_map(|name| name.parse().ok()).collect())
    }

    /// Puts a recording whose job is unknown out of the way, durably; says where to, if there was a recording.
    pub fn set_aside(&self, job: JobId) -> io::Result<Option<PathBuf>> {
        let (home, to) = (self.of(job), self.aside().join(job.to_string()));
        if fs::remove_dir(&home).is_ok() {
            return Ok(None);
        }
        fs::rename(&home, &to)?;
        sync_dir(&self.aside())?;
        sync_dir(&self.recordings())?;
        Ok(Some(to))
    }

    /// Removes what was set aside and is old enough; says how many recordings that were.
    pub fn purge_aside(&self, is_old: impl Fn(SystemTime) -> bool) -> io::Result<usize> {
        let mut purged = 0;
        for entry in fs::read_dir(self.aside())? {
            let entry = entry?;
            if is_old(entry.metadata()?.modified()?) {
                fs::remove_dir_all(entry.path())?;
                purged += 1;
            }
        }
        Ok(purged)
    }

    /// Takes back a recording whose job could not be written down; its sender is told so.
    pub fn take_back(&self, job: JobId) -> io::Result<()> {
        fs::remove_dir_all(self.of(job))
    }

    /// Removes everything of a job that is no more.
    pub fn remove(&self, job: JobId) -> io::Result<()> {
        match fs::remove_dir_all(self.of(job)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Removes the decoded sound of a job that needs it no more.
    pub fn forget_sound(&self, job: JobId) -> io::Result<()> {
        match fs::remove_file(self.sound(job)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => {
                failpoint::pass("sound.forgotten");
                other
            }
        }
    }

    /// Removes uploads that an earlier run left half done: their senders were never told that they were taken.
    pub fn clear_uploads(&self) -> io::Result<usize> {
        let mut cleared = 0;
        for entry in fs::read_dir(self.uploads())? {
            fs::remove_file(entry?.path())?;
            cleared += 1;
        }
        Ok(cleared)
    }
}

/// Keeps the extension for people who look into the folder; nothing else of the sender's name.
fn original_name(file_name: &str) -> String {
    let extension = Path::new(file_name).extension().and_then(|extension| extension.to_str());
    let plain = |text: &&str| {
        !text.is_empty()
            && text.len() <= EXTENSION_CHARS
            && text.chars().all(|c| c.is_ascii_alphanumeric())
    };
    match extension.filter(plain) {
        Some(extension) => format!("original.{}", extension.to_ascii_lowercase()),
        None => "original".to_owned(),
    }
}

fn make_private(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

pub(super) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_database_in_somebody_elses_folder_is_still_read_by_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let folder = Folder::make(dir.path()).unwrap();
        let mode = fs::metadata(folder.database()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_recording_without_a_job_is_set_aside_and_goes_when_it_is_old() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::make(dir.path()).unwrap();
        let [full, empty] = [1, 2].map(|n| JobId(uuid::Uuid::from_u128(n)));
        fs::create_dir(folder.of(empty)).unwrap();
        let upload = folder.uploads().join("upload");
        fs::write(&upload, "sound").unwrap();
        folder.keep(&upload, full, "memo.wav").unwrap();
        fs::create_dir(folder.recordings().join("a persons own")).unwrap();
        let mut homes = folder.homes().unwrap();
        homes.sort();
        assert_eq!(homes, [full, empty]);
        assert_eq!(folder.set_aside(empty).unwrap(), None);
        let aside = folder.set_aside(full).unwrap().unwrap();
        assert_eq!(fs::read(aside.join("original.wav")).unwrap(), b"sound");
        assert!(folder.homes().unwrap().is_empty());
        assert_eq!(folder.purge_aside(|_| false).unwrap(), 0);
        assert_eq!(folder.purge_aside(|_| true).unwrap(), 1);
        assert!(!aside.exists());
    }

    #[test]
    fn a_senders_name_never_leaves_the_folder() {
        for (name, kept) in [
            ("memo.M4A", "original.m4a"),
            ("../../etc/passwd", "original"),
            ("a.b/c", "original"),
            ("x.tar gz", "original"),
            ("memo.", "original"),
            ("memo.averylongextension", "original"),
        ] {
            assert_eq!(original_name(name), kept, "{name}");
        }
    }
}
