//! Writes a whisper.cpp model from a CTranslate2 one or from another ggml file, a piece at a time.

use std::path::Path;

use half::f16;

use super::ct2::{Ct2, Variable};
use super::error::ModelError;
use super::fingerprint::HashedFile;
use super::ggml::{self, Ggml, Stored};
use super::layout::{Hparams, KEY_BIASES, Tensor};
use super::q8_0;
use super::quantization::{Quantization, Quantize};
use super::vocabulary;

/// Elements held in memory at once; a multiple of every block length.
const PIECE: u64 = 1 << 18;

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Converted {
    pub quantization: Quantization,
    pub multilingual: bool,
}

/// Converts `model.bin`, whose vocabulary is in the folder `words`.
pub fn from_ct2(
    model: &Path,
    words: &Path,
    quantize: Quantize,
    out: &mut HashedFile,
) -> Result<Converted, ModelError> {
    let mut ct2 = Ct2::open(model)?;
    let hparams = hparams(&mut ct2)?;
    check_key_biases(&mut ct2, &hparams)?;
    let tokens = vocabulary::read(words)?;
    let quantization = match quantize {
        Quantize::None => Quantization::F16,
        Quantize::Q8_0 => Quantization::Q8_0,
    };
    out.put(|out| ggml::write_header(out, &hparams, quantization))?;
    out.put(|out| ggml::write_prelude(out, hparams.n_mels, &tokens))?;
    for tensor in hparams.tensors() {
        let kind = ggml::storage(tensor.role, quantization);
        let (variable, start) = origin(&mut ct2, &tensor)?;
        out.put(|out| ggml::write_tensor_head(out, &tensor, kind))?;
        for (from, count) in pieces(tensor.elements()) {
            let values = ct2.read(&variable, start + from, count)?;
            out.put(|out| out.write_all(&encode(&values, kind)))?;
        }
    }
    Ok(Converted { quantization, multilingual: hparams.is_multilingual() })
}

/// Copies a ggml file, quantising it on the way if that is asked for and it is not quantised yet.
pub fn from_ggml(
    model: &Path,
    quantize: Quantize,
    out: &mut HashedFile,
) -> Result<Converted, ModelError> {
    let mut source = Ggml::open(model)?;
    let quantization = match quantize {
        Quantize::Q8_0 if source.quantization.is_float() => Quantization::Q8_0,
        Quantize::Q8_0 | Quantize::None => source.quantization,
    };
    out.put(|out| ggml::write_header(out, &source.hparams, quantization))?;
    let prelude = source.prelude()?;
    out.put(|out| out.write_all(&prelude))?;
    for index in 0..source.tensors.len() {
        let Stored { tensor, kind: from_kind, bytes, .. } = &source.tensors[index];
        let (from_kind, bytes) = (*from_kind, *bytes);
        let kind = ggml::storage(tensor.role, quantization);
        out.put(|out| ggml::write_tensor_head(out, tensor, kind))?;
        if kind == from_kind {
            for (from, count) in pieces(bytes) {
                let raw = source.read(index, from, count)?;
                out.put(|out| out.write_all(&raw))?;
            }
            continue;
        }
        let width = if from_kind == Quantization::F32 { 4 } else { 2 };
        for (from, count) in pieces(bytes / width) {
            let raw = source.read(index, from * width, count * width)?;
            out.put(|out| out.write_all(&encode(&floats(&raw, from_kind), kind)))?;
        }
    }
    Ok(Converted { quantization, multilingual: source.hparams.is_multilingual() })
}

