//! Installs a model from the disk: a ggml file, a CTranslate2 folder, or a zip of either.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::archive;
use super::convert;
use super::ct2;
use super::error::ModelError;
use super::fingerprint::HashedFile;
use super::ggml;
use super::library::{Installed, Library, Lock, check_name};
use super::quantization::Quantize;
use super::vocabulary;

/// No Whisper model comes near it; an archive that unpacks to more is a trap.
const LARGEST_MODEL_BYTES: u64 = 16 << 30;

/// Installs what `source` holds as `name`; an older model of that name is replaced.
pub fn import(
    library: &Library,
    source: &Path,
    name: &str,
    quantize: Quantize,
) -> Result<Installed, ModelError> {
    check_name(name)?;
    let lock = library.lock()?;
    let label = source.display().to_string();
    let installed = install(library, &lock, source, name, quantize, &label);
    library.clear_work(name)?;
    installed
}

/// The same for someone who has the lock already and knows where the file came from.
pub(super) fn install(
    library: &Library,
    lock: &Lock,
    source: &Path,
    name: &str,
    quantize: Quantize,
    label: &str,
) -> Result<Installed, ModelError> {
    let form = match Form::of(source)? {
        Form::Archive(path) => Form::of(&unpack(&path, &library.work(name)?)?)?,
        form => form,
    };
    library.install(lock, name, label, |out| match form {
        Form::Ggml(path) => convert::from_ggml(&path, quantize, out),
        Form::Ct2(dir) => convert::from_ct2(&dir.join("model.bin"), &dir, quantize, out),
        Form::Archive(path) => Err(not_a_model(&path, "it is an archive in an archive")),
    })
}

enum Form {
    Ggml(PathBuf),
    /// The folder around `model.bin`.
    Ct2(PathBuf),
    Archive(PathBuf),
}

impl Form {
    /// Looks at the first bytes; names and endings say nothing.
    fn of(source: &Path) -> Result<Self, ModelError> {
        let path = if source.is_dir() { source.join("model.bin") } else { source.to_path_buf() };
        let mut start = [0; 4];
        let file = File::open(&path).map_err(ModelError::file("open", &path))?;
        let read = file.take(4).read(&mut start).map_err(ModelError::file("read", &path))?;
        if read < 4 {
            return Err(not_a_model(&path, "it is empty"));
        }
        if ggml::announces(start) {
            return Ok(Self::Ggml(path));
        }
        if archive::announces(start) {
            return Ok(Self::Archive(path));
        }
        if ct2::announces(start) && path.file_name().is_some_and(|name| name == "model.bin") {
            let dir = path.parent().map(Path::to_path_buf).unwrap_or_default();
            return Ok(Self::Ct2(dir));
        }
        let known = "it is no ggml file, no CTranslate2 folder and no zip file of one";
        Err(not_a_model(&path, known))
    }
}

/// Takes the model and its vocabulary out of an archive; returns what to import instead.
fn unpack(path: &Path, work: &Path) -> Result<PathBuf, ModelError> {
    let members = archive::members(path)?;
    let mut models = members.iter().filter(|member| {
        let name = file_name(member);
        name == "model.bin" || (name.starts_with("ggml") && name.ends_with(".bin"))
    });
    let Some(model) = models.next() else {
        return Err(not_a_model(path, "there is no model.bin in it"));
    };
    if models.next().is_some() {
        return Err(not_a_model(path, "there is more than one model in it"));
    }
    let dir = work.join("unpacked");
    fs::create_dir_all(&dir).map_err(ModelError::file("create", &dir))?;
    let folder = &model[..model.len() - file_name(model).len()];
    let mut wanted = vec![(model.clone(), "model.bin", LARGEST_MODEL_BYTES)];
    for file in vocabulary::FILES {
        let member = format!("{folder}{file}");
        if members.contains(&member) {
            wanted.push((member, file, vocabulary::LARGEST_FILE_BYTES));
        }
    }
    for (member, file, most_bytes) in wanted {
        let mut out = HashedFile::create(&dir.join(file))?;
        archive::extract(path, &member, most_bytes, &mut out)?;
        out.finish()?;
    }
    Ok(dir)
}

fn file_name(member: &str) -> &str {
    member.rsplit('/').next().unwrap_or(member)
}

fn not_a_model(path: &Path, reason: &str) -> ModelError {
    ModelError::NotAModel { path: path.to_path_buf(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests;
