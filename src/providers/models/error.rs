//! Every way a model can fail to be found, fetched, read or kept.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("could not read the built-in model list")]
    ReadCatalog { source: toml::de::Error },
    #[error("the built-in model list is wrong: {reason}")]
    WrongCatalog { reason: String },
    #[error("no model is called `{name}`; known models: {known}")]
    UnknownModel { name: String, known: String },
    #[error("`{name}` cannot name a model: letters, digits, dots, dashes and underscores can")]
    BadName { name: String },
    #[error("could not {doing} {}", path.display())]
    File { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("{} is not a whole {format} file: {reason}", path.display())]
    Malformed { path: PathBuf, format: &'static str, reason: String },
    #[error("{} holds no Whisper model: {reason}", path.display())]
    NotAModel { path: PathBuf, reason: String },
    #[error("could not read the archive {}", path.display())]
    ReadArchive { path: PathBuf, source: zip::result::ZipError },
    #[error("could not read the vocabulary {}", path.display())]
    ReadVocabulary { path: PathBuf, source: serde_json::Error },
    #[error("could not read the manifest {}", path.display())]
    ReadManifest { path: PathBuf, source: serde_json::Error },
    #[error("{subject} has the wrong SHA-256: expected {expected}, got {actual}")]
    WrongHash { subject: String, expected: String, actual: String },
    #[error("{subject} has the wrong size: expected {expected} bytes, got {actual}")]
    WrongSize { subject: String, expected: u64, actual: u64 },
    #[error("could not set up the HTTP client")]
    SetUpClient { source: reqwest::Error },
    #[error("could not download {url}")]
    Download { url: String, source: reqwest::Error },
    #[error("{url} answered {status}")]
    Refused { url: String, status: u16 },
    #[error("{url} broke off after {done} of {total} bytes")]
    BrokeOff { url: String, done: u64, total: u64 },
    #[error("could not fetch the package {package}: {reason}")]
    FetchPackage { package: String, reason: String },
    #[error("no source had a usable `{name}`: {tried}")]
    NoSource { name: String, tried: String },
    #[error("the work on `{name}` ended early")]
    Interrupted { name: String, source: tokio::task::JoinError },
}

impl ModelError {
    pub(super) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { doing, path, source }
    }

    /// Whether another source could do better: a full disk or a missing folder spoils them all.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::File { .. } | Self::Interrupted { .. } | Self::BadName { .. })
    }
}