/// Reads the model's measures off the shapes of its variables.
fn hparams(ct2: &mut Ct2) -> Result<Hparams, ModelError> {
    let mut side = |name: &str| -> Result<[u32; 4], ModelError> {
        let positions = format!("{name}/position_encodings/encodings");
        let [context, width] = matrix(ct2, &positions)?;
        let heads = ct2.scalar(&format!("{name}/num_heads"))?;
        Ok([context, width, heads, ct2.layers(name)])
    };
    let [n_audio_ctx, n_audio_state, n_audio_head, n_audio_layer] = side("encoder")?;
    let [n_text_ctx, n_text_state, n_text_head, n_text_layer] = side("decoder")?;
    let [n_vocab, _] = matrix(ct2, "decoder/embeddings/weight")?;
    let filter = ct2.variable("encoder/conv1/weight")?;
    let n_mels = filter.dims.get(1).map_or(0, |mels| *mels as u32);
    let hparams = Hparams {
        n_vocab,
        n_audio_ctx,
        n_audio_state,
        n_audio_head,
        n_audio_layer,
        n_text_ctx,
        n_text_state,
        n_text_head,
        n_text_layer,
        n_mels,
    };
    match hparams.fault() {
        Some(fault) => Err(ct2.fault(fault)),
        None => Ok(hparams),
    }
}

fn matrix(ct2: &mut Ct2, name: &str) -> Result<[u32; 2], ModelError> {
    match ct2.variable(name)?.dims[..] {
        [rows, columns] => Ok([rows as u32, columns as u32]),
        _ => Err(ct2.fault(format!("`{name}` is not a matrix"))),
    }
}

/// Finds the variable that holds a tensor, and the element at which the tensor begins.
fn origin(ct2: &mut Ct2, tensor: &Tensor) -> Result<(Variable, u64), ModelError> {
    let origin = &tensor.origin;
    let variable = ct2.variable(&origin.variable)?;
    let mut expected = tensor.dims.clone();
    if expected.len() == 2 && expected[1] == 1 {
        expected.pop();
    }
    expected[0] *= u64::from(origin.of);
    if variable.dims != expected {
        let name = &origin.variable;
        return Err(ct2.fault(format!("`{name}` is {:?} instead of {expected:?}", variable.dims)));
    }
    Ok((variable, tensor.elements() * u64::from(origin.part)))
}

/// ggml has no place for a bias of the keys, so a model that has one would be spoilt in silence.
fn check_key_biases(ct2: &mut Ct2, hparams: &Hparams) -> Result<(), ModelError> {
    let width = u64::from(hparams.n_audio_state);
    for (side, layers) in [("encoder", hparams.n_audio_layer), ("decoder", hparams.n_text_layer)] {
        for (layer, (bias, part, of)) in
            (0..layers).flat_map(|layer| KEY_BIASES.map(|bias| (layer, bias)))
        {
            if side == "encoder" && of == 2 {
                continue;
            }
            let name = format!("{side}/layer_{layer}/{bias}");
            let variable = ct2.variable(&name)?;
            let values = ct2.read(&variable, u64::from(part) * width, width)?;
            if values.iter().any(|value| *value != 0.0) {
                return Err(ct2.fault(format!("`{name}` gives the keys a bias")));
            }
        }
    }
    Ok(())
}

fn pieces(total: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..total.div_ceil(PIECE)).map(move |n| (n * PIECE, PIECE.min(total - n * PIECE)))
}

fn floats(bytes: &[u8], kind: Quantization) -> Vec<f32> {
    if kind == Quantization::F32 {
        return bytes.as_chunks().0.iter().map(|quad| f32::from_le_bytes(*quad)).collect();
    }
    bytes.as_chunks().0.iter().map(|pair| f16::from_le_bytes(*pair).to_f32()).collect()
}

/// This room writes three kinds of numbers; the others it only passes on.
fn encode(values: &[f32], kind: Quantization) -> Vec<u8> {
    let mut out = Vec::new();
    match kind {
        Quantization::Q8_0 => q8_0::quantize(values, &mut out),
        Quantization::F16 => {
            out.extend(values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()));
        }
        _ => out.extend(values.iter().flat_map(|value| value.to_le_bytes())),
    }
    out
}

#[cfg(test)]
mod tests;
