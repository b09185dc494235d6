//! Under which addresses and names this machine is reached from the network.

use rustls::pki_types::ServerName;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

/// Bridges of containers and virtual machines: no phone is behind them.
const VIRTUAL: [&str; 6] = ["docker", "br-", "veth", "virbr", "vmnet", "podman"];

/// Where other devices reach a server that listens at `bind`, the likeliest first; nowhere if that is the loopback.
pub fn reached_at(bind: IpAddr) -> Vec<IpAddr> {
    if !bind.is_unspecified() {
        return if bind.is_loopback() { Vec::new() } else { vec![bind.to_canonical()] };
    }
    let primary = primary();
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the addresses of this machine cannot be listed");
        Vec::new()
    });
    let mut found: Vec<(u8, IpAddr)> = Vec::new();
    for interface in interfaces {
        let address = interface.ip();
        let served = bind.is_ipv6() || address.is_ipv4();
        if !served || interface.is_loopback() || interface.is_link_local() {
            continue;
        }
        let bridge = VIRTUAL.iter().any(|name| interface.name.starts_with(name));
        let rank = match address {
            _ if Some(address) == primary => 0,
            _ if bridge => 3,
            IpAddr::V4(_) => 1,
            IpAddr::V6(_) => 2,
        };
        found.push((rank, address));
    }
    found.sort();
    found.dedup();
    found.into_iter().map(|(_, address)| address).collect()
}

/// What this machine calls itself, and the name by which phones find it without a name server.
pub fn host_names() -> Vec<String> {
    let uname = rustix::system::uname();
    names_of(&uname.nodename().to_string_lossy().to_ascii_lowercase())
}

fn names_of(host: &str) -> Vec<String> {
    let first = host.split('.').next().unwrap_or_default();
    let mut names: Vec<String> = Vec::new();
    for name in [host.to_owned(), first.to_owned(), format!("{first}.local")] {
        let known = first == "localhost" || names.contains(&name);
        if !known && matches!(ServerName::try_from(name.as_str()), Ok(ServerName::DnsName(_))) {
            names.push(name);
        }
    }
    names
}

/// The address that this machine would speak from to the rest of the world. No packet is sent to find out.
fn primary() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address for documentation: it is routed like any other, and nobody has it.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    #[test]
    fn only_what_others_can_reach_is_told() {
        assert_eq!(reached_at(Ipv4Addr::LOCALHOST.into()), Vec::<IpAddr>::new());
        let one = IpAddr::from([192, 0, 2, 7]);
        assert_eq!(reached_at(one), [one]);
        let all = reached_at(Ipv4Addr::UNSPECIFIED.into());
        assert!(all.iter().all(|ip| ip.is_ipv4() && !ip.is_loopback()), "{all:?}");
        let both = reached_at(Ipv6Addr::UNSPECIFIED.into());
        assert!(all.iter().all(|ip| both.contains(ip)), "{all:?} {both:?}");
        assert!(primary().is_none_or(|ip| all.first() == Some(&ip)), "{all:?}");
    }

    #[test]
    fn a_host_has_its_name_and_the_one_that_phones_find() {
        for (host, names) in [
            ("desk", vec!["desk", "desk.local"]),
            ("desk.example.org", vec!["desk.example.org", "desk", "desk.local"]),
            ("desk.local", vec!["desk.local", "desk"]),
            ("localhost", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(names_of(host), names, "{host}");
        }
    }
}
