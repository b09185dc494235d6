//! Facts that the demuxers leave out: when an MP4 or WAV says it was made, and where MP4 sound begins.
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use chrono::DateTime;

use crate::providers::audio::probe::TimeTag;

/// More boxes than this in one file is no recording; the walk ends there.
const BOXES_AT_MOST: u32 = 20_000;
const TEXT_BYTES_AT_MOST: u64 = 64;
/// Seconds from 1904, where MP4 counts from, to 1970.
const EPOCH_1904_S: i64 = 2_082_844_800;

#[derive(Debug, Default)]
pub struct ContainerFacts {
    pub tags: Vec<TimeTag>,
    pub sound_tracks: Vec<SoundTrack>,
}

/// One sound track of an MP4 file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SoundTrack {
    pub id: u32,
    pub codec: String,
    /// The part to play: (ticks to skip, ticks per second).
    pub skip: Option<(u64, u32)>,
    /// How long that part is: (ticks, ticks per second).
    pub length: Option<(u64, u32)>,
    is_sound: bool,
    media_ticks_per_s: u32,
}

/// Reads what it can and stays silent about the rest: these facts only refine.
pub fn read(path: &Path) -> ContainerFacts {
    let mut facts = ContainerFacts::default();
    let Ok(mut file) = File::open(path) else { return facts };
    let mut head = [0; 12];
    if file.read_exact(&mut head).is_err() {
        return facts;
    }
    let walked = match &head {
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E'] => {
            walk_riff(&mut file, &mut facts)
        }
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Walk::new(&mut file).mp4(&mut facts),
        _ => Ok(()),
    };
    // A walk that ends early has still found what came before.
    let _ = walked;
    facts.sound_tracks.retain(|track| track.is_sound);
    facts
}

fn walk_riff(file: &mut File, facts: &mut ContainerFacts) -> io::Result<()> {
    for _ in 0..BOXES_AT_MOST {
        let mut head = [0; 8];
        file.read_exact(&mut head)?;
        let [a, b, c, d, size @ ..] = head;
        let size = u64::from(u32::from_le_bytes(size));
        let body = file.stream_position()?;
        match &[a, b, c, d] {
            b"bext" => {
                file.seek(SeekFrom::Start(body + 320))?;
                let stamp = text(file, 18)?;
                let (date, time) = stamp.split_at_checked(10).unwrap_or_default();
                facts.tags.push(TimeTag::new("bext", &format!("{date}T{time}")));
            }
            b"LIST" => {
                let mut form = [0; 4];
                file.read_exact(&mut form)?;
                if &form == b"INFO" {
                    // Its entries are chunks like any other: walk into it.
                    continue;
                }
            }
            b"ICRD" | b"IDIT" => {
                let value = text(file, size)?;
                facts.tags.push(TimeTag::new(&String::from_utf8_lossy(&[a, b, c, d]), &value));
            }
            _ => {}
        }
        file.seek(SeekFrom::Start(body + size + size % 2))?;
    }
    Ok(())
}

struct Walk<'a> {
    file: &'a mut File,
    boxes_left: u32,
    movie_ticks_per_s: u32,
    /// Which entry of an Apple key list is the creation date, counted from 1.
    date_key: Option<u32>,
}

impl<'a> Walk<'a> {
    fn new(file: &'a mut File) -> Self {
        Self { file, boxes_left: BOXES_AT_MOST, movie_ticks_per_s: 0, date_key: None }
    }

    fn mp4(&mut self, facts: &mut ContainerFacts) -> io::Result<()> {
        let end = self.file.seek(SeekFrom::End(0))?;
        self.inside(0, end, facts)?;
        // The movie's own clock may stand behind the tracks that count in it.
        for track in &mut facts.sound_tracks {
            track.length = track.length.map(|(ticks, _)| (ticks, self.movie_ticks_per_s));
        }
        Ok(())
    }

    fn inside(&mut self, from: u64, to: u64, facts: &mut ContainerFacts) -> io::Result<()> {
        let mut at = from;
        while at + 8 <= to && self.boxes_left > 0 {
            self.boxes_left -= 1;
            self.file.seek(SeekFrom::Start(at))?;
            let (mut size, mut body) = (u64::from(self.u32()?), at + 8);
            let kind = self.u32()?.to_be_bytes();
            if size == 1 {
                size = self.u64()?;
                body += 8;
            } else if size == 0 {
                size = to - at;
            }
            let end = at.saturating_add(size).min(to);
            if end <= at + 7 {
                break;
            }
            self.one(kind, body, end, facts)?;
            at = end;
        }
        Ok(())
    }

