//! ggml's q8_0 in plain Rust: 32 numbers become 32 signed bytes and one half-precision scale.

use half::f16;

pub const BLOCK: usize = 32;
pub const BLOCK_BYTES: usize = BLOCK + 2;

/// Appends the blocks of `values`, whose number must be a multiple of 32 (a rest is left out).
pub fn quantize(values: &[f32], out: &mut Vec<u8>) {
    out.reserve(values.len() / BLOCK * BLOCK_BYTES);
    for block in values.as_chunks::<BLOCK>().0 {
        let largest = block.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = largest / 127.0;
        // The inverse is that of the full scale, not of the stored half: ggml's files do the same.
        let inverse = if scale == 0.0 { 0.0 } else { 1.0 / scale };
        out.extend_from_slice(&f16::from_f32(scale).to_le_bytes());
        out.extend(block.iter().map(|value| (value * inverse).round() as i8 as u8));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn restore(blocks: &[u8]) -> Vec<f32> {
        let mut values = Vec::new();
        for block in blocks.chunks(BLOCK_BYTES) {
            let scale = f16::from_le_bytes([block[0], block[1]]).to_f32();
            values.extend(block[2..].iter().map(|&byte| f32::from(byte as i8) * scale));
        }
        values
    }

    #[test]
    fn a_block_has_its_known_bytes() {
        let mut values = [0.0_f32; BLOCK];
        values[0] = 127.0;
        values[1] = -127.0;
        values[2] = 2.5;
        values[3] = -0.4;
        let mut out = Vec::new();
        quantize(&values, &mut out);
        // Halves round away from zero, as C's roundf does.
        assert_eq!(out[..6], [0x00, 0x3c, 127, 0x81, 3, 0]);
        assert_eq!(out.len(), BLOCK_BYTES);
    }

    #[test]
    fn zeros_stay_zeros() {
        let mut out = Vec::new();
        quantize(&[0.0; 2 * BLOCK], &mut out);
        assert_eq!(out, vec![0; 2 * BLOCK_BYTES]);
    }

    proptest! {
        /// Half a step from rounding, and the scale's own half-precision error at full range.
        #[test]
        fn no_value_moves_more_than_half_a_step(
            values in prop::collection::vec(-100.0_f32..100.0, BLOCK * 3)
        ) {
            let mut out = Vec::new();
            quantize(&values, &mut out);
            prop_assert_eq!(out.len(), 3 * BLOCK_BYTES);
            for (block, restored) in values.chunks(BLOCK).zip(restore(&out).chunks(BLOCK)) {
                let largest = block.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
                let bound = largest / 127.0 * 0.5 + largest / 2048.0 + 1e-4;
                for (before, after) in block.iter().zip(restored) {
                    prop_assert!((before - after).abs() <= bound, "{before} became {after}");
                }
            }
        }
    }
}
