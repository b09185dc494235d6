//! The header of a WAV, which often lies: written to a pipe, never finished, cut off, or counting in 64 bits.
//!
//! On its way to the reader it is made to say what the file really holds. What it said before is the promise that
//! a cut-off recording is measured by.
use std::fs::File;
use std::io::{self, Chain, Cursor, Read};

/// Everything before the samples has to be within this.
const HEAD_BYTES: u64 = 256 << 10;
/// Recorders that cannot go back to their header promise two or four gigabytes.
const PLACEHOLDER_BYTES: u64 = 0x7fff_0000;

pub fn is_wav(head: &[u8]) -> bool {
    matches!(head.get(..4), Some(b"RIFF" | b"RF64" | b"BW64")) && head.get(8..12) == Some(b"WAVE")
}

/// A new header with the rest of the old file behind it.
pub type Mended = Chain<Cursor<Vec<u8>>, File>;

/// How many bytes of samples a header promised, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    pub said: u64,
    pub there: u64,
}

impl Promise {
    /// How long the whole would be, where `there` is so long.
    pub fn whole_ms(self, there_ms: u64) -> Option<u64> {
        let whole = u128::from(there_ms) * u128::from(self.said);
        u64::try_from(whole.checked_div(self.there.into())?).ok()
    }
}

/// The file with a true header, and what the old one promised if that is to be believed.
pub fn mended(mut file: File) -> io::Result<(Mended, Option<Promise>)> {
    let file_bytes = file.metadata()?.len();
    let mut head = Vec::new();
    (&mut file).take(HEAD_BYTES).read_to_end(&mut head)?;
    let promised = mend(&mut head, file_bytes);
    Ok((Cursor::new(head).chain(file), promised.filter(|promise| promise.said < PLACEHOLDER_BYTES)))
}

/// Corrects the lengths of the file and of its samples; `None` where there are no samples in sight.
fn mend(head: &mut [u8], file_bytes: u64) -> Option<Promise> {
    let wide = !head.starts_with(b"RIFF");
    let mut at = 12_usize;
    while head.get(at..at + 4)? != b"data" {
        let size = length(head, at + 4)?;
        at = at.checked_add(8 + usize::try_from(size).ok()?)? + usize::from(size % 2 == 1);
    }
    let said = length(head, at + 4)?;
    // The first chunk of a 64-bit file says what its other lengths cannot.
    let said = if wide { u64::from_le_bytes(head.get(28..36)?.try_into().ok()?) } else { said };
    let there = file_bytes.saturating_sub(at as u64 + 8);
    let true_bytes = if said == 0 { there } else { said.min(there) };
    // As far as four bytes can count; the largest number means: to the end.
    let true_bytes = u32::try_from(true_bytes).unwrap_or(u32::MAX);
    head.get_mut(..8)?.copy_from_slice(b"RIFF\xff\xff\xff\xff");
    head.get_mut(at + 4..at + 8)?.copy_from_slice(&true_bytes.to_le_bytes());
    Some(Promise { said, there })
}

fn length(head: &[u8], at: usize) -> Option<u64> {
    Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide() -> Vec<u8> {
        let mut head = b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0".to_vec();
        head.extend([0; 28]);
        head.extend(b"fmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data");
        head.extend([0xff; 4]);
        head.extend([7; 6]);
        head
    }

    #[test]
    fn sixty_four_bits_become_thirty_two() {
        let mut head = wide();
        head[28] = 6;
        let file_bytes = head.len() as u64;
        assert_eq!(mend(&mut head, file_bytes), Some(Promise { said: 6, there: 6 }));
        assert!(
            head.starts_with(b"RIFF") && head.ends_with(b"data\x06\0\0\0\x07\x07\x07\x07\x07\x07")
        );
    }

    #[test]
    fn a_length_is_never_more_than_there_is_and_none_is_all() {
        for (said, told) in [(100_u8, 6_u8), (4, 4), (0, 6)] {
            let mut head = wide();
            head[28] = said;
            let file_bytes = head.len() as u64;
            let promise = Promise { said: said.into(), there: 6 };
            assert_eq!(mend(&mut head, file_bytes), Some(promise));
            assert_eq!(head[head.len() - 10], told, "said {said}");
        }
    }

    #[test]
    fn a_head_cut_anywhere_does_no_harm() {
        for end in 0..wide().len() {
            let _ = mend(&mut wide()[..end], 1_000);
        }
    }
}
