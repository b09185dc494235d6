//! `[server]`: where the API listens, who may reach it, and what it takes.

use super::faults::Faults;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

const LOOPBACK_ONLY: &str = "only loopback (127.0.0.1 or [::1]) is served without TLS: whoever can reach the port \
    could read every memo; `diarist serve --tls self-signed` serves your network with a certificate and a token";
/// A name of the domain name system has no more.
const NAME_CHARS_MAX: usize = 253;

/// How the server proves who it is. With anything but `off`, every request needs the token of the data folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tls {
    #[default]
    Off,
    SelfSigned,
    Files,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    pub bind: SocketAddr,
    pub tls: Tls,
    pub tls_cert: PathBuf,
    pub tls_key: PathBuf,
    pub names: Vec<String>,
    pub max_upload_bytes: u64,
    pub sse_keep_alive_ms: u64,
    pub shutdown_grace_ms: u64,
}

impl ServerConfig {
    /// Where a server with TLS listens when nobody has said where.
    pub(super) const WITH_TLS: SocketAddr =
        SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 8443);

    pub fn sse_keep_alive(&self) -> Duration {
        Duration::from_millis(self.sse_keep_alive_ms)
    }

    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_millis(self.shutdown_grace_ms)
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        let guarded = self.bind.ip().is_loopback() || self.tls != Tls::Off;
        faults.check(guarded, "server.bind", self.bind, LOOPBACK_ONLY);
        for (key, path) in [("server.tls_cert", &self.tls_cert), ("server.tls_key", &self.tls_key)]
        {
            let named = self.tls != Tls::Files || !path.as_os_str().is_empty();
            faults.check(named, key, "\"\"", "must name a PEM file when server.tls is files");
        }
        for name in &self.names {
            let reason = "must be a host name or an address, without a port";
            faults.check(is_name(name), "server.names", name, reason);
        }
        faults.check(
            self.max_upload_bytes > 0,
            "server.max_upload_bytes",
            self.max_upload_bytes,
            "must be at least 1",
        );
        faults.check(
            self.sse_keep_alive_ms >= 100,
            "server.sse_keep_alive_ms",
            self.sse_keep_alive_ms,
            "must be at least 100",
        );
    }
}

fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let plain = name.len() <= NAME_CHARS_MAX && name.split('.').all(label);
    plain || name.parse::<IpAddr>().is_ok()
}
