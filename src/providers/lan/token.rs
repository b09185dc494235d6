//! The token of the data folder: 32 random bytes, made once, and a new one when its file is removed.

use super::{LanError, private};
use crate::config::Secret;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::path::{Path, PathBuf};

const BYTES: usize = 32;

/// The token of the server that holds the data folder `root`, for commands on the same machine.
pub fn kept(root: &Path) -> Option<Secret> {
    read(&path(&root.join("lan")))
}

pub(super) fn kept_or_new(folder: &Path) -> Result<Secret, LanError> {
    let path = path(folder);
    if let Some(token) = read(&path) {
        return Ok(token);
    }
    let mut bytes = [0; BYTES];
    let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| LanError::Random)?;
    let token = URL_SAFE_NO_PAD.encode(bytes);
    private::write(&path, format!("{token}\n").as_bytes())?;
    Ok(Secret::from(token.as_str()))
}

/// Whatever is no token of ours is none, and is replaced: a short one could be guessed.
fn read(path: &Path) -> Option<Secret> {
    let text = private::read(path)?;
    let token = text.trim_end();
    let whole = URL_SAFE_NO_PAD.decode(token).is_ok_and(|bytes| bytes.len() == BYTES);
    whole.then(|| Secret::from(token))
}

fn path(folder: &Path) -> PathBuf {
    folder.join("token")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use std::fs;

    #[test]
    fn a_token_is_kept_and_a_broken_one_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("lan");
        assert_eq!(kept(dir.path()), None);
        let first = kept_or_new(&folder).unwrap();
        assert_eq!(first.reveal().len(), 43);
        assert_eq!(kept_or_new(&folder).unwrap(), first);
        assert_eq!(kept(dir.path()), Some(first.clone()));
        for broken in ["", "short", &"A".repeat(44), "ä"] {
            fs::write(path(&folder), broken).unwrap();
            assert_eq!(kept(dir.path()), None, "{broken}");
            assert_ne!(kept_or_new(&folder).unwrap(), first, "{broken}");
        }
    }
}
