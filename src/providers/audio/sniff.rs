//! What the first bytes of a file say it is, and what to tell of a file that cannot be read.
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::providers::audio::error::AudioError;

/// A header of Windows Media, where it says whether it is locked, is this long at most.
const HEAD_BYTES: u64 = 16 << 10;
/// The 16-byte names of Windows Media's objects that tell of encryption: the first, and its extension.
const ASF_LOCKS: [[u8; 16]; 2] = [
    [
        0xfb, 0xb3, 0x11, 0x22, 0x23, 0xbd, 0xd2, 0x11, 0xb4, 0xb7, 0x00, 0xa0, 0xc9, 0x55, 0xfc,
        0x6e,
    ],
    [
        0x14, 0xe6, 0x8a, 0x29, 0x22, 0x26, 0x17, 0x4c, 0xb9, 0x35, 0xda, 0xe0, 0x7e, 0xe9, 0x28,
        0x9c,
    ],
];

/// A kind of file that is known by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Container {
    /// As people call it.
    pub name: &'static str,
    /// What ffmpeg calls its reader of such files.
    pub demuxer: &'static str,
    /// Whether we read it ourselves.
    pub ours: bool,
}

/// Names the reason why probing failed: empty, locked, damaged, known but unsupported, or no audio at all.
pub fn explain(path: &Path, reason: String) -> AudioError {
    let head = match head(path) {
        Err(source) => return AudioError::ReadInput { path: path.to_owned(), source },
        Ok(head) if head.is_empty() => return AudioError::Empty,
        Ok(head) => head,
    };
    if let Some(scheme) = lock(&head) {
        return AudioError::Protected { scheme: scheme.to_owned() };
    }
    if head.starts_with(b"OggS") && head.get(28..33) == Some(b"Speex") {
        return AudioError::UnsupportedCodec { codec: "speex".to_owned() };
    }
    match container(&head) {
        Some(container) if container.ours => AudioError::Damaged { reason: plain(reason) },
        Some(container) => {
            AudioError::UnsupportedContainer { container: container.name.to_owned() }
        }
        None => AudioError::NotAudio,
    }
}

/// An MPEG stream without a decoder, in a file that does not begin like one, is no sound at all:
/// two bytes in any archive look like the start of such a frame.
pub fn doubt(path: &Path, format: &str, error: AudioError) -> AudioError {
    let mpeg = |head: &[u8]| matches!(head, [0xff, 0xe0..=0xff, ..] | [b'I', b'D', b'3', ..]);
    if matches!(format, "mp1" | "mp2" | "mp3") && !head(path).is_ok_and(|head| mpeg(&head)) {
        return AudioError::NotAudio;
    }
    error
}

/// Files with a signature of their own, in which our MPEG readers would find frames by chance.
pub fn is_foreign(head: &[u8]) -> bool {
    lock(head).is_some() || container(head).is_some_and(|container| !container.ours)
}

pub fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

