//! Lets in only what a person's own programs send: no page of the web can reach the diary through the browser.
//!
//! `Host` keeps out DNS names that were turned to this machine; `Origin` and `Sec-Fetch-Site` keep out foreign pages.

use super::problem::{Problem, kinds};
use super::reach::Reach;
use super::tls::Ends;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use std::sync::Arc;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

pub async fn check_sender(
    State(reach): State<Arc<Reach>>,
    request: Request,
    next: Next,
) -> Response {
    let ends = request.extensions().get::<ConnectInfo<Ends>>();
    let local = ends.and_then(|ends| ends.0.local);
    match check(&reach, request.method(), request.uri(), request.headers(), local) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn check(
    reach: &Reach,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    local: Option<IpAddr>,
) -> Result<(), Problem> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let given = hosts.next().and_then(|host| host.to_str().ok());
    let one = given.filter(|_| hosts.next().is_none());
    let named = one.is_some_and(|host| reach.is_here(host, local));
    let asked = uri.authority().is_none_or(|to| reach.is_here(to.as_str(), local));
    if !(named && asked) {
        return Err(wrong_host(reach));
    }
    let origins = headers.get_all(header::ORIGIN).iter();
    let own = |origin: &str| reach.is_own_origin(origin, local);
    let mut foreign = origins.filter(|origin| !origin.to_str().is_ok_and(own));
    let cross = headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site");
    let followed = reach.lan().is_some() && is_followed_link(method, headers);
    if foreign.next().is_some() || (cross && !followed) {
        let detail = "only pages of this server itself may speak to it from a browser";
        return Err(Problem::new(&kinds::WRONG_ORIGIN, detail));
    }
    Ok(())
}

fn wrong_host(reach: &Reach) -> Problem {
    let port = reach.port();
    if reach.lan().is_some() {
        let detail = format!("this server answers to its own names and addresses, at port {port}");
        return Problem::new(&kinds::WRONG_HOST, detail)
            .hint("list another name under which it is reached in `server.names`");
    }
    let detail = format!("this server answers to localhost:{port} and 127.0.0.1:{port}");
    Problem::new(&kinds::WRONG_HOST, detail)
        .hint("ask it by that name; a proxy in front of it has to set `Host`")
}

/// A link in a message or on a page that a person has opened: the page it stood on cannot read the answer.
fn is_followed_link(method: &Method, headers: &HeaderMap) -> bool {
    let says = |name: &HeaderName, value: &str| headers.get(name).is_some_and(|v| v == value);
    *method == Method::GET && says(&SEC_FETCH_MODE, "navigate") && says(&SEC_FETCH_DEST, "document")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::api::reach::Lan;
    use crate::config::Secret;

    fn plain() -> Reach {
        Reach::new(([127, 0, 0, 1], 8000).into(), None)
    }

    fn status(headers: &[(&'static str, &str)]) -> u16 {
        status_at(&plain(), headers)
    }

    fn status_at(reach: &Reach, headers: &[(&'static str, &str)]) -> u16 {
        let map = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        let map = map.fold(HeaderMap::new(), |mut map, (name, value)| {
            map.append(name, value);
            map
        });
        let local = Some([192, 0, 2, 9].into());
        check(reach, &Method::GET, &"/v1/jobs".parse().unwrap(), &map, local)
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
        let ask = |uri: &str| {
            check(&plain(), &Method::GET, &uri.parse().unwrap(), &headers, None).is_ok()
        };
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

    fn open_to_the_network() -> Reach {
        let names = ["localhost", "desk.local", "192.0.2.7", "2001:db8::7"].map(str::to_owned);
        let lan = Lan { token: Secret::from("t"), names: names.into() };
        Reach::new(([0, 0, 0, 0], 8443).into(), Some(lan))
    }

    #[test]
    fn with_tls_this_host_has_the_names_and_addresses_of_the_machine() {
        let reach = open_to_the_network();
        for (host, expected) in [
            ("127.0.0.1:8443", 200),
            ("desk.local:8443", 200),
            ("DESK.local:8443", 200),
            ("192.0.2.7:8443", 200),
            ("[2001:DB8::7]:8443", 200),
            // Where the connection has arrived: an address that came after the start.
            ("192.0.2.9:8443", 200),
            ("192.0.2.8:8443", 421),
            ("192.0.2.7:8444", 421),
            ("desk.local.evil.example:8443", 421),
            ("evil.example:8443", 421),
        ] {
            assert_eq!(status_at(&reach, &[("host", host)]), expected, "{host}");
        }
        for (origin, expected) in [
            ("https://192.0.2.7:8443", 200),
            ("https://desk.local:8443", 200),
            ("http://192.0.2.7:8443", 403),
            ("https://192.0.2.7", 403),
            ("https://evil.example:8443", 403),
            ("null", 403),
        ] {
            let headers = [("host", "192.0.2.7:8443"), ("origin", origin)];
            assert_eq!(status_at(&reach, &headers), expected, "{origin}");
        }
    }

    #[test]
    fn a_link_in_a_message_may_be_followed_and_nothing_else_comes_from_elsewhere() {
        let from_elsewhere = |mode, dest| {
            let fetch = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode)];
            let all = [("host", "localhost:8443"), fetch[0], fetch[1], ("sec-fetch-dest", dest)];
            status_at(&open_to_the_network(), &all)
        };
        assert_eq!(from_elsewhere("navigate", "document"), 200);
        assert_eq!(from_elsewhere("navigate", "iframe"), 403);
        assert_eq!(from_elsewhere("no-cors", "image"), 403);
        let plain = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        let all = [("host", "localhost:8000"), plain[0], plain[1], ("sec-fetch-dest", "document")];
        assert_eq!(status(&all), 403);
    }
}
