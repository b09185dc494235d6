//! A converted model has every number where whisper.cpp looks for it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;

use super::*;
use crate::providers::models::synthetic::{SMALL, ct2_folder, ct2_model, scratch, value};

fn convert_ct2(dir: &Path, quantize: Quantize) -> Result<Converted, ModelError> {
    let mut out = HashedFile::create(&dir.join("out.bin")).unwrap();
    let converted = from_ct2(&dir.join("model.bin"), dir, quantize, &mut out)?;
    out.finish().unwrap();
    Ok(converted)
}

fn convert_ggml(from: &Path, to: &Path, quantize: Quantize) -> Converted {
    let mut out = HashedFile::create(to).unwrap();
    let converted = from_ggml(from, quantize, &mut out).unwrap();
    out.finish().unwrap();
    converted
}

#[test]
fn every_number_lands_in_its_tensor() {
    let dir = scratch();
    ct2_folder(dir.path());
    let converted = convert_ct2(dir.path(), Quantize::None).unwrap();
    let expected = Converted { quantization: Quantization::F16, multilingual: false };
    assert_eq!(converted, expected);
    let mut ggml = Ggml::open(&dir.path().join("out.bin")).unwrap();
    assert_eq!(ggml.hparams, SMALL);
    for index in 0..ggml.tensors.len() {
        let Stored { tensor, kind, bytes, .. } = &ggml.tensors[index];
        let (tensor, kind, bytes) = (tensor.clone(), *kind, *bytes);
        let numbers = floats(&ggml.read(index, 0, bytes).unwrap(), kind);
        let start = tensor.elements() * u64::from(tensor.origin.part);
        for (at, number) in (start..).zip(numbers) {
            assert_eq!(number, value(&tensor.origin.variable, at), "{} at {at}", tensor.name);
        }
    }
}

#[test]
fn one_step_and_two_steps_to_q8_0_give_the_same_file() {
    let dir = scratch();
    ct2_folder(dir.path());
    let at = |name: &str| dir.path().join(name);
    convert_ct2(dir.path(), Quantize::None).unwrap();
    let converted = convert_ggml(&at("out.bin"), &at("two.bin"), Quantize::Q8_0);
    assert_eq!(converted.quantization, Quantization::Q8_0);
    convert_ct2(dir.path(), Quantize::Q8_0).unwrap();
    let one = fs::read(at("out.bin")).unwrap();
    assert!(one == fs::read(at("two.bin")).unwrap());
    assert_eq!(Ggml::open(&at("two.bin")).unwrap().quantization, Quantization::Q8_0);
    // What is quantised already passes through untouched, asked for or not.
    for quantize in [Quantize::Q8_0, Quantize::None] {
        convert_ggml(&at("two.bin"), &at("three.bin"), quantize);
        assert!(one == fs::read(at("three.bin")).unwrap());
    }
}

#[test]
fn only_matrices_that_are_multiplied_are_quantised() {
    let dir = scratch();
    ct2_folder(dir.path());
    convert_ct2(dir.path(), Quantize::Q8_0).unwrap();
    let ggml = Ggml::open(&dir.path().join("out.bin")).unwrap();
    let kind = |name: &str| {
        ggml.tensors.iter().find(|stored| stored.tensor.name == name).unwrap().kind.name()
    };
    for (name, expected) in [
        ("decoder.token_embedding.weight", "q8_0"),
        ("encoder.blocks.0.mlp.0.weight", "q8_0"),
        ("encoder.blocks.0.mlp.0.bias", "f32"),
        ("encoder.positional_embedding", "f32"),
        ("decoder.positional_embedding", "f32"),
        ("encoder.conv1.weight", "f16"),
        ("encoder.conv1.bias", "f32"),
    ] {
        assert_eq!(kind(name), expected, "{name}");
    }
}

#[test]
fn a_key_bias_and_a_missing_variable_are_refused() {
    let dir = scratch();
    ct2_folder(dir.path());
    fs::write(dir.path().join("model.bin"), ct2_model(&SMALL, 0.5)).unwrap();
    let error = convert_ct2(dir.path(), Quantize::None).unwrap_err().to_string();
    assert!(error.contains("gives the keys a bias"), "{error}");
    let mut bytes = ct2_model(&SMALL, 0.0);
    let name = b"encoder/layer_0/self_attention/linear_1/bias";
    let at = bytes.windows(name.len()).rposition(|window| window == name).unwrap();
    bytes[at] = b'E';
    fs::write(dir.path().join("model.bin"), bytes).unwrap();
    let error = convert_ct2(dir.path(), Quantize::None).unwrap_err().to_string();
    assert!(error.contains("`encoder/layer_0/self_attention/linear_1/bias` is missing"), "{error}");
}
