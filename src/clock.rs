//! The one place that reads a clock, so that everything else can be given any time in a test.

#![expect(clippy::disallowed_methods, reason = "this is the one place")]

use chrono::{DateTime, FixedOffset, Local, NaiveDateTime, Offset, TimeZone, Utc};
use std::time::{Duration, Instant, SystemTime};

pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A monotonic moment, for durations.
pub fn tick() -> Instant {
    Instant::now()
}

/// What this machine's time zone is at a moment of its wall clock; the earlier one where it is ambiguous.
pub fn local_offset(wall_time: NaiveDateTime) -> FixedOffset {
    Local
        .offset_from_local_datetime(&wall_time)
        .earliest()
        .map_or_else(|| Local.offset_from_utc_datetime(&wall_time).fix(), |offset| offset.fix())
}

/// A file's time in this machine's time zone.
pub fn to_local(time: SystemTime) -> DateTime<FixedOffset> {
    DateTime::<Local>::from(time).fixed_offset()
}

/// Processor time that the calling thread has used.
pub fn thread_cpu() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// A moment as this machine's wall clock shows it.
pub fn in_local_zone(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&Local).fixed_offset()
}
