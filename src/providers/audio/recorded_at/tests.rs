//! Tags and names as phones, recorders and people make them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;

/// Two hours ahead in summer, one in winter, as in Berlin, near enough.
fn berlin(moment: Moment) -> FixedOffset {
    use chrono::Datelike;
    let month = match moment {
        Moment::Local(at) => at.month(),
        Moment::Utc(at) => at.month(),
    };
    FixedOffset::east_opt(if (4..=10).contains(&month) { 7200 } else { 3600 }).unwrap()
}

fn at(tags: &[(&str, &str)], name: &str) -> String {
    let tags: Vec<_> = tags.iter().map(|(key, value)| TimeTag::new(key, value)).collect();
    let file_time = DateTime::parse_from_rfc3339("2026-06-01T08:00:00+02:00").unwrap();
    let (at, source) = recorded_at(&tags, name, Some(file_time), &berlin).unwrap();
    format!("{} {source:?}", at.to_rfc3339())
}

#[test]
fn the_best_tag_wins_over_name_and_file() {
    let apple = ("com.apple.quicktime.creationdate", "2026-05-03T23:40:00-0700");
    let mvhd = ("mvhd", "2026-05-04T06:40:00Z");
    assert_eq!(at(&[mvhd, apple], "x 2020-01-01.m4a"), "2026-05-03T23:40:00-07:00 Tag");
    assert_eq!(at(&[mvhd], "x.m4a"), "2026-05-04T08:40:00+02:00 Tag");
    assert_eq!(at(&[("mvhd", "2026-01-03T23:40:00Z")], ""), "2026-01-04T00:40:00+01:00 Tag");
    assert_eq!(at(&[("bext", "2026-05-03T22:40:00")], ""), "2026-05-03T22:40:00+02:00 Tag");
    assert_eq!(at(&[("TDRC", "2026-05-03T22:40")], ""), "2026-05-03T22:40:00+02:00 Tag");
}

#[test]
fn a_year_alone_or_an_impossible_time_is_no_time() {
    for value in ["2026", "1904-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "soon", "", "20:40"] {
        assert_eq!(at(&[("DATE", value)], "a.mp3"), "2026-06-01T08:00:00+02:00 FileTime");
    }
}

#[test]
fn a_date_alone_is_noon_unless_the_name_knows_the_hour() {
    let date = [("ICRD", "2026-05-03")];
    assert_eq!(at(&date, "memo.wav"), "2026-05-03T12:00:00+02:00 Tag");
    assert_eq!(at(&date, "20260503_224000.wav"), "2026-05-03T22:40:00+02:00 FileName");
    assert_eq!(at(&date, "20260504_224000.wav"), "2026-05-03T12:00:00+02:00 Tag");
}

#[test]
fn names_as_phones_make_them() {
    for (name, expected) in [
        ("Recording 2026-05-03 22.40.00.m4a", "2026-05-03T22:40:00+02:00 FileName"),
        ("20260503_224000.m4a", "2026-05-03T22:40:00+02:00 FileName"),
        ("2026-05-03T22-40-00+0900.wav", "2026-05-03T22:40:00+09:00 FileName"),
        ("2026-05-03T22:40:00Z.wav", "2026-05-04T00:40:00+02:00 FileName"),
        ("Voice 260503_224000.m4a", "2026-05-03T22:40:00+02:00 FileName"),
        ("PTT-20260503-WA0001.opus", "2026-05-03T12:00:00+02:00 FileName"),
        ("WhatsApp Audio 2026-05-03 at 22.40.00.opus", "2026-05-03T22:40:00+02:00 FileName"),
        ("audio_2026-05-03_22-40-00.ogg", "2026-05-03T22:40:00+02:00 FileName"),
        ("REC20260503224000.mp3", "2026-05-03T22:40:00+02:00 FileName"),
        ("Memo 2026-05-03 at 10.40.00 PM.m4a", "2026-05-03T22:40:00+02:00 FileName"),
        ("2026-05-03 2240.m4a", "2026-05-03T22:40:00+02:00 FileName"),
        ("20260503_0007.m4a", "2026-05-03T12:00:00+02:00 FileName"),
        ("2026-12-24.m4a", "2026-12-24T12:00:00+01:00 FileName"),
        ("New Recording 12.m4a", "2026-06-01T08:00:00+02:00 FileTime"),
        ("call 0612345678.m4a", "2026-06-01T08:00:00+02:00 FileTime"),
        ("2026-13-40.m4a", "2026-06-01T08:00:00+02:00 FileTime"),
    ] {
        assert_eq!(at(&[], name), expected, "{name}");
    }
}

#[test]
fn nothing_known_is_no_time() {
    assert_eq!(recorded_at(&[], "memo.m4a", None, &berlin), None);
}
