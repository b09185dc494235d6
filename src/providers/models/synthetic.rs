//! Makes small whole models for this room's tests: every part of a real one, next to no numbers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use half::f16;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::convert::from_ct2;
use super::fingerprint::HashedFile;
use super::layout::{Hparams, Tensor};
use super::quantization::Quantize;

/// The narrowest model that the room accepts.
pub const SMALL: Hparams = Hparams {
    n_vocab: 51_864,
    n_audio_ctx: 4,
    n_audio_state: 32,
    n_audio_head: 2,
    n_audio_layer: 1,
    n_text_ctx: 4,
    n_text_state: 32,
    n_text_head: 2,
    n_text_layer: 1,
    n_mels: 80,
};

pub fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A CTranslate2 file in the making.
pub struct Ct2File {
    pub spec: &'static str,
    variables: Vec<Vec<u8>>,
    aliases: Vec<(String, String)>,
}

impl Default for Ct2File {
    fn default() -> Self {
        Self { spec: "WhisperSpec", variables: Vec::new(), aliases: Vec::new() }
    }
}

impl Ct2File {
    pub fn f16(&mut self, name: &str, dims: &[u32], values: &[f32]) {
        let data: Vec<u8> =
            values.iter().flat_map(|value| f16::from_f32(*value).to_le_bytes()).collect();
        self.raw(name, dims, 4, data.len() as u32, &data);
    }

    pub fn f32(&mut self, name: &str, dims: &[u32], values: &[f32]) {
        let data: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.raw(name, dims, 0, data.len() as u32, &data);
    }

    pub fn i8(&mut self, name: &str, dims: &[u32], values: &[i8]) {
        let data: Vec<u8> = values.iter().map(|value| *value as u8).collect();
        self.raw(name, dims, 1, data.len() as u32, &data);
    }

    pub fn i16(&mut self, name: &str, value: i16) {
        self.raw(name, &[], 2, 2, &value.to_le_bytes());
    }

    pub fn alias(&mut self, alias: &str, name: &str) {
        self.aliases.push((alias.to_owned(), name.to_owned()));
    }

    /// Writes what it is told, true or not.
    pub fn raw(&mut self, name: &str, dims: &[u32], dtype: u8, announced: u32, data: &[u8]) {
        let mut bytes = string(name);
        bytes.push(dims.len() as u8);
        dims.iter().for_each(|dim| bytes.extend(dim.to_le_bytes()));
        bytes.push(dtype);
        bytes.extend(announced.to_le_bytes());
        bytes.extend(data);
        self.variables.push(bytes);
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = 6_u32.to_le_bytes().to_vec();
        bytes.extend(string(self.spec));
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend((self.variables.len() as u32).to_le_bytes());
        self.variables.iter().for_each(|variable| bytes.extend(variable));
        bytes.extend((self.aliases.len() as u32).to_le_bytes());
        for (alias, name) in &self.aliases {
            bytes.extend(string(alias));
            bytes.extend(string(name));
        }
        bytes
    }
}

/// The value at `index` of the CTranslate2 variable `name`: told apart, exact in half precision.
pub fn value(name: &str, index: u64) -> f32 {
    let salt = name.bytes().fold(7_u64, |salt, byte| salt.wrapping_mul(31) + u64::from(byte));
    ((salt.wrapping_add(index.wrapping_mul(2_654_435_761)) >> 7) % 2001) as f32 / 1024.0 - 1.0
}

/// A whole model file for `hparams`; `key_bias` is what Whisper's keys must not have.
pub fn ct2_model(hparams: &Hparams, key_bias: f32) -> Vec<u8> {
    let mut file = Ct2File::default();
    let mut seen = std::collections::HashSet::new();
    for tensor in hparams.tensors() {
        let name = tensor.origin.variable.clone();
        if seen.insert(name.clone()) {
            let dims = variable_dims(&tensor);
            let count: u64 = dims.iter().map(|dim| u64::from(*dim)).product();
            let mut values: Vec<f32> = (0..count).map(|index| value(&name, index)).collect();
            let width = hparams.n_audio_state as usize;
            if name.ends_with("self_attention/linear_0/bias") {
                values[width..2 * width].fill(key_bias);
            } else if name.ends_with("/attention/linear_1/bias") {
                values[..width].fill(key_bias);
            }
            file.f16(&name, &dims, &values);
        }
    }
    file.i16("encoder/num_heads", hparams.n_audio_head as i16);
    file.i16("decoder/num_heads", hparams.n_text_head as i16);
    file.alias("decoder/projection/weight", "decoder/embeddings/weight");
    file.bytes()
}

/// 50,257 tokens: a space and a number each.
pub fn tokenizer_json() -> String {
    let vocab: Vec<String> = (0..50_257).map(|id| format!("\"Ġ{id}\":{id}")).collect();
    format!("{{\"model\":{{\"vocab\":{{{}}}}}}}", vocab.join(","))
}

/// Writes `model.bin` and `tokenizer.json`.
pub fn ct2_folder(dir: &Path) {
    fs::write(dir.join("model.bin"), ct2_model(&SMALL, 0.0)).unwrap();
    fs::write(dir.join("tokenizer.json"), tokenizer_json()).unwrap();
}

/// The same model as a ggml file; made once, as it takes a moment.
pub fn ggml_model(quantize: Quantize) -> Vec<u8> {
    static MODELS: [OnceLock<Vec<u8>>; 2] = [const { OnceLock::new() }; 2];
    let made = MODELS[usize::from(quantize == Quantize::Q8_0)].get_or_init(|| {
        let dir = scratch();
        ct2_folder(dir.path());
        let path = dir.path().join("ggml.bin");
        let mut out = HashedFile::create(&path).unwrap();
        from_ct2(&dir.path().join("model.bin"), dir.path(), quantize, &mut out).unwrap();
        out.finish().unwrap();
        fs::read(path).unwrap()
    });
    made.clone()
}

/// A zip file with these members; deflating a large one would take the tests too long.
pub fn archive(path: PathBuf, members: &[(&str, &[u8])]) -> PathBuf {
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, bytes) in members {
        let large = bytes.len() > 1_000_000;
        let method = if large { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    path
}

fn variable_dims(tensor: &Tensor) -> Vec<u32> {
    let mut dims: Vec<u32> = tensor.dims.iter().map(|dim| *dim as u32).collect();
    if tensor.name.contains("conv") && tensor.name.ends_with("bias") {
        dims.pop();
    }
    dims[0] *= tensor.origin.of;
    dims
}

fn string(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u16 + 1).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes.push(0);
    bytes
}