pub fn container(head: &[u8]) -> Option<Container> {
    let form = head.get(8..12).unwrap_or_default();
    let ours = |name, demuxer| Some(Container { name, demuxer, ours: true });
    let theirs = |name, demuxer| Some(Container { name, demuxer, ours: false });
    match head {
        [b'R', b'I', b'F', b'F', ..] if form == b"WAVE" => ours("wav", "wav"),
        [b'R', b'F', b'6', b'4', ..] | [b'B', b'W', b'6', b'4', ..] => ours("wav", "wav"),
        [b'R', b'I', b'F', b'F', ..] if form == b"AVI " => theirs("avi", "avi"),
        [b'f', b'L', b'a', b'C', ..] => ours("flac", "flac"),
        [b'O', b'g', b'g', b'S', ..] => ours("ogg", "ogg"),
        [b'I', b'D', b'3', ..] => ours("mp3", "mp3"),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] if matches!(form, b"avif" | b"heic" | b"mif1") => {
            None
        }
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => ours(mp4_brand(form), "mov"),
        [_, _, _, _, b'm', b'o', b'o', b'v', ..] | [_, _, _, _, b'm', b'd', b'a', b't', ..] => {
            ours("mov", "mov")
        }
        [0x1a, 0x45, 0xdf, 0xa3, ..] if is_webm(head) => ours("webm", "matroska"),
        [0x1a, 0x45, 0xdf, 0xa3, ..] => ours("matroska", "matroska"),
        [b'F', b'O', b'R', b'M', ..] if form == b"AIFF" || form == b"AIFC" => ours("aiff", "aiff"),
        [b'c', b'a', b'f', b'f', ..] => ours("caf", "caf"),
        [0x30, 0x26, 0xb2, 0x75, ..] => theirs("wma", "asf"),
        [b'#', b'!', b'A', b'M', b'R', ..] => theirs("amr", "amr"),
        [b'w', b'v', b'p', b'k', ..] => theirs("wavpack", "wv"),
        [b'M', b'A', b'C', b' ', ..] => theirs("monkey's audio", "ape"),
        [b'T', b'T', b'A', b'1' | b'2', ..] => theirs("tta", "tta"),
        [b'.', b's', b'n', b'd', ..] => theirs("au", "au"),
        [b'r', b'i', b'f', b'f', 0x2e, 0x91, 0xcf, 0x11, ..] => theirs("wave64", "w64"),
        [b'F', b'L', b'V', ..] => theirs("flv", "flv"),
        [b'D', b'S', b'D', b' ', ..] => theirs("dsf", "dsf"),
        [0x00, 0x00, 0x01, 0xba, ..] => theirs("mpeg program stream", "mpeg"),
        [0x47, ..] if head.get(188) == Some(&0x47) && head.get(376) == Some(&0x47) => {
            theirs("mpeg transport stream", "mpegts")
        }
        [0x0b, 0x77, _, _, _, id, ..] => {
            if id >> 3 <= 10 {
                theirs("ac3", "ac3")
            } else {
                theirs("eac3", "eac3")
            }
        }
        _ => None,
    }
}

fn mp4_brand(brand: &[u8]) -> &'static str {
    match brand {
        b"M4A " | b"M4B " | b"M4P " => "m4a",
        b"qt  " => "mov",
        [b'3', b'g', ..] => "3gp",
        _ => "mp4",
    }
}

fn is_webm(head: &[u8]) -> bool {
    head.get(..64).unwrap_or(head).windows(4).any(|four| four == b"webm")
}

/// Who locked the file, where its first bytes say so.
fn lock(head: &[u8]) -> Option<&'static str> {
    match head {
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'a', b'x', ..] => Some("Audible"),
        [_, _, _, _, 0x57, 0x90, 0x75, 0x36, ..] => Some("Audible"),
        [0x30, 0x26, 0xb2, 0x75, ..] if head.windows(16).any(is_asf_lock) => Some("Windows Media"),
        _ => None,
    }
}

fn is_asf_lock(id: &[u8]) -> bool {
    ASF_LOCKS.iter().any(|lock| lock == id)
}

/// What a person can make something of; the rest is passed on as it is.
fn plain(reason: String) -> String {
    match reason {
        reason if reason.contains("missing moov") => {
            "it was cut off before its end, where the recorder writes its index".to_owned()
        }
        reason => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_containers_are_named_and_text_is_not_audio() {
        let name = |head: &[u8]| container(head).map(|container| container.name);
        assert_eq!(name(b"RIFF\0\0\0\0WAVEfmt "), Some("wav"));
        assert_eq!(name(b"\0\0\0\x20ftypM4A "), Some("m4a"));
        assert_eq!(name(b"\0\0\0\x20ftypqt  "), Some("mov"));
        assert_eq!(name(b"\0\0\0\x20ftypheic"), None);
        assert_eq!(name(b"\x1a\x45\xdf\xa3rest"), Some("matroska"));
        assert_eq!(name(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm"), Some("webm"));
        assert_eq!(name(b"FORM\0\0\0\0AIFC"), Some("aiff"));
        assert_eq!(name(b"#!AMR\n"), Some("amr"));
        assert_eq!(name(b"Dear diary, today"), None);
        assert_eq!(name(b"RI"), None);
        assert_eq!(name(b""), None);
    }

    #[test]
    fn locked_files_are_known() {
        assert_eq!(lock(b"\0\0\0\x20ftypaax "), Some("Audible"));
        assert_eq!(lock(b"\0\0\0\x20ftypM4A "), None);
        let wma = [b"\x30\x26\xb2\x75\x8e\x66\xcf\x11".as_slice(), &[7; 90]].concat();
        assert_eq!(lock(&wma), None);
        assert_eq!(
            lock(&[wma.as_slice(), &ASF_LOCKS[0], &[0; 40]].concat()),
            Some("Windows Media")
        );
    }
}
