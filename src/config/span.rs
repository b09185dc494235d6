//! A stretch of time as a person writes it: `90s`, `1500ms`, `2m`, or a bare number of seconds.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl Span {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let count: u64 = text[..digits].parse().ok()?;
        let unit_ms = match text[digits..].trim() {
            "ms" => 1,
            "" | "s" => 1_000,
            "m" | "min" => 60_000,
            _ => return None,
        };
        count.checked_mul(unit_ms).map(|ms| Self(Duration::from_millis(ms)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_millis() {
            ms if ms % 1_000 == 0 => write!(f, "{}s", ms / 1_000),
            ms => write!(f, "{ms}ms"),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Seconds(u64),
            Text(String),
        }
        let span = match Written::deserialize(deserializer)? {
            Written::Seconds(seconds) => Some(Self(Duration::from_secs(seconds))),
            Written::Text(text) => Self::parse(&text),
        };
        span.ok_or_else(|| de::Error::custom("write a time such as 90s, 1500ms or 2m"))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them_and_written_back() {
        let read = |json: &str| serde_json::from_str::<Span>(json).map(|span| span.to_string());
        for (json, written) in
            [("90", "90s"), ("\"90\"", "90s"), ("\"1500ms\"", "1500ms"), ("\"2m\"", "120s")]
        {
            assert_eq!(read(json).unwrap(), written, "{json}");
        }
        for json in ["\"\"", "\"soon\"", "\"-1s\"", "\"5 h\"", "1.5"] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
