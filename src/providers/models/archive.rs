//! Takes named members out of zip files; a Python wheel is one.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::error::ModelError;
use super::fingerprint::HashedFile;

/// Whether these first bytes of a file announce a zip file.
pub fn announces(start: [u8; 4]) -> bool {
    start == *b"PK\x03\x04"
}

/// The names of what is inside.
pub fn members(path: &Path) -> Result<Vec<String>, ModelError> {
    let archive = open(path)?;
    let names: Result<Vec<String>, ZipError> =
        archive.file_names().map(|name| name.map(|name| name.into_owned())).collect();
    names.map_err(|source| unreadable(path, source))
}

/// Adds one member to `out`; one that unpacks to more than `most_bytes` is refused.
pub fn extract(
    path: &Path,
    member: &str,
    most_bytes: u64,
    out: &mut HashedFile,
) -> Result<(), ModelError> {
    let mut archive = open(path)?;
    let packed = archive.by_name(member).map_err(|source| unreadable(path, source))?;
    let mut packed = packed.take(most_bytes + 1);
    let mut buffer = vec![0; 1 << 16];
    let mut unpacked = 0;
    loop {
        let read = packed.read(&mut buffer).map_err(|source| broken(path, source))?;
        if read == 0 {
            return Ok(());
        }
        unpacked += read as u64;
        if unpacked > most_bytes {
            let subject = format!("{member} in {}", path.display());
            return Err(ModelError::WrongSize { subject, expected: most_bytes, actual: unpacked });
        }
        out.put(|out| out.write_all(&buffer[..read]))?;
    }
}

fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>, ModelError> {
    let file = File::open(path).map_err(ModelError::file("open", path))?;
    ZipArchive::new(BufReader::new(file)).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: ZipError) -> ModelError {
    ModelError::ReadArchive { path: path.to_path_buf(), source }
}

/// A member that does not unpack is the archive's fault, not the disk's.
fn broken(path: &Path, source: io::Error) -> ModelError {
    unreadable(path, ZipError::Io(source))
}
