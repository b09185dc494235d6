//! How long a provider asks us to wait, out of the many headers in which it may say so.

use crate::domain::Timestamp;
use chrono::{DateTime, NaiveDateTime};
use reqwest::header::HeaderMap;
use std::time::Duration;

/// Limits that are used up, and the header that says when they are filled again.
const RESETS: [(&str, &str); 7] = [
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
    ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
    ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
    ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
    ("ratelimitbysize-remaining", "ratelimitbysize-reset"),
];

/// `None` where no header says anything that can be understood.
pub fn wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let ms = text("retry-after-ms").and_then(|ms| seconds(ms, 1_000.0));
    let after = || text("retry-after").and_then(|text| seconds(text, 1.0).or(until(text, now)));
    let used_up = |(left, reset): (&str, &str)| {
        let reset = text(reset)?;
        let open = text(left).is_some_and(|left| left != "0");
        let when = || seconds(reset, 1.0).or(spelled(reset)).or(until(reset, now));
        if open { None } else { when() }
    };
    ms.or_else(after).or_else(|| RESETS.into_iter().filter_map(used_up).max())
}

fn seconds(text: &str, parts: f64) -> Option<Duration> {
    let number: f64 = text.parse().ok()?;
    Duration::try_from_secs_f64(number / parts).ok()
}

/// A date of HTTP, in one of its forms, or of RFC 3339. What has passed is now.
fn until(text: &str, now: Timestamp) -> Option<Duration> {
    let spelled_out = |form| NaiveDateTime::parse_from_str(text, form).ok();
    let at = DateTime::parse_from_rfc2822(text)
        .or_else(|_| DateTime::parse_from_rfc3339(text))
        .map(|at| at.to_utc())
        .ok()
        .or_else(|| spelled_out("%A, %d-%b-%y %H:%M:%S GMT").map(|at| at.and_utc()))
        .or_else(|| spelled_out("%a %b %e %H:%M:%S %Y").map(|at| at.and_utc()))?;
    Some((at - now).to_std().unwrap_or_default())
}

/// `6m0s`, `1.5s`, `20ms`.
fn spelled(text: &str) -> Option<Duration> {
    let (mut rest, mut sum) = (text, Duration::ZERO);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let count: f64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len() - digits);
        let seconds = match &rest[digits..digits + unit] {
            "ms" => 0.001,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "d" => 86_400.0,
            _ => return None,
        };
        sum = sum.checked_add(Duration::try_from_secs_f64(count * seconds).ok()?)?;
        rest = &rest[digits + unit..];
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn told(headers: &[(&'static str, &'static str)]) -> Option<u128> {
        let now = DateTime::parse_from_rfc3339("2026-11-25T04:00:00Z").unwrap().to_utc();
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        wait(&headers.collect(), now).map(|wait| wait.as_millis())
    }

    #[test]
    fn every_form_of_retry_after_is_understood() {
        assert_eq!(told(&[("retry-after", "3")]), Some(3_000));
        assert_eq!(told(&[("retry-after", "0.25")]), Some(250));
        assert_eq!(told(&[("retry-after-ms", "1500"), ("retry-after", "60")]), Some(1_500));
        for date in [
            "Wed, 25 Nov 2026 04:00:07 GMT",
            "Wednesday, 25-Nov-26 04:00:07 GMT",
            "Wed Nov 25 04:00:07 2026",
        ] {
            assert_eq!(told(&[("retry-after", date)]), Some(7_000), "{date}");
        }
        assert_eq!(told(&[("retry-after", "Wed, 25 Nov 2026 03:00:00 GMT")]), Some(0));
    }

    #[test]
    fn a_limit_that_is_used_up_says_when_it_is_filled_again() {
        let openai = [
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "6m0s"),
            ("x-ratelimit-remaining-tokens", "17"),
            ("x-ratelimit-reset-tokens", "1h"),
        ];
        assert_eq!(told(&openai), Some(360_000));
        assert_eq!(told(&[("x-ratelimit-reset-tokens", "1s20ms")]), Some(1_020));
        let anthropic = [("anthropic-ratelimit-requests-reset", "2026-11-25T04:00:30Z")];
        assert_eq!(told(&anthropic), Some(30_000));
        assert_eq!(told(&[("ratelimitbysize-reset", "12")]), Some(12_000));
    }

    #[test]
    fn nonsense_is_no_answer() {
        for text in ["", "soon", "-5", "NaN", "inf", "1e400", "5x", "s", "9999999999999999999999h"]
        {
            let headers = [("retry-after", text), ("x-ratelimit-reset-requests", text)];
            assert_eq!(told(&headers), None, "{text}");
        }
    }
}
