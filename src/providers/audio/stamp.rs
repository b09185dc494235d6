//! Finds a date, and the time and offset behind it, in text that was never meant for machines.
use chrono::{FixedOffset, NaiveDate, NaiveTime};

/// Nobody kept a diary in these formats earlier; unset clocks say 1904, 1970 or 1980.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub date: NaiveDate,
    pub time: Option<NaiveTime>,
    pub zone: Zone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// Nothing said: the clock on the wall.
    Local,
    /// A `Z`: the technical time, which says nothing of where the speaker was.
    Utc,
    Offset(FixedOffset),
}

/// The first date in the text. Text after it that is no time leaves the date alone.
pub fn find(text: &str) -> Option<Stamp> {
    let starts = text.char_indices().filter(|(at, character)| {
        let joined = text.get(..*at).is_some_and(|before| before.ends_with(is_digit));
        character.is_ascii_digit() && !joined
    });
    starts.filter_map(|(at, _)| stamp(text.get(at..)?)).next()
}

fn stamp(text: &str) -> Option<Stamp> {
    let run = digits(text);
    let (date, rest) = match run.len() {
        14 | 12 | 8 => (ymd(run.get(..4)?, run.get(4..6)?, run.get(6..8)?)?, text.get(8..)?),
        4 => separated_date(text)?,
        6 => return short_date(text),
        _ => return None,
    };
    let (time, zone) = match time_behind(rest) {
        Some((time, rest)) => (Some(time), zone(rest)),
        None => (None, Zone::Local),
    };
    Some(Stamp { date, time, zone })
}

/// `260503` is a date only where a time stands behind it: six digits alone are anything.
fn short_date(text: &str) -> Option<Stamp> {
    let year = format!("20{}", text.get(..2)?);
    let date = ymd(&year, text.get(2..4)?, text.get(4..6)?)?;
    let rest = text.get(6..)?;
    let (time, rest) = time_behind(rest).filter(|_| digits(after_separator(rest)).len() == 6)?;
    Some(Stamp { date, time: Some(time), zone: zone(rest) })
}

fn separated_date(text: &str) -> Option<(NaiveDate, &str)> {
    let (year, rest) = text.split_at_checked(4)?;
    let (month, rest) = two_behind(rest, "-_.:/ ")?;
    let (day, rest) = two_behind(rest, "-_.:/ ")?;
    Some((ymd(year, month, day)?, rest))
}

fn time_behind(text: &str) -> Option<(NaiveTime, &str)> {
    let text = after_separator(text);
    let run = digits(text);
    let (hour, minute, second, rest) = match run.len() {
        6 | 9 => (run.get(..2)?, run.get(2..4)?, run.get(4..6)?, text.get(run.len()..)?),
        // Up to 0059, four digits are rather a counter than a minute past midnight.
        4 if !run.starts_with("00") => (run.get(..2)?, run.get(2..4)?, "00", text.get(4..)?),
        2 => {
            let (minute, rest) = two_behind(text.get(2..)?, ":.-_h")?;
            let (second, rest) = two_behind(rest, ":.-_m").unwrap_or(("00", rest));
            (run, minute, second, rest)
        }
        _ => return None,
    };
    let (hour, rest) = twelve_hours(hour.parse().ok()?, rest)?;
    let time = NaiveTime::from_hms_opt(hour, minute.parse().ok()?, second.parse().ok()?)?;
    Some((time, rest))
}

fn after_separator(text: &str) -> &str {
    let rest = text.trim_start_matches([' ', '_', '-', ',', '.']);
    let rest = rest.strip_prefix("at ").or_else(|| rest.strip_prefix('T')).unwrap_or(rest);
    if text.len() - rest.len() <= 5 { rest } else { text }
}

fn twelve_hours(hour: u32, rest: &str) -> Option<(u32, &str)> {
    let half = rest.trim_start_matches([' ', '\u{202f}', '\u{a0}']);
    match half.get(..2).map(str::to_ascii_uppercase).as_deref() {
        Some("PM") if (1..=12).contains(&hour) => Some((hour % 12 + 12, half.get(2..)?)),
        Some("AM") if (1..=12).contains(&hour) => Some((hour % 12, half.get(2..)?)),
        _ => Some((hour, rest)),
    }
}

fn zone(text: &str) -> Zone {
    let fraction = text.strip_prefix(['.', ',']).map(|rest| rest.trim_start_matches(is_digit));
    let text = fraction.unwrap_or(text).trim_start();
    if let Some(rest) = text.strip_prefix('Z')
        && !rest.starts_with(char::is_alphanumeric)
    {
        return Zone::Utc;
    }
    numeric_offset(text).map_or(Zone::Local, Zone::Offset)
}

/// `+02:00` or `-0700`; anything else behind a sign is a counter.
fn numeric_offset(text: &str) -> Option<FixedOffset> {
    let (sign, text) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = text.split_at_checked(2)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = digits(rest);
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let known = digits(rest).len() == 2 && hours <= 14 && matches!(minutes, 0 | 15 | 30 | 45);
    known.then(|| FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60))).flatten()
}

fn two_behind<'a>(text: &'a str, separators: &str) -> Option<(&'a str, &'a str)> {
    let rest = text.strip_prefix(|character| separators.contains(character))?;
    let run = digits(rest);
    (run.len() == 2).then(|| rest.split_at_checked(2)).flatten()
}

fn ymd(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let year = year.parse().ok().filter(|year| YEARS.contains(year))?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

fn digits(text: &str) -> &str {
    let end = text.find(|character| !is_digit(character)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        find(text).map_or_else(
            || "none".to_owned(),
            |stamp| format!("{} {:?} {:?}", stamp.date, stamp.time, stamp.zone),
        )
    }

    #[test]
    fn zones_are_told_from_counters() {
        assert_eq!(read("2026-05-03T22:40:00.123456Z"), "2026-05-03 Some(22:40:00) Utc");
        assert_eq!(read("2026-05-03 22:40:00 +0530"), "2026-05-03 Some(22:40:00) Offset(+05:30)");
        assert_eq!(read("20260503_224000-1"), "2026-05-03 Some(22:40:00) Local");
        assert_eq!(read("20260503_224000-0001"), "2026-05-03 Some(22:40:00) Local");
        assert_eq!(read("PXL_20260503_224000123"), "2026-05-03 Some(22:40:00) Local");
    }

    #[test]
    fn other_numbers_are_no_dates() {
        for text in ["123456", "99999999", "1746304800000", "03-05-2026", "x2026y", "260503"] {
            assert_eq!(read(text), "none", "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC{0,40}") {
            let _ = find(&text);
        }

        #[test]
        fn digits_and_separators_do_not_break_it(text in "[0-9TZ+:. éPM_-]{0,40}") {
            let _ = find(&text);
        }
    }
}
