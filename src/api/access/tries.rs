//! Counts wrong tokens by where they come from, in a table that does not grow.

use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(60);
/// Different wrong tokens that one address may show in a window.
const TRIES_MAX: u32 = 10;
const ADDRESSES_MAX: usize = 1_024;

#[derive(Debug, Default)]
pub struct Tries(Mutex<HashMap<IpAddr, Window>>);

#[derive(Debug)]
struct Window {
    since: Instant,
    tries: u32,
    last: [u8; 32],
}

impl Tries {
    /// Notes a wrong token. Once there were too many: the seconds until it is worth trying again.
    ///
    /// The same token over and over is no guessing but a page that does not know yet that its cookie is of no use.
    pub fn wrong(&self, from: IpAddr, token: &str, now: Instant) -> Option<u32> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let from = household(from);
        let is_open = |window: &Window| now.duration_since(window.since) < WINDOW;
        if windows.len() >= ADDRESSES_MAX && !windows.contains_key(&from) {
            windows.retain(|_, window| is_open(window));
        }
        if windows.len() >= ADDRESSES_MAX && !windows.contains_key(&from) {
            return Some(seconds(WINDOW));
        }
        let fresh = || Window { since: now, tries: 0, last: [0; 32] };
        let window = windows.entry(from).or_insert_with(fresh);
        if !is_open(window) {
            *window = fresh();
        }
        let token = Sha256::digest(token).into();
        if window.last != token {
            window.last = token;
            window.tries = window.tries.saturating_add(1);
            if window.tries == TRIES_MAX + 1 {
                tracing::warn!(address = %from, "many wrong tokens come from one address");
            }
        }
        let left = WINDOW.saturating_sub(now.duration_since(window.since));
        (window.tries > TRIES_MAX).then(|| seconds(left))
    }
}

fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1)
}

/// A household has 2^64 addresses of version 6: those count as one.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn v4(n: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(n).into()
    }

    #[test]
    fn guessing_is_slowed_until_the_window_is_over() {
        let (tries, begun) = (Tries::default(), clock::tick());
        for n in 0..TRIES_MAX {
            assert_eq!(tries.wrong(v4(1), &n.to_string(), begun), None, "{n}");
        }
        let later = begun + Duration::from_secs(20);
        assert_eq!(tries.wrong(v4(1), "another", later), Some(40));
        assert_eq!(tries.wrong(v4(1), "another", later), Some(40));
        assert_eq!(tries.wrong(v4(2), "another", later), None);
        assert_eq!(tries.wrong(v4(1), "another", begun + WINDOW), None);
    }

    #[test]
    fn a_page_with_an_old_cookie_is_not_taken_for_a_thief() {
        let (tries, now) = (Tries::default(), clock::tick());
        for _ in 0..1_000 {
            assert_eq!(tries.wrong(v4(1), "stale", now), None);
        }
    }

    #[test]
    fn the_table_is_bounded_and_empties_itself() {
        let (tries, now) = (Tries::default(), clock::tick());
        for n in 0..5_000 {
            let told = tries.wrong(v4(n), "x", now);
            assert_eq!(told, (n >= 1_024).then_some(60), "{n}");
        }
        assert_eq!(tries.0.lock().map_or(0, |table| table.len()), ADDRESSES_MAX);
        assert_eq!(tries.wrong(v4(9_999), "x", now + WINDOW), None);
    }

    #[test]
    fn a_household_counts_as_one() {
        let address = |text: &str| household(text.parse().unwrap_or(v4(0)));
        assert_eq!(address("2001:db8:1:2:3::4"), address("2001:db8:1:2::9"));
        assert_ne!(address("2001:db8:1:2::9"), address("2001:db8:1:3::9"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
    }
}
