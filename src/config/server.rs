//! `[server]`: where the API listens and what it takes.

use super::faults::Faults;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    pub bind: SocketAddr,
    pub max_upload_bytes: u64,
    pub sse_keep_alive_ms: u64,
    pub shutdown_grace_ms: u64,
}

impl ServerConfig {
    pub fn sse_keep_alive(&self) -> Duration {
        Duration::from_millis(self.sse_keep_alive_ms)
    }

    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_millis(self.shutdown_grace_ms)
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        faults.check(
            self.bind.ip().is_loopback(),
            "server.bind",
            self.bind,
            "only loopback (127.0.0.1 or [::1]) is served: there are no accounts yet, so whoever can \
             reach the port could read every memo; put a proxy that authenticates in front of it",
        );
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
