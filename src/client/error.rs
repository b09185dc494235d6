//! Every way a command can fail to get an answer from a node.

use serde::Deserialize;
use std::io;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("cannot set up an HTTP client")]
    SetUp { source: reqwest::Error },
    #[error("cannot set up TLS")]
    Tls { source: rustls::Error },
    #[error("the token has characters that no token has")]
    Token { source: reqwest::header::InvalidHeaderValue },
    #[error("`{url}` is no address of a server")]
    Address { url: String },
    #[error("cannot read the file")]
    Read { path: PathBuf, source: io::Error },
    #[error("this is a folder, not a recording")]
    Folder { path: PathBuf },
    #[error("cannot write the request")]
    Encode { source: serde_json::Error },
    #[error("the server at {url} does not answer")]
    Unreachable { url: String, source: reqwest::Error },
    #[error("the server at {url} has taken the recording and says nothing")]
    Silent { url: String },
    /// The server's own words.
    #[error("{detail}")]
    Refused { status: u16, code: String, detail: String, hint: String },
    #[error("the server's answer cannot be understood; is it another version?")]
    Decode { source: serde_json::Error },
}

/// What is read of a problem document; whatever is missing is no fault.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
    code: String,
    hint: String,
    errors: Vec<Fault>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fault {
    pointer: String,
    detail: String,
}

impl ClientError {
    pub(super) fn refused(status: u16, body: &[u8]) -> Self {
        let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
        let mut detail = match problem.detail.as_str() {
            "" if problem.title.is_empty() => format!("the server answered {status}"),
            "" => problem.title,
            detail => detail.to_owned(),
        };
        for fault in problem.errors {
            detail.push_str(&format!("; {}: {}", fault.pointer, fault.detail));
        }
        Self::Refused { status, code: problem.code, detail, hint: problem.hint }
    }

    /// What the person can do, in the server's words or ours.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } if code.is_empty() => {
                Some("is it Diarist that answers there?")
            }
            Self::Refused { hint, .. } => Some(hint).filter(|h| !h.is_empty()).map(String::as_str),
            Self::Unreachable { source, .. } if is_of_certificate(source) => Some(
                "its certificate is not trusted: give the fingerprint that `diarist serve` shows as DIARIST_CERTIFICATE",
            ),
            Self::Unreachable { .. } => Some("is it running? start it with `diarist serve`"),
            Self::Silent { .. } => Some("`diarist jobs list` shows what it made of it"),
            Self::Address { .. } => Some("give it as http://127.0.0.1:8000"),
            Self::Folder { .. } => Some("give its files, such as FOLDER/*.m4a"),
            Self::Decode { .. } => Some("is it Diarist that answers there?"),
            Self::Token { .. } => Some("it is in the file lan/token of the server's data folder"),
            Self::SetUp { .. } | Self::Tls { .. } | Self::Read { .. } | Self::Encode { .. } => None,
        }
    }

    /// A stable word for scripts: the server's own, or ours.
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { code, .. } => code,
            Self::SetUp { .. } | Self::Tls { .. } | Self::Encode { .. } => "client_broken",
            Self::Token { .. } => "bad_token",
            Self::Address { .. } => "bad_address",
            Self::Read { .. } => "unreadable",
            Self::Folder { .. } => "folder",
            Self::Unreachable { .. } | Self::Silent { .. } => "unreachable",
            Self::Decode { .. } => "bad_answer",
        }
    }

    /// Whether the person asked for what cannot be, rather than gave a recording that cannot be used.
    pub fn is_wrong_use(&self) -> bool {
        match self {
            Self::Address { .. } | Self::Token { .. } => true,
            Self::Refused { code, .. } => {
                matches!(code.as_str(), "invalid_options" | "model_missing" | "bad_request")
            }
            _ => false,
        }
    }

    /// Whether the same request may be taken in a moment.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Refused { status: 429 | 503, .. })
    }

    /// Whether the cause lies with the server, not with what was asked of it.
    pub fn is_of_server(&self) -> bool {
        matches!(self, Self::Refused { status: 500.., .. } | Self::Decode { .. })
    }

    /// Whether what was asked for is not there.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }

    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Silent { .. })
    }
}

/// Whether a handshake failed over who the server is.
fn is_of_certificate(error: &reqwest::Error) -> bool {
    let mut next = std::error::Error::source(error);
    while let Some(inner) = next {
        if let Some(rustls::Error::InvalidCertificate(_)) = inner.downcast_ref() {
            return true;
        }
        // An I/O error leaves out what it was made of when it is asked for its source.
        let made_of = inner.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = made_of.map(|made_of| made_of as _).or_else(|| inner.source());
    }
    false
}
