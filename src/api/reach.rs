//! How the server is reached: where it listens, under which names, and whether a token is asked for.

use super::access::Tries;
use crate::config::Secret;
use axum::http::uri::Authority;
use std::net::{IpAddr, SocketAddr};

pub struct Reach {
    bound: SocketAddr,
    lan: Option<Lan>,
    pub(super) tries: Tries,
}

/// What a server asks and answers that other devices can reach; it speaks TLS.
pub struct Lan {
    pub token: Secret,
    /// Names and addresses in lower case.
    pub names: Vec<String>,
}

impl Reach {
    pub fn new(bound: SocketAddr, lan: Option<Lan>) -> Self {
        Self { bound, lan, tries: Tries::default() }
    }

    pub(super) fn lan(&self) -> Option<&Lan> {
        self.lan.as_ref()
    }

    pub(super) fn port(&self) -> u16 {
        self.bound.port()
    }

    /// Whether `host` is a name of this server, with its port or with none. `local` is where the connection arrived.
    pub(super) fn is_here(&self, host: &str, local: Option<IpAddr>) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let plain = !host.contains('@');
        let port_fits = match authority.port() {
            Some(given) => given.as_str().parse() == Ok(self.port()),
            None => !host.ends_with(':'),
        };
        plain && port_fits && self.is_own(authority.host(), local)
    }

    fn is_own(&self, name: &str, local: Option<IpAddr>) -> bool {
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let known = |name: &str| {
            let name = name.to_ascii_lowercase();
            self.lan.iter().flat_map(|lan| &lan.names).any(|own| *own == name)
        };
        match address {
            Ok(ip) if ip.is_loopback() => true,
            // An address that it has got since it started is its own as well.
            Ok(ip) => self.lan.is_some() && (local == Some(ip) || known(&ip.to_string())),
            Err(_) => name.eq_ignore_ascii_case("localhost") || known(name),
        }
    }

    /// Whether `origin` is that of a page of this server.
    pub(super) fn is_own_origin(&self, origin: &str, local: Option<IpAddr>) -> bool {
        let (scheme, usual) = if self.lan.is_some() { ("https://", 443) } else { ("http://", 80) };
        let Some(host) = origin.strip_prefix(scheme) else { return false };
        let port = host.parse::<Authority>().ok().and_then(|authority| authority.port_u16());
        self.is_here(host, local) && port.unwrap_or(usual) == self.port()
    }
}
