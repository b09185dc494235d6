//! Where things are by the XDG Base Directory Specification, and what else the environment says.

#![expect(clippy::disallowed_methods, reason = "this room reads the environment")]

use super::secret::Secret;
use std::ffi::OsString;
use std::path::PathBuf;

/// `$XDG_DATA_HOME/diarist`.
pub fn default_data_dir() -> PathBuf {
    xdg("XDG_DATA_HOME", ".local/share").join("diarist")
}

/// `$XDG_CACHE_HOME/diarist/models`.
pub fn default_models_dir() -> PathBuf {
    xdg("XDG_CACHE_HOME", ".cache").join("diarist").join("models")
}

/// The file that `DIARIST_CONFIG` names.
pub fn default_config_file() -> Option<PathBuf> {
    set("DIARIST_CONFIG").map(PathBuf::from)
}

/// The server that `DIARIST_URL` names.
pub fn server_url() -> Option<String> {
    set("DIARIST_URL").and_then(|url| url.into_string().ok())
}

/// The token that a server on another machine wants.
pub fn server_token() -> Option<Secret> {
    let token = set("DIARIST_TOKEN").and_then(|token| token.into_string().ok());
    token.as_deref().map(Secret::from)
}

/// SHA-256 of the certificate of a server on another machine, where it is a self-signed one.
pub fn server_certificate() -> Option<String> {
    set("DIARIST_CERTIFICATE").and_then(|fingerprint| fingerprint.into_string().ok())
}

/// The first program of this name on the `PATH`.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = set("PATH")?;
    let mut found = std::env::split_paths(&path).map(|folder| folder.join(name));
    found.find(|program| program.is_absolute() && program.is_file())
}

/// Whether the environment says anything under this name.
pub fn is_set(variable: &str) -> bool {
    set(variable).is_some()
}

/// The specification asks to ignore a path that is not absolute.
fn xdg(variable: &str, under_home: &str) -> PathBuf {
    let given = set(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    given.unwrap_or_else(|| std::env::home_dir().unwrap_or_default().join(under_home))
}

fn set(variable: &str) -> Option<OsString> {
    std::env::var_os(variable).filter(|value| !value.is_empty())
}

/// Where a build for development is to die, as `failpoint` names the moments; for tests alone.
pub fn die_at() -> Option<String> {
    set("DIARIST_DIE_AT").and_then(|at| at.into_string().ok())
}

/// Whether colours are unwanted: `NO_COLOR` is set and not empty.
pub fn no_color() -> bool {
    set("NO_COLOR").is_some()
}
