//! The folder of installed models: a model is there when its manifest is, and not before.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::convert::Converted;
use super::error::ModelError;
use super::fingerprint::{self, HashedFile};
use super::quantization::Quantization;

#[derive(Debug, Clone)]
pub struct Library {
    dir: PathBuf,
}

/// A model that can be loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Installed {
    pub name: String,
    pub path: PathBuf,
    pub sha256: String,
    pub bytes: u64,
    pub quantization: Quantization,
    pub multilingual: bool,
    /// Where it came from, in words.
    pub source: String,
}

/// What stands in `NAME.json`: everything but the place, so that the folder may be moved.
#[derive(Serialize, Deserialize)]
struct Manifest {
    name: String,
    sha256: String,
    bytes: u64,
    quantization: Quantization,
    multilingual: bool,
    source: String,
}

/// While it lives, no other process changes the library.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Library {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Finds a model; none if it is not installed, or only in part.
    pub fn installed(&self, name: &str) -> Result<Option<Installed>, ModelError> {
        check_name(name)?;
        let (path, manifest_path) = (self.model_path(name), self.manifest_path(name));
        let text = match fs::read(&manifest_path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ModelError::file("read", &manifest_path)(error)),
        };
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|source| ModelError::ReadManifest { path: manifest_path, source })?;
        match fs::metadata(&path) {
            Ok(file) if file.len() == manifest.bytes => Ok(Some(manifest.at(path))),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ModelError::file("inspect", &path)(error)),
        }
    }

    /// All installed models by name. A broken manifest hides its own model only.
    pub fn list(&self) -> Result<Vec<Installed>, ModelError> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ModelError::file("list", &self.dir)(error)),
        };
        let mut models = Vec::new();
        for entry in entries {
            let file = entry.map_err(ModelError::file("list", &self.dir))?.file_name();
            let Some(name) = file.to_str().and_then(|file| file.strip_suffix(".json")) else {
                continue;
            };
            if check_name(name).is_err() {
                continue;
            }
            match self.installed(name) {
                Ok(model) => models.extend(model),
                Err(error) => tracing::warn!(name, %error, "a model is left out of the list"),
            }
        }
        models.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(models)
    }

    /// When a model came here, in seconds of Unix time; 0 where its file does not say.
    pub fn since(&self, model: &Installed) -> u64 {
        let modified = fs::metadata(&model.path).and_then(|file| file.modified()).ok();
        let since = modified.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        since.map_or(0, |since| since.as_secs())
    }

    /// Reads the whole file again and compares it with its manifest.
    pub fn verify(&self, model: &Installed) -> Result<(), ModelError> {
        fingerprint::check(&model.path, &model.name, &model.sha256)
    }

    /// Takes a model out; says whether there was one.
    pub fn remove(&self, name: &str) -> Result<bool, ModelError> {
        check_name(name)?;
        let _lock = self.lock()?;
        let had_manifest = remove_file(&self.manifest_path(name))?;
        let had_model = remove_file(&self.model_path(name))?;
        self.clear_work(name)?;
        Ok(had_manifest || had_model)
    }

    /// Waits for its turn to change the library.
    pub(super) fn lock(&self) -> Result<Lock, ModelError> {
        let (file, path) = self.lock_file()?;
        file.lock().map_err(ModelError::file("lock", &path))?;
        Ok(Lock { _file: file })
    }

    /// Takes the turn if it is free.
    pub(super) fn try_lock(&self) -> Result<Option<Lock>, ModelError> {
        let (file, path) = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(ModelError::file("lock", &path)(error)),
        }
    }

    /// Puts in what `write` writes. Until the last step the model counts as not installed.
    pub(super) fn install(
        &self,
        _lock: &Lock,
        name: &str,
        source: &str,
        write: impl FnOnce(&mut HashedFile) -> Result<Converted, ModelError>,
    ) -> Result<Installed, ModelError> {
        check_name(name)?;
        let (path, part) = (self.model_path(name), self.dir.join(format!("{name}.bin.part")));
        let mut file = HashedFile::create(&part)?;
        let converted = match write(&mut file) {
            Ok(converted) => converted,
            Err(error) => {
                remove_file(&part)?;
                return Err(error);
            }
        };
        let (sha256, bytes) = file.finish()?;
        // An older manifest must not vouch for the new file, not even for a moment.
        remove_file(&self.manifest_path(name))?;
        self.rename(&part, &path)?;
        let manifest = Manifest {
            name: name.to_owned(),
            sha256,
            bytes,
            quantization: converted.quantization,
            multilingual: converted.multilingual,
            source: source.to_owned(),
        };
        self.write_manifest(&manifest)?;
        Ok(manifest.at(path))
    }

    /// A folder for what is needed only until the model is installed.
    pub(super) fn work(&self, name: &str) -> Result<PathBuf, ModelError> {
        check_name(name)?;
        let dir = self.dir.join(".download").join(name);
        fs::create_dir_all(&dir).map_err(ModelError::file("create", &dir))?;
        Ok(dir)
    }

    pub(super) fn clear_work(&self, name: &str) -> Result<(), ModelError> {
        let dir = self.dir.join(".download").join(name);
        match fs::remove_dir_all(&dir) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(ModelError::file("remove", &dir)(error))
            }
            _ => Ok(()),
        }
    }

    fn write_manifest(&self, manifest: &Manifest) -> Result<(), ModelError> {
        let path = self.manifest_path(&manifest.name);
        let part = self.dir.join(format!("{}.json.part", manifest.name));
        let text = serde_json::to_vec_pretty(manifest)
            .map_err(|source| ModelError::ReadManifest { path: path.clone(), source })?;
        let mut file = HashedFile::create(&part)?;
        file.put(|out| out.write_all(&text))?;
        file.finish()?;
        self.rename(&part, &path)
    }

    /// Renames and makes the new name durable.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), ModelError> {
        fs::rename(from, to).map_err(ModelError::file("move into place", to))?;
        let dir = File::open(&self.dir).and_then(|dir| dir.sync_all());
        dir.map_err(ModelError::file("write", &self.dir))
    }

    fn lock_file(&self) -> Result<(File, PathBuf), ModelError> {
        fs::create_dir_all(&self.dir).map_err(ModelError::file("create", &self.dir))?;
        let path = self.dir.join(".lock");
        let file = File::create(&path).map_err(ModelError::file("open", &path))?;
        Ok((file, path))
    }

    fn model_path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.bin"))
    }

    fn manifest_path(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.json"))
    }
}

impl Manifest {
    fn at(self, path: PathBuf) -> Installed {
        let Self { name, sha256, bytes, quantization, multilingual, source } = self;
        Installed { name, path, sha256, bytes, quantization, multilingual, source }
    }
}

/// A name becomes a file name, so it must not lead anywhere else.
pub(super) fn check_name(name: &str) -> Result<(), ModelError> {
    let fine = name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if fine { Ok(()) } else { Err(ModelError::BadName { name: name.to_owned() }) }
}

fn remove_file(path: &Path) -> Result<bool, ModelError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(ModelError::file("remove", path)(error)),
    }
}

#[cfg(test)]
mod tests;
