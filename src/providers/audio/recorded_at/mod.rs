//! When a memo was spoken: from its tags, else its name, else its file's time, in the speaker's offset.
use chrono::{DateTime, FixedOffset, NaiveDateTime, NaiveTime, TimeZone, Utc};
use serde::{Deserialize, Serialize};

use crate::providers::audio::probe::TimeTag;
use crate::providers::audio::stamp::{Stamp, Zone, find};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedAtSource {
    Tag,
    FileName,
    FileTime,
}

/// A moment whose offset from UTC is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Local(NaiveDateTime),
    Utc(DateTime<Utc>),
}

/// The offset is the tag's own where it has one, and else this machine's at that moment.
/// A date alone counts as noon, unless a name with the same date knows better.
pub fn recorded_at(
    tags: &[TimeTag],
    file_name: &str,
    file_time: Option<DateTime<FixedOffset>>,
    local_offset: &dyn Fn(Moment) -> FixedOffset,
) -> Option<(DateTime<FixedOffset>, RecordedAtSource)> {
    let tagged = best_tag(tags);
    let named = find(stem(file_name));
    let (stamp, source) = match (tagged, named) {
        (Some(tag), Some(name)) if tag.time.is_none() && name.date == tag.date => {
            (name, RecordedAtSource::FileName)
        }
        (Some(tag), _) => (tag, RecordedAtSource::Tag),
        (None, Some(name)) => (name, RecordedAtSource::FileName),
        (None, None) => return file_time.map(|at| (at, RecordedAtSource::FileTime)),
    };
    Some((resolve(&stamp, local_offset)?, source))
}

/// A time with the speaker's offset beats a local one, that beats UTC, that beats a date alone.
fn best_tag(tags: &[TimeTag]) -> Option<Stamp> {
    let rank = |stamp: &Stamp| match (stamp.time, stamp.zone) {
        (None, _) => 3,
        (Some(_), Zone::Offset(_)) => 0,
        (Some(_), Zone::Local) => 1,
        (Some(_), Zone::Utc) => 2,
    };
    tags.iter().filter_map(|tag| find(&tag.value)).min_by_key(rank)
}

fn resolve(
    stamp: &Stamp,
    local_offset: &dyn Fn(Moment) -> FixedOffset,
) -> Option<DateTime<FixedOffset>> {
    let noon = NaiveTime::from_hms_opt(12, 0, 0)?;
    let written = stamp.date.and_time(stamp.time.unwrap_or(noon));
    let zone = if stamp.time.is_some() { stamp.zone } else { Zone::Local };
    match zone {
        Zone::Offset(offset) => offset.from_local_datetime(&written).single(),
        Zone::Local => local_offset(Moment::Local(written)).from_local_datetime(&written).single(),
        Zone::Utc => {
            let at = written.and_utc();
            Some(at.with_timezone(&local_offset(Moment::Utc(at))))
        }
    }
}

fn stem(file_name: &str) -> &str {
    match file_name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() <= 5 && !ending.contains(' ') => stem,
        _ => file_name,
    }
}

#[cfg(test)]
mod tests;