    fn one(
        &mut self,
        kind: [u8; 4],
        body: u64,
        end: u64,
        facts: &mut ContainerFacts,
    ) -> io::Result<()> {
        match &kind {
            b"moov" | b"mdia" | b"minf" | b"stbl" | b"edts" | b"udta" | b"ilst" => {
                return self.inside(body, end, facts);
            }
            b"trak" => {
                facts.sound_tracks.push(SoundTrack::default());
                return self.inside(body, end, facts);
            }
            b"meta" => return self.meta(body, end, facts),
            b"mvhd" => self.mvhd(facts)?,
            b"keys" => self.keys()?,
            _ if self.date_key == Some(u32::from_be_bytes(kind)) => {
                // data box: size, "data", type, locale, then the text
                self.skip(16)?;
                let value = text(self.file, end.saturating_sub(body + 16))?;
                facts.tags.push(TimeTag::new("com.apple.quicktime.creationdate", &value));
            }
            _ => {
                if let Some(track) = facts.sound_tracks.last_mut() {
                    self.track(kind, track)?;
                }
            }
        }
        Ok(())
    }

    fn track(&mut self, kind: [u8; 4], track: &mut SoundTrack) -> io::Result<()> {
        match &kind {
            b"tkhd" => {
                let wide = self.u32()? >> 24 == 1;
                self.skip(if wide { 16 } else { 8 })?;
                track.id = self.u32()?;
            }
            b"mdhd" => {
                let wide = self.u32()? >> 24 == 1;
                self.skip(if wide { 16 } else { 8 })?;
                track.media_ticks_per_s = self.u32()?;
                track.skip = track.skip.map(|(ticks, _)| (ticks, track.media_ticks_per_s));
            }
            b"hdlr" => {
                self.skip(8)?;
                track.is_sound |= &self.u32()?.to_be_bytes() == b"soun";
            }
            b"stsd" => {
                self.skip(12)?;
                let codec = self.u32()?.to_be_bytes();
                track.codec = String::from_utf8_lossy(&codec).trim().to_owned();
            }
            b"elst" => self.edit_list(track)?,
            _ => {}
        }
        Ok(())
    }

    /// The first edit that is not an empty one tells what the encoder put before the sound.
    fn edit_list(&mut self, track: &mut SoundTrack) -> io::Result<()> {
        let wide = self.u32()? >> 24 == 1;
        for _ in 0..self.u32()?.min(16) {
            let (length, from) = if wide {
                (self.u64()?, self.u64()?.cast_signed())
            } else {
                (u64::from(self.u32()?), i64::from(self.u32()?.cast_signed()))
            };
            self.skip(4)?;
            if let Ok(from) = u64::try_from(from) {
                track.skip = Some((from, track.media_ticks_per_s));
                track.length = (length > 0).then_some((length, 0));
                break;
            }
        }
        Ok(())
    }

    fn mvhd(&mut self, facts: &mut ContainerFacts) -> io::Result<()> {
        let wide = self.u32()? >> 24 == 1;
        let created = if wide { self.u64()? } else { u64::from(self.u32()?) };
        self.skip(if wide { 8 } else { 4 })?;
        self.movie_ticks_per_s = self.u32()?;
        let unix_s = i64::try_from(created).unwrap_or(0) - EPOCH_1904_S;
        if let (true, Some(at)) = (created != 0, DateTime::from_timestamp(unix_s, 0)) {
            facts.tags.push(TimeTag::new("mvhd", &at.format("%Y-%m-%dT%H:%M:%SZ").to_string()));
        }
        Ok(())
    }

    /// `meta` is a full box in MP4 and a plain one in QuickTime: its first child tells which.
    fn meta(&mut self, body: u64, end: u64, facts: &mut ContainerFacts) -> io::Result<()> {
        self.skip(4)?;
        let plain = &self.u32()?.to_be_bytes() == b"hdlr";
        self.date_key = None;
        let walked = self.inside(if plain { body } else { body + 4 }, end, facts);
        self.date_key = None;
        walked
    }

    fn keys(&mut self) -> io::Result<()> {
        self.skip(4)?;
        for index in 1..=self.u32()?.min(256) {
            let size = u64::from(self.u32()?).saturating_sub(8);
            self.skip(4)?;
            let next = self.file.stream_position()? + size;
            if text(self.file, size)? == "com.apple.quicktime.creationdate" {
                self.date_key = Some(index);
            }
            self.file.seek(SeekFrom::Start(next))?;
        }
        Ok(())
    }

    fn skip(&mut self, bytes: i64) -> io::Result<()> {
        self.file.seek_relative(bytes)
    }

    fn u32(&mut self) -> io::Result<u32> {
        let mut bytes = [0; 4];
        self.file.read_exact(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn u64(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.file.read_exact(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }
}

/// Whether a tag of this name may say when the recording was made.
pub fn is_time_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let key = key.strip_prefix("txxx:").unwrap_or(&key);
    const KEYS: [&str; 9] = [
        "tdrc",
        "date",
        "©day",
        "creation_time",
        "creationdate",
        "com.apple.quicktime.creationdate",
        "icrd",
        "recordingdate",
        "recorded_at",
    ];
    KEYS.contains(&key)
}

fn text(file: &mut File, bytes: u64) -> io::Result<String> {
    let mut value = Vec::new();
    file.take(bytes.min(TEXT_BYTES_AT_MOST)).read_to_end(&mut value)?;
    Ok(String::from_utf8_lossy(&value).trim_matches(['\0', ' ', '\n', '\r']).to_owned())
}

#[cfg(test)]
mod tests;
