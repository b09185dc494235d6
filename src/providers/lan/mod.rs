//! What lets other devices of the network in: the machine's addresses, a certificate for them, and a token.
//! It never opens a port and checks no request; what it writes is readable by the owner of the data folder alone.
//! Start reading at [`open`].

mod addresses;
mod certificate;
mod error;
mod private;
mod token;

pub use error::LanError;
pub use token::kept as kept_token;

use crate::config::{Secret, ServerConfig, Tls};
use chrono::{DateTime, Utc};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

/// What a server needs that answers to other devices.
pub struct Lan {
    pub tls: Arc<rustls::ServerConfig>,
    /// SHA-256 of the certificate, as 64 hexadecimal digits.
    pub fingerprint: String,
    pub token: Secret,
    /// Every name and address under which the server is reached, in lower case.
    pub names: Vec<String>,
    /// Those that other devices can use, the likeliest first.
    pub reached_at: Vec<String>,
    /// Whether nobody but this machine vouches for the certificate.
    pub self_signed: bool,
}

/// Everything for a server that listens at `bound`, or nothing where it is for this machine alone.
pub fn open(
    root: &Path,
    config: &ServerConfig,
    bound: SocketAddr,
    now: DateTime<Utc>,
) -> Result<Option<Lan>, LanError> {
    if config.tls == Tls::Off {
        return Ok(None);
    }
    let mut reached_at: Vec<String> =
        config.names.iter().map(|name| name.to_ascii_lowercase()).collect();
    reached_at.extend(addresses::reached_at(bound.ip()).iter().map(IpAddr::to_string));
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    names.extend(addresses::host_names());
    names.extend(reached_at.iter().cloned());
    let folder = root.join("lan");
    let self_signed = config.tls == Tls::SelfSigned;
    let identity = if self_signed {
        certificate::of_our_own(&folder, &names, now)?
    } else {
        certificate::of_files(&config.tls_cert, &config.tls_key)?
    };
    let certificate::Identity { tls, fingerprint } = identity;
    let token = token::kept_or_new(&folder)?;
    Ok(Some(Lan { tls, fingerprint, token, names, reached_at, self_signed }))
}
