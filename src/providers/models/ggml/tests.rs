//! Files that whisper.cpp would not load, or not rightly, are refused with the reason.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::providers::models::quantization::Quantize;
use crate::providers::models::synthetic::{SMALL, ggml_model, scratch};

fn reason(bytes: &[u8]) -> Option<String> {
    let dir = scratch();
    let path = dir.path().join("ggml.bin");
    fs::write(&path, bytes).unwrap();
    Ggml::open(&path).err().map(|error| error.to_string())
}

#[track_caller]
fn refused(bytes: &[u8], why: &str) {
    let reason = reason(bytes).unwrap();
    assert!(reason.contains(why), "`{reason}` does not say `{why}`");
}

fn patched(at: usize, number: i32) -> Vec<u8> {
    let mut bytes = ggml_model(Quantize::None);
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    bytes
}

/// Where the tensor called `name` has its head: rank, name length, kind, dimensions.
fn head_of(bytes: &[u8], name: &str, rank: usize) -> Range<usize> {
    let name = name.as_bytes();
    let at = bytes.windows(name.len()).rposition(|window| window == name).unwrap();
    at - 12 - 4 * rank..at
}

#[test]
fn whole_files_are_read_whatever_they_are_quantised_to() {
    for (quantize, kind) in
        [(Quantize::None, Quantization::F16), (Quantize::Q8_0, Quantization::Q8_0)]
    {
        let dir = scratch();
        let path = dir.path().join("ggml.bin");
        fs::write(&path, ggml_model(quantize)).unwrap();
        let ggml = Ggml::open(&path).unwrap();
        assert_eq!((ggml.hparams, ggml.quantization), (SMALL, kind));
        assert_eq!(ggml.tensors.len(), 11 + 15 + 24);
    }
}

#[test]
fn strangers_and_impossible_numbers_are_refused() {
    refused(b"GGUF", "does not begin like one");
    refused(&patched(4, 100), "n_vocab cannot be 100");
    refused(&patched(12, -1), "n_audio_state is negative");
    refused(&patched(20, i32::MAX), "n_audio_layer cannot be");
    refused(&patched(44, 7), "unknown kind 7");
    refused(&patched(44, 3007), "unknown kind 3007");
    refused(&patched(48, 128), "mel filters are 128 by 201");
    refused(&patched(56 + 80 * 201 * 4, 1_000_000), "1000000 tokens");
    refused(&patched(60 + 80 * 201 * 4, 9999), "token 0 is 9999 bytes long");
}

#[test]
fn a_file_of_another_kind_than_its_header_says_is_refused() {
    let mut bytes = ggml_model(Quantize::None);
    bytes[44..48].copy_from_slice(&2007_i32.to_le_bytes());
    refused(&bytes, "`decoder.token_embedding.weight` is of kind 1 instead of q8_0");
}

#[test]
fn tensors_that_are_unknown_doubled_misshapen_or_missing_are_refused() {
    let whole = ggml_model(Quantize::None);
    let name = "encoder.blocks.0.attn.key.weight";
    let head = head_of(&whole, name, 2);
    let mut unknown = whole.clone();
    unknown[head.end] = b'E';
    refused(&unknown, "`Encoder.blocks.0.attn.key.weight` is unknown");
    let mut misshapen = whole.clone();
    misshapen[head.start + 12..head.start + 16].copy_from_slice(&64_i32.to_le_bytes());
    refused(&misshapen, "is [32, 64] instead of [32, 32]");
    let (from, to) = (head.start, head.end + name.len() + 32 * 32 * 2);
    let doubled = [&whole[..], &whole[from..to]].concat();
    refused(&doubled, "unknown or stands in it twice");
    let missing = [&whole[..from], &whole[to..]].concat();
    refused(&missing, &format!("1 tensors are missing, `{name}`"));
}

#[test]
fn a_file_that_is_cut_or_has_a_tail_is_refused() {
    let whole = ggml_model(Quantize::Q8_0);
    for end in (0..60).chain((60..whole.len()).step_by(99_991)).chain([whole.len() - 1]) {
        assert!(reason(&whole[..end]).is_some(), "cut at {end}");
    }
    refused(&[&whole[..], &[0]].concat(), "announced at");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn no_changed_header_makes_it_panic(at in 0_usize..48, value: u8) {
        let mut bytes = ggml_model(Quantize::Q8_0);
        bytes[at] = value;
        let _ = reason(&bytes);
    }
}
