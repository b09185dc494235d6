//! A moment as a person writes it: `2026-12-01 08:00`, `22:30`, `+2h30m`, or RFC 3339.

use crate::client::{Client, JobView};
use crate::clock;
use crate::domain::options::RUN_AT_YEAR_MAX;
use chrono::{DateTime, Datelike, FixedOffset, NaiveDateTime, NaiveTime, SubsecRound, TimeDelta};

const FORMS: &str = "give it as `2026-12-01 08:00`, `22:30`, `+2h30m`, or with an offset as 2026-12-01T08:00:00+01:00";
const WALL: [&str; 4] =
    ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];

/// A moment to come. Without an offset it is of this machine's wall clock.
pub fn to_come(text: &str) -> Result<DateTime<FixedOffset>, String> {
    let now = clock::in_local_zone(clock::now());
    let at = read(text.trim(), now, &clock::local_offset).ok_or(FORMS)?;
    if at.year() > RUN_AT_YEAR_MAX {
        return Err(format!("that is beyond the year {RUN_AT_YEAR_MAX}"));
    }
    if at <= now {
        return Err(format!("that has passed, it is {}", shown(now)));
    }
    Ok(at)
}

/// As it is told to a person.
pub fn shown(at: DateTime<FixedOffset>) -> String {
    at.format("%Y-%m-%d %H:%M %:z").to_string()
}

/// Why nothing happens to a job for now, and what can be done about it.
pub async fn why_it_waits(client: &Client, job: &JobView) -> Option<String> {
    if let (true, Some(stage)) = (job.stage_paused, &job.stage) {
        return Some(format!("{stage} is paused; `diarist admin resume {stage}` lets it go on"));
    }
    if let (Some(at), id) = (job.scheduled(clock::now()), job.id) {
        return Some(format!(
            "was handed in for {}; to have it at once: `diarist jobs cancel {id}`, then `diarist jobs retry {id}`",
            shown(at)
        ));
    }
    if job.status != "queued" {
        return None;
    }
    let refusal = client.is_ready().await.err()?;
    Some(format!("the server does not begin it: {refusal}"))
}

fn read(
    text: &str,
    now: DateTime<FixedOffset>,
    offset: &impl Fn(NaiveDateTime) -> FixedOffset,
) -> Option<DateTime<FixedOffset>> {
    let wall = |at: NaiveDateTime| at.and_local_timezone(offset(at)).single();
    if let Some(span) = text.strip_prefix('+') {
        // The offset from UTC may be another one by then.
        let at = now.checked_add_signed(read_span(span)?)?.trunc_subsecs(0).naive_utc().and_utc();
        return Some(at.with_timezone(&offset(at.with_timezone(now.offset()).naive_local())));
    }
    if let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M") {
        let today = wall(now.date_naive().and_time(time))?;
        let tomorrow = || wall(now.date_naive().succ_opt()?.and_time(time));
        return if today > now { Some(today) } else { tomorrow() };
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at);
    }
    let written = WALL.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    wall(written?)
}

/// `2h`, `1d12h`, `90m`.
fn read_span(text: &str) -> Option<TimeDelta> {
    let (mut rest, mut span) = (text, TimeDelta::zero());
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (count, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let seconds = match unit {
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "w" => 604_800,
            _ => return None,
        };
        let count = count.parse::<i64>().ok()?.checked_mul(seconds)?;
        span = span.checked_add(&TimeDelta::try_seconds(count)?)?;
        rest = tail;
    }
    (span > TimeDelta::zero()).then_some(span)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    /// Friday evening in a zone whose winter begins on Sunday at three.
    fn at(text: &str) -> Option<String> {
        let hours = |hours: i32| FixedOffset::east_opt(hours * 3_600).unwrap();
        let change: NaiveDateTime = "2026-10-25T03:00:00".parse().unwrap();
        let offset = |wall| hours(if wall < change { 2 } else { 1 });
        let now = DateTime::parse_from_rfc3339("2026-10-23T21:30:00.5+02:00").unwrap();
        read(text, now, &offset).map(|at| at.to_rfc3339())
    }

    #[test]
    fn a_moment_is_read_in_every_form() {
        for (text, moment) in [
            ("2026-12-01 08:00", "2026-12-01T08:00:00+01:00"),
            ("2026-12-01 08:00:30", "2026-12-01T08:00:30+01:00"),
            ("2026-10-24T08:00", "2026-10-24T08:00:00+02:00"),
            ("2026-12-01T08:00:00Z", "2026-12-01T08:00:00+00:00"),
            ("2026-12-01 08:00:00-05:00", "2026-12-01T08:00:00-05:00"),
            ("22:30", "2026-10-23T22:30:00+02:00"),
            ("8:00", "2026-10-24T08:00:00+02:00"),
            ("+2h", "2026-10-23T23:30:00+02:00"),
            ("+1d12h30m", "2026-10-25T10:00:00+02:00"),
            ("+1w", "2026-10-30T20:30:00+01:00"),
            ("+90s", "2026-10-23T21:31:30+02:00"),
        ] {
            let wanted = DateTime::parse_from_rfc3339(moment).unwrap();
            let read = at(text).map(|read| DateTime::parse_from_rfc3339(&read).unwrap());
            assert_eq!(read, Some(wanted), "{text}");
        }
        assert_eq!(
            at("+1w").as_deref(),
            Some("2026-10-30T20:30:00+01:00"),
            "told by its own offset"
        );
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in
            ["", "soon", "+", "+2", "+h", "+2x", "+0h", "2026-13-01 08:00", "25:00", "2026-12-01"]
        {
            assert_eq!(at(text), None, "{text}");
        }
        for long in ["+99999999999999999999h", "+9223372036854775807w", "+99999999999d"] {
            assert_eq!(at(long), None, "{long}");
        }
        assert!(to_come("2001-01-01 00:00").unwrap_err().contains("passed"));
        assert!(to_come("soon").unwrap_err().contains("+2h30m"));
        assert!(to_come("+2h").is_ok());
        assert!(to_come("+99999999h").unwrap_err().contains("9999"));
    }
}
