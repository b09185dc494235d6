//! The kinds of numbers in a ggml file that whisper.cpp loads, and how large a block of each is.

use serde::{Deserialize, Serialize};

/// What to do with the weights on the way in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantize {
    /// Keep them as they come.
    None,
    /// Store blocks of 32 as 8-bit integers and one scale: half the size, the same text.
    #[default]
    #[serde(rename = "q8_0")]
    Q8_0,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantization {
    F32,
    F16,
    #[serde(rename = "q4_0")]
    Q4_0,
    #[serde(rename = "q4_1")]
    Q4_1,
    #[serde(rename = "q5_0")]
    Q5_0,
    #[serde(rename = "q5_1")]
    Q5_1,
    #[serde(rename = "q8_0")]
    Q8_0,
    #[serde(rename = "q2_k")]
    Q2K,
    #[serde(rename = "q3_k")]
    Q3K,
    #[serde(rename = "q4_k")]
    Q4K,
    #[serde(rename = "q5_k")]
    Q5K,
    #[serde(rename = "q6_k")]
    Q6K,
}

/// Name, number in the file's header, number on a tensor, elements per block, bytes per block.
const KINDS: [(Quantization, &str, i32, i32, u64, u64); 12] = [
    (Quantization::F32, "f32", 0, 0, 1, 4),
    (Quantization::F16, "f16", 1, 1, 1, 2),
    (Quantization::Q4_0, "q4_0", 2, 2, 32, 18),
    (Quantization::Q4_1, "q4_1", 3, 3, 32, 20),
    (Quantization::Q5_0, "q5_0", 8, 6, 32, 22),
    (Quantization::Q5_1, "q5_1", 9, 7, 32, 24),
    (Quantization::Q8_0, "q8_0", 7, 8, 32, 34),
    (Quantization::Q2K, "q2_k", 10, 10, 256, 84),
    (Quantization::Q3K, "q3_k", 11, 11, 256, 110),
    (Quantization::Q4K, "q4_k", 12, 12, 256, 144),
    (Quantization::Q5K, "q5_k", 13, 13, 256, 176),
    (Quantization::Q6K, "q6_k", 14, 14, 256, 210),
];

/// The header of a quantised file counts the format's version in thousands.
const VERSION: i32 = 2;
const VERSION_FACTOR: i32 = 1000;

impl Quantization {
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Reads a header's number; only plain floats may go without a format version.
    pub(super) fn from_header(number: i32) -> Option<Self> {
        let (version, kind) = (number / VERSION_FACTOR, number % VERSION_FACTOR);
        let row = KINDS.iter().find(|row| row.2 == kind)?;
        (version == VERSION || (version == 0 && row.0.is_float())).then_some(row.0)
    }

    pub(super) fn header_number(self) -> i32 {
        let version = if self.is_float() { 0 } else { VERSION * VERSION_FACTOR };
        version + self.row().2
    }

    pub(super) fn tensor_number(self) -> i32 {
        self.row().3
    }

    pub(super) fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F16)
    }

    /// How many bytes a tensor takes; none if its rows are not whole blocks.
    pub(super) fn bytes(self, elements: u64, row_length: u64) -> Option<u64> {
        let (.., per_block, block_bytes) = self.row();
        if !row_length.is_multiple_of(per_block) {
            return None;
        }
        (elements / per_block).checked_mul(block_bytes)
    }

    fn row(self) -> (Self, &'static str, i32, i32, u64, u64) {
        KINDS.into_iter().find(|row| row.0 == self).unwrap_or(KINDS[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_numbers_read_back_and_strangers_do_not() {
        for (kind, ..) in KINDS {
            assert_eq!(Quantization::from_header(kind.header_number()), Some(kind));
        }
        assert_eq!(Quantization::Q8_0.header_number(), 2007);
        for stranger in [-1, 4, 7, 1007, 3007, 2015, i32::MAX, i32::MIN] {
            assert_eq!(Quantization::from_header(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn names_are_the_same_in_manifests_and_in_messages() {
        for (kind, name, ..) in KINDS {
            assert_eq!(serde_json::json!(kind), serde_json::json!(name));
        }
    }
}
