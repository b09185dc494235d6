//! Model files that are whole, cut, padded and lying.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::providers::models::synthetic::{Ct2File, scratch};

fn opened(bytes: &[u8]) -> Result<Ct2, ModelError> {
    let dir = scratch();
    let path = dir.path().join("model.bin");
    fs::write(&path, bytes).unwrap();
    Ct2::open(&path)
}

fn reason(bytes: &[u8]) -> String {
    opened(bytes).err().unwrap().to_string()
}

fn small() -> Ct2File {
    let mut file = Ct2File::default();
    file.f16("a/weight", &[2, 3], &[1.0, -2.0, 0.5, 3.0, 4.0, 5.0]);
    file.i16("a/heads", 6);
    file.i8("b/weight", &[2, 2], &[100, -50, 8, 4]);
    file.f32("b/weight_scale", &[2], &[100.0, 4.0]);
    file.alias("c/weight", "a/weight");
    file
}

#[test]
fn variables_come_out_as_they_went_in() {
    let mut ct2 = opened(&small().bytes()).unwrap();
    let weight = ct2.variable("c/weight").unwrap();
    assert_eq!(weight.dims, [2, 3]);
    assert_eq!(ct2.read(&weight, 1, 3).unwrap(), [-2.0, 0.5, 3.0]);
    assert_eq!(ct2.scalar("a/heads").unwrap(), 6);
    let scaled = ct2.variable("b/weight").unwrap();
    assert_eq!(ct2.read(&scaled, 1, 3).unwrap(), [-0.5, 2.0, 1.0]);
}

#[test]
fn reading_past_a_variable_is_refused() {
    let mut ct2 = opened(&small().bytes()).unwrap();
    let weight = ct2.variable("a/weight").unwrap();
    assert!(ct2.read(&weight, 5, 2).is_err());
    assert!(ct2.read(&weight, u64::MAX, 2).is_err());
    assert!(ct2.variable("nobody").is_err());
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let whole = small().bytes();
    for end in 0..whole.len() {
        assert!(opened(&whole[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a_file_with_a_tail_is_refused() {
    let mut bytes = small().bytes();
    bytes.push(0);
    assert!(reason(&bytes).contains("1 bytes too many"));
}

#[test]
fn lying_lengths_are_refused_before_anything_is_allocated() {
    let mut shape = Ct2File::default();
    shape.raw("a", &[u32::MAX, u32::MAX, u32::MAX], 0, u32::MAX, &[]);
    assert!(reason(&shape.bytes()).contains("announces 4294967295 bytes"));
    let mut length = Ct2File::default();
    length.raw("a", &[1 << 29], 4, 1 << 30, &[1, 2, 3, 4]);
    assert!(reason(&length.bytes()).contains("announced at"));
    let mut dtype = Ct2File::default();
    dtype.raw("a", &[1], 9, 4, &[0; 4]);
    assert!(reason(&dtype.bytes()).contains("unknown type 9"));
}

#[test]
fn strangers_are_refused_by_name() {
    assert!(reason(&[7, 0, 0, 0]).contains("version 7"));
    let mut other = small();
    other.spec = "TransformerSpec";
    assert!(reason(&other.bytes()).contains("TransformerSpec"));
}

proptest! {
    #[test]
    fn no_single_changed_byte_makes_it_panic(at in 0_usize..150, value: u8) {
        let mut bytes = small().bytes();
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(mut ct2) = opened(&bytes) {
            for name in ["a/weight", "a/heads", "b/weight", "c/weight"] {
                if let Ok(variable) = ct2.variable(name) {
                    let _ = ct2.read(&variable, 0, variable.elements());
                }
            }
        }
    }
}
