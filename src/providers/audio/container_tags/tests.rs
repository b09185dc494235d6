//! Files built byte by byte, whole and cut off.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;

fn facts_of(bytes: &[u8]) -> ContainerFacts {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("memo");
    std::fs::write(&path, bytes).unwrap();
    read(&path)
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes(), kind.as_slice(), body].concat()
}

fn movie(created: u32) -> Vec<u8> {
    let words = [0, created, 0, 1000, 5000].map(u32::to_be_bytes).concat();
    let mvhd = boxed(b"mvhd", &words);
    let date = b"2026-05-03T22:40:00+0200";
    let key = boxed(b"mdta", b"com.apple.quicktime.creationdate");
    let keys = boxed(b"keys", &[&[0, 0, 0, 0, 0, 0, 0, 1], key.as_slice()].concat());
    let data = boxed(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], date.as_slice()].concat());
    let ilst = boxed(b"ilst", &boxed(&[0, 0, 0, 1], &data));
    let meta = boxed(b"meta", &[boxed(b"hdlr", &[0; 24]), keys, ilst].concat());
    let moov = boxed(b"moov", &[mvhd, meta].concat());
    [boxed(b"ftyp", b"M4A \0\0\0\0"), boxed(b"mdat", &[7; 100]), moov].concat()
}

#[test]
fn an_mp4_gives_its_creation_time_and_apples_creation_date() {
    let tags = facts_of(&movie(3_860_685_600)).tags;
    assert_eq!(tags[0], TimeTag::new("mvhd", "2026-05-03T20:40:00Z"));
    let key = "com.apple.quicktime.creationdate";
    assert_eq!(tags[1], TimeTag::new(key, "2026-05-03T22:40:00+0200"));
}

#[test]
fn an_unset_creation_time_is_no_time() {
    assert!(facts_of(&movie(0)).tags.iter().all(|tag| tag.key != "mvhd"));
}

#[test]
fn a_wav_gives_its_broadcast_and_info_dates() {
    let mut bext = vec![b'x'; 602];
    bext[320..338].copy_from_slice(b"2026-05-0322:40:00");
    let chunk = |kind: &[u8; 4], body: &[u8]| {
        let size = u32::try_from(body.len()).unwrap().to_le_bytes();
        [kind.as_slice(), &size, body].concat()
    };
    let info = [b"INFO".as_slice(), &chunk(b"ICRD", b"2026-05-03\0\0")].concat();
    let body = [chunk(b"bext", &bext), chunk(b"data", &[0; 8]), chunk(b"LIST", &info)].concat();
    let tags = facts_of(&[b"RIFF\0\0\0\0WAVE".as_slice(), &body].concat()).tags;
    assert_eq!(tags[0], TimeTag::new("bext", "2026-05-03T22:40:00"));
    assert_eq!(tags[1], TimeTag::new("ICRD", "2026-05-03"));
}

#[test]
fn a_file_cut_anywhere_is_walked_without_harm() {
    let whole = movie(3_860_685_600);
    for end in 0..whole.len() {
        let _ = facts_of(&whole[..end]);
    }
}
