//! The date that a JSON file beside a recording gives it, as phones and archives export them.

use crate::clock;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use serde_json::Value;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A longer file is no companion of a recording.
const BYTES_MAX: u64 = 256 * 1024;

/// What a date is called, the surest first.
const NAMES: &[&str] =
    &["recorded_at", "creation_time", "creationTime", "created_at", "createdAt", "date"];

/// The date that is given, or why there is none although there is a file.
pub fn beside(recording: &Path) -> Option<Result<DateTime<FixedOffset>, String>> {
    let path = companion(recording)?;
    Some(read(&path).map_err(|why| format!("{}: {why}", path.display())))
}

/// `NAME.EXT.json`, or else `NAME.json`.
fn companion(recording: &Path) -> Option<PathBuf> {
    let candidates = [recording.with_added_extension("json"), recording.with_extension("json")];
    candidates.into_iter().find(|path| fs::metadata(path).is_ok_and(|meta| meta.is_file()))
}

fn read(path: &Path) -> Result<DateTime<FixedOffset>, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(BYTES_MAX).read_to_string(&mut text).map_err(|error| error.to_string())?;
    let value: Value = serde_json::from_str(&text).map_err(|_| "is no JSON".to_owned())?;
    let given = NAMES.iter().find_map(|name| value.get(name).and_then(Value::as_str));
    let given = given.ok_or_else(|| format!("has none of {}", NAMES.join(", ")))?;
    moment(given).ok_or_else(|| format!("`{given}` is no date"))
}

/// With an offset as it is; without one on this machine's clock; a day alone is its noon.
fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at);
    }
    let forms =
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let whole = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let noon = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(day.and_time(NaiveTime::from_hms_opt(12, 0, 0)?))
    };
    let wall = whole.or_else(noon)?;
    clock::local_offset(wall).from_local_datetime(&wall).single()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_date_comes_from_the_file_beside_and_the_nearer_name_wins() {
        let dir = tempfile::tempdir().unwrap();
        let recording = dir.path().join("memo.m4a");
        assert!(beside(&recording).is_none());
        let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
        let day = || beside(&recording).unwrap().map(|at| at.to_rfc3339());
        write("memo.json", r#"{"creation_time":"2020-01-02T03:04:05Z","date":"1999-01-01"}"#);
        assert_eq!(day().unwrap(), "2020-01-02T03:04:05+00:00");
        write("memo.m4a.json", r#"{"recorded_at":"2026-05-03T22:40:00+02:00"}"#);
        assert_eq!(day().unwrap(), "2026-05-03T22:40:00+02:00");
        write("memo.m4a.json", r#"{"date":"2026-05-03"}"#);
        assert!(day().unwrap().starts_with("2026-05-03T12:00:00"));
        for (text, why) in [
            ("no json", "is no JSON"),
            (r#"{"title":"x"}"#, "has none of recorded_at"),
            (r#"{"recorded_at":"yesterday"}"#, "`yesterday` is no date"),
        ] {
            write("memo.m4a.json", text);
            assert!(day().unwrap_err().contains(why), "{text}");
        }
    }
}
