//! Resolves the day that a sentence speaks of against the day on which it was spoken.

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, Timelike, Weekday};

use super::reading::Line;

/// A day named in a sentence, and the index of its first word.
pub struct Named {
    pub at: usize,
    pub day: NaiveDate,
}

/// The days named in a sentence, in the order of its words.
pub fn named(line: &Line, spoken: DateTime<FixedOffset>) -> Vec<Named> {
    (0..line.words.len())
        .filter(|at| !is_past(line, *at))
        .filter_map(|at| day_at(line, at, spoken).map(|day| Named { at, day }))
        .collect()
}

/// "last Friday" and "since Monday" lie behind; "every Friday" is no day at all.
fn is_past(line: &Line, at: usize) -> bool {
    let before = at.checked_sub(1).map_or("", |index| line.lower(index));
    let earlier = at.checked_sub(2).map_or("", |index| line.lower(index));
    let behind = ["last", "since", "past", "every", "each", "previous"];
    behind.contains(&before) || (before == "on" && earlier == "ago") || line.lower(at + 2) == "ago"
}

fn day_at(line: &Line, at: usize, spoken: DateTime<FixedOffset>) -> Option<NaiveDate> {
    let today = spoken.date_naive();
    let before = at.checked_sub(1).map_or("", |index| line.lower(index));
    let word = line.lower(at);
    match word {
        "today" | "tonight" => return Some(today),
        "tomorrow" => {
            let further = before == "after" && at >= 2 && line.lower(at - 2) == "day";
            return today.checked_add_days(Days::new(if further { 2 } else { 1 }));
        }
        "christmas" if matches!(before, "by" | "before" | "until") => {
            let eve = u32::from(line.lower(at + 1) != "eve");
            return coming(today, 12, 24 + eve);
        }
        _ => {}
    }
    if let Some(day) = weekday(word) {
        let ahead = (7 + day.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
        return today.checked_add_days(Days::new(u64::from(if ahead == 0 { 7 } else { ahead })));
    }
    phrase(line, at, spoken).or_else(|| calendar(line, at, today))
}

/// Phrases of several words: "in two weeks", "this evening", "the end of the month".
fn phrase(line: &Line, at: usize, spoken: DateTime<FixedOffset>) -> Option<NaiveDate> {
    let today = spoken.date_naive();
    let (second, third) = (line.lower(at + 1), line.lower(at + 2));
    match (line.lower(at), second) {
        ("this", "afternoon" | "evening" | "morning") | ("later", "today") => Some(today),
        ("in", "the") if third == "morning" => {
            today.checked_add_days(Days::new(u64::from(spoken.hour() >= 12)))
        }
        ("this" | "the" | "next", "weekend") => ahead_to(today, Weekday::Sat),
        ("next", "week") => ahead_to(today, Weekday::Mon),
        ("next", "month") => today.with_day(1)?.checked_add_months(Months::new(1)),
        ("this", "week") => end_of(today, "the", "week"),
        ("end", "of") => end_of(today, line.lower(at + 2), line.lower(at + 3)),
        ("in" | "within", _) => {
            let (count, unit) = match (second, third, line.lower(at + 3), line.lower(at + 4)) {
                ("a", "couple", "of", unit) => (2, unit),
                ("a", "few", ..) => return None,
                (count, unit, ..) => (number(count)?, unit),
            };
            match unit.trim_end_matches('s') {
                "day" => today.checked_add_days(Days::new(count)),
                "week" => today.checked_add_days(Days::new(count * 7)),
                "month" => today.checked_add_months(Months::new(u32::try_from(count).ok()?)),
                "year" => today.checked_add_months(Months::new(u32::try_from(count).ok()? * 12)),
                "hour" => {
                    Some((spoken.naive_local() + chrono::TimeDelta::hours(count as i64)).date())
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn end_of(today: NaiveDate, first: &str, second: &str) -> Option<NaiveDate> {
    let unit = if matches!(first, "the" | "this" | "next") { second } else { first };
    let later = u32::from(first == "next");
    match unit {
        "day" => Some(today),
        "week" if later == 1 => ahead_to(ahead_to(today, Weekday::Mon)?, Weekday::Fri),
        "week" if today.weekday() == Weekday::Fri => Some(today),
        "week" => ahead_to(today, Weekday::Fri),
        "month" => last_of(today.with_day(1)?.checked_add_months(Months::new(later))?),
        "year" => NaiveDate::from_ymd_opt(today.year() + later as i32, 12, 31),
        name => last_of(coming(today, month(name)?, 28)?.with_day(1)?),
    }
}

fn last_of(day: NaiveDate) -> Option<NaiveDate> {
    day.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// Days of the calendar: "the 12th of May", "May 12th, 2027", "on the 12th".
fn calendar(line: &Line, at: usize, today: NaiveDate) -> Option<NaiveDate> {
    let word = line.lower(at);
    let before = at.checked_sub(1).map_or("", |index| line.lower(index));
    if let Ok(day) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
        return (day >= today).then_some(day);
    }
    if let Some(month) = month(word) {
        let day = day_number(line.lower(at + 1))?;
        return dated(today, line.lower(at + 2), month, day);
    }
    let day = day_number(word)?;
    let gap = usize::from(line.lower(at + 1) == "of");
    if let Some(month) = month(line.lower(at + 1 + gap)) {
        return dated(today, line.lower(at + 2 + gap), month, day);
    }
    if before != "the" || !names_a_day(line, at) {
        return None;
    }
    (0..12).find_map(|later| {
        let first = today.with_day(1)?.checked_add_months(Months::new(later))?;
        first.with_day(day).filter(|day| *day >= today)
    })
}

/// Whether "the 12th" stands alone as a day: "the 12th floor" and "the second time" do not.
fn names_a_day(line: &Line, at: usize) -> bool {
    let digits = line.lower(at).starts_with(|c: char| c.is_ascii_digit());
    let ordinal = line.lower(at).ends_with(|c: char| c.is_ascii_alphabetic());
    let lead = at.checked_sub(2).map_or("", |index| line.lower(index));
    let led = matches!(lead, "on" | "by" | "before" | "until" | "for");
    let next = line.words.get(at + 1);
    let alone = next.is_none_or(|next| {
        next.broken
            || matches!(next.lower.as_str(), "and" | "at" | "because" | "so" | "in" | "with")
    });
    ordinal && led && (digits || alone) && (alone || next.is_none_or(|next| next.term.is_none()))
}

fn dated(today: NaiveDate, year: &str, month: u32, day: u32) -> Option<NaiveDate> {
    match year.parse::<i32>() {
        Ok(year) if (1900..2200).contains(&year) => NaiveDate::from_ymd_opt(year, month, day),
        _ => coming(today, month, day),
    }
}

/// The next such day, today included.
fn coming(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    (0..9)
        .filter_map(|years| NaiveDate::from_ymd_opt(today.year() + years, month, day))
        .find(|day| *day >= today)
}

/// The next such weekday, today included.
fn ahead_to(today: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    let from = today.weekday().num_days_from_monday();
    let ahead = (7 + weekday.num_days_from_monday() - from) % 7;
    let ahead = if weekday == Weekday::Mon && ahead == 0 { 7 } else { ahead };
    today.checked_add_days(Days::new(u64::from(ahead)))
}

fn weekday(word: &str) -> Option<Weekday> {
    let word = word.trim_end_matches("'s");
    let full = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    full.contains(&word).then(|| word.parse().ok()).flatten()
}

fn month(word: &str) -> Option<u32> {
    let months = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    months.iter().zip(1..).find_map(|(name, number)| (*name == word).then_some(number))
}

/// 12 from "12", "12th" or "twelfth".
fn day_number(word: &str) -> Option<u32> {
    let spelled = [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
        "twenty-first",
        "twenty-second",
        "twenty-third",
        "twenty-fourth",
        "twenty-fifth",
        "twenty-sixth",
        "twenty-seventh",
        "twenty-eighth",
        "twenty-ninth",
        "thirtieth",
        "thirty-first",
    ];
    if let Some(day) =
        spelled.iter().zip(1..).find_map(|(name, day)| (*name == word).then_some(day))
    {
        return Some(day);
    }
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let tail = &word[digits.len()..];
    let day = digits.parse().ok().filter(|day| (1..=31).contains(day))?;
    matches!(tail, "" | "st" | "nd" | "rd" | "th").then_some(day)
}

fn number(word: &str) -> Option<u64> {
    let words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    match word {
        "a" | "an" => Some(1),
        _ => words
            .iter()
            .zip(1..)
            .find_map(|(name, number)| (*name == word).then_some(number))
            .or_else(|| word.parse().ok().filter(|number| *number <= 1000)),
    }
}
