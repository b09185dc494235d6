//! Lets in only what a person's own programs send: no page of the web can reach the diary through the browser.
//!
//! `Host` keeps out DNS names that were turned to the loopback; `Origin` and `Sec-Fetch-Site` keep out foreign pages.

use super::problem::{Problem, kinds};
use axum::extract::{Request, State};
use axum::http::uri::{Authority, Uri};
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, SocketAddr};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

pub async fn check_sender(
    State(bound): State<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    match check(request.uri(), request.headers(), bound.port()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check(uri: &Uri, headers: &HeaderMap, port: u16) -> Result<(), Problem> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let given = hosts.next().and_then(|host| host.to_str().ok());
    let one = given.filter(|_| hosts.next().is_none());
    let named = one.is_some_and(|host| is_here(host, port));
    let asked = uri.authority().is_none_or(|authority| is_here(authority.as_str(), port));
    if !(named && asked) {
        let detail = format!("this server answers to localhost:{port} and 127.0.0.1:{port}");
        return Err(Problem::new(&kinds::WRONG_HOST, detail)
            .hint("ask it by that name; a proxy in front of it has to set `Host`"));
    }
    let own = |origin: &str| {
        let host = origin.strip_prefix("http://");
        host.is_some_and(|host| is_here(host, port) && port_of(host).unwrap_or(80) == port)
    };
    let origins = headers.get_all(header::ORIGIN).iter();
    let mut foreign = origins.filter(|origin| !origin.to_str().is_ok_and(own));
    let site = headers.get(SEC_FETCH_SITE);
    if foreign.next().is_some() || site.is_some_and(|site| site == "cross-site") {
        let detail = "only pages of this server itself may speak to it from a browser";
        return Err(Problem::new(&kinds::WRONG_ORIGIN, detail));
    }
    Ok(())
}

/// A loopback name, with this port or with none.
fn is_here(host: &str, port: u16) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let plain = !host.contains('@');
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let here = name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|ip| ip.is_loopback());
    let port_fits = match authority.port() {
        Some(given) => given.as_str().parse() == Ok(port),
        None => !host.ends_with(':'),
    };
    plain && here && port_fits
}

fn port_of(host: &str) -> Option<u16> {
    host.parse::<Authority>().ok().and_then(|authority| authority.port_u16())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn status(headers: &[(&'static str, &str)]) -> u16 {
        let map = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let map = map.fold(HeaderMap::new(), |mut map, (name, value)| {
            map.append(name, value);
            map
        });
        check(&"/v1/jobs".parse().unwrap(), &map, 8000)
            .map_or_else(|p| p.kind.status.as_u16(), |()| 200)
    }

    #[test]
    fn only_a_loopback_name_with_the_right_port_is_this_host() {
        for (host, expected) in [
            ("127.0.0.1:8000", 200),
            ("localhost:8000", 200),
            ("LOCALHOST:8000", 200),
            ("[::1]:8000", 200),
            ("localhost", 200),
            ("127.0.0.1:8001", 421),
            ("localhost:", 421),
            ("localhost.evil.example:8000", 421),
            ("evil.example:8000", 421),
            ("127.0.0.1.evil.example:8000", 421),
            ("evil@localhost:8000", 421),
            ("192.168.1.2:8000", 421),
            ("", 421),
        ] {
            assert_eq!(status(&[("host", host)]), expected, "{host}");
        }
        assert_eq!(status(&[]), 421);
        assert_eq!(status(&[("host", "localhost:8000"), ("host", "evil.example")]), 421);
    }

    #[test]
    fn a_host_in_the_request_line_counts_as_well() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "localhost:8000".parse().unwrap());
        let ask = |uri: &str| check(&uri.parse().unwrap(), &headers, 8000).is_ok();
        assert!(ask("http://127.0.0.1:8000/v1/jobs"));
        assert!(!ask("http://evil.example/v1/jobs"));
    }

    #[test]
    fn a_foreign_page_is_kept_out() {
        for (origin, expected) in [
            ("http://localhost:8000", 200),
            ("http://127.0.0.1:8000", 200),
            ("http://[::1]:8000", 200),
            ("http://localhost:3000", 403),
            ("http://localhost", 403),
            ("https://localhost:8000", 403),
            ("http://evil.example", 403),
            ("null", 403),
        ] {
            let headers = [("host", "localhost:8000"), ("origin", origin)];
            assert_eq!(status(&headers), expected, "{origin}");
        }
        for (site, expected) in [("same-origin", 200), ("none", 200), ("cross-site", 403)] {
            let headers = [("host", "localhost:8000"), ("sec-fetch-site", site)];
            assert_eq!(status(&headers), expected, "{site}");
        }
    }
}
