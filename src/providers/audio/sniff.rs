//! What the first bytes of a file say it is, for the files our demuxers do not take.
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::providers::audio::error::AudioError;

const HEAD_BYTES: u64 = 64;

/// Names the reason why probing failed: empty, damaged, known but unsupported, or no audio at all.
pub fn explain(path: &Path, reason: String) -> AudioError {
    match head(path) {
        Err(source) => AudioError::ReadInput { path: path.to_owned(), source },
        Ok(head) if head.is_empty() => AudioError::Empty,
        Ok(head) if head.starts_with(b"OggS") && head.get(28..33) == Some(b"Speex") => {
            AudioError::UnsupportedCodec { codec: "speex".to_owned() }
        }
        Ok(head) => match family(&head) {
            Family::Ours => AudioError::Damaged { reason: plain(reason) },
            Family::Foreign(container) => {
                AudioError::UnsupportedContainer { container: container.to_owned() }
            }
            Family::Unknown => AudioError::NotAudio,
        },
    }
}

/// An MPEG stream without a decoder, in a file that does not begin like one, is no sound at all:
/// two bytes in any archive look like the start of such a frame.
pub fn doubt(path: &Path, format: &str, error: AudioError) -> AudioError {
    let mpeg = |head: &[u8]| matches!(head, [0xff, 0xe0..=0xff, ..] | [b'I', b'D', b'3', ..]);
    if format.starts_with("mp") && !head(path).is_ok_and(|head| mpeg(&head)) {
        return AudioError::NotAudio;
    }
    error
}

#[derive(Debug, PartialEq, Eq)]
enum Family {
    Ours,
    Foreign(&'static str),
    Unknown,
}

fn head(path: &Path) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    Ok(head)
}

fn family(head: &[u8]) -> Family {
    let form = head.get(8..12).unwrap_or_default();
    match head {
        [b'R', b'I', b'F', b'F', ..] if form == b"WAVE" => Family::Ours,
        [b'R', b'I', b'F', b'F', ..] if form == b"AVI " => Family::Foreign("avi"),
        [b'f', b'L', b'a', b'C', ..] | [b'O', b'g', b'g', b'S', ..] | [b'I', b'D', b'3', ..] => {
            Family::Ours
        }
        [_, _, _, _, b'f', b't', b'y', b'p', ..] if matches!(form, b"avif" | b"heic" | b"mif1") => {
            Family::Unknown
        }
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Family::Ours,
        [_, _, _, _, b'm', b'o', b'o', b'v', ..] | [_, _, _, _, b'm', b'd', b'a', b't', ..] => {
            Family::Ours
        }
        [0x1a, 0x45, 0xdf, 0xa3, ..] => Family::Foreign("matroska or webm"),
        [b'F', b'O', b'R', b'M', ..] if form == b"AIFF" || form == b"AIFC" => {
            Family::Foreign("aiff")
        }
        [b'R', b'F', b'6', b'4', ..] | [b'B', b'W', b'6', b'4', ..] => Family::Foreign("rf64"),
        [b'c', b'a', b'f', b'f', ..] => Family::Foreign("caf"),
        [0x30, 0x26, 0xb2, 0x75, ..] => Family::Foreign("wma (asf)"),
        [b'#', b'!', b'A', b'M', b'R', ..] => Family::Foreign("amr"),
        [b'w', b'v', b'p', b'k', ..] => Family::Foreign("wavpack"),
        [b'M', b'A', b'C', b' ', ..] => Family::Foreign("monkey's audio"),
        [b'.', b's', b'n', b'd', ..] => Family::Foreign("au"),
        [b'F', b'L', b'V', ..] => Family::Foreign("flv"),
        [b'D', b'S', b'D', b' ', ..] => Family::Foreign("dsf"),
        [b'M', b'T', b'h', b'd', ..] => Family::Foreign("midi"),
        _ => Family::Unknown,
    }
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
        assert_eq!(family(b"RIFF\0\0\0\0WAVEfmt "), Family::Ours);
        assert_eq!(family(b"\0\0\0\x20ftypM4A "), Family::Ours);
        assert_eq!(family(b"\x1a\x45\xdf\xa3rest"), Family::Foreign("matroska or webm"));
        assert_eq!(family(b"FORM\0\0\0\0AIFF"), Family::Foreign("aiff"));
        assert_eq!(family(b"#!AMR\n"), Family::Foreign("amr"));
        assert_eq!(family(b"Dear diary, today"), Family::Unknown);
        assert_eq!(family(b"RI"), Family::Unknown);
        assert_eq!(family(b""), Family::Unknown);
    }
}
