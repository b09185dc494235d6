//! Asks everyone who comes over the network for the token: in the link once, then in a cookie, or as a bearer.

mod door;
mod tries;

pub use tries::Tries;

use super::problem::{Problem, kinds};
use super::reach::{Lan, Reach};
use super::tls::Ends;
use crate::clock;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Browsers keep no cookie for longer than 400 days.
const COOKIE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// Lets everything pass where no token is asked for: on the loopback without TLS.
pub async fn check_token(
    State(reach): State<Arc<Reach>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(lan) = reach.lan() else { return next.run(request).await };
    if request.uri().path().starts_with("/health/") {
        return next.run(request).await;
    }
    let by_link = link_token(request.method(), request.uri()).map(str::to_owned);
    let name = cookie_name(reach.port());
    let shown = by_link
        .as_deref()
        .map_or_else(|| kept_tokens(request.headers(), &name), |token| vec![token]);
    if shown.iter().any(|token| is_right(token, lan)) {
        return match by_link {
            Some(_) => let_in(&name, lan),
            None => next.run(request).await,
        };
    }
    let ends = request.extensions().get::<ConnectInfo<Ends>>();
    let peer = ends.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ends| ends.0.peer);
    let wait = shown.first().and_then(|token| reach.tries.wrong(peer, token, clock::tick()));
    refuse(&request, !shown.is_empty(), wait)
}

/// A right token is always taken, however many wrong ones came from the same address: 256 random bits are not guessed,
/// and a neighbour behind the same router must not be able to lock a person out.
fn is_right(token: &str, lan: &Lan) -> bool {
    token.as_bytes().ct_eq(lan.token.reveal().as_bytes()).into()
}

/// What the link brings that `diarist serve` shows.
fn link_token<'a>(method: &Method, uri: &'a Uri) -> Option<&'a str> {
    if *method != Method::GET || uri.path() != "/" {
        return None;
    }
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("token="))
}

/// What a device brings that was let in before, or a program.
fn kept_tokens<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let text = |value: &'a HeaderValue| value.to_str().ok();
    let bearer = headers.get(header::AUTHORIZATION).and_then(text).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(text);
    let cookies = cookies.flat_map(|line| line.split(';')).filter_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then_some(value)
    });
    bearer.into_iter().chain(cookies).collect()
}

/// Cookies know no ports: two servers on one machine each need a name.
fn cookie_name(port: u16) -> String {
    format!("__Host-diarist-{port}")
}

fn let_in(name: &str, lan: &Lan) -> Response {
    let token = lan.token.reveal();
    let cookie = format!(
        "{name}={token}; Path=/; Max-Age={COOKIE_SECONDS}; Secure; HttpOnly; SameSite=Strict"
    );
    let Ok(mut cookie) = HeaderValue::from_str(&cookie) else {
        return Problem::internal().into_response();
    };
    cookie.set_sensitive(true);
    let headers = [
        (header::LOCATION, HeaderValue::from_static("/")),
        (header::SET_COOKIE, cookie),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn refuse(request: &Request, shown: bool, wait: Option<u32>) -> Response {
    let wanted = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let page = wanted.is_some_and(|accept| accept.contains("text/html"));
    let (detail, problem) = match (wait, shown) {
        (Some(_), _) => ("too many different wrong tokens came from there", &kinds::TOO_MANY_TRIES),
        (None, true) => ("the token is not the one of this server", &kinds::UNAUTHORIZED),
        (None, false) => ("this server wants its token with every request", &kinds::UNAUTHORIZED),
    };
    let mut answer = match page {
        true => (problem.status, door::page(problem.title)).into_response(),
        false => Problem::new(problem, detail).hint(door::HINT).into_response(),
    };
    let headers = answer.headers_mut();
    match wait {
        Some(seconds) => headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds)),
        None => headers
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"diarist\"")),
    };
    answer
}
