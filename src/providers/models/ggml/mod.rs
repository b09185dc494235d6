//! The ggml model file of whisper.cpp: writes one, and accepts one only if it would load.

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

use super::error::ModelError;
use super::layout::{Hparams, Role, Tensor};
use super::mel;
use super::quantization::Quantization;
use super::scan::Scanner;

const FORMAT: &str = "ggml";
const MAGIC: u32 = 0x6767_6d6c;
/// The magic number and eleven more.
const HEADER_BYTES: u64 = 12 * 4;
const LONGEST_TOKEN: u32 = 1024;
const LONGEST_NAME: u32 = 256;

/// Whether these first bytes of a file announce a ggml model.
pub fn announces(start: [u8; 4]) -> bool {
    u32::from_le_bytes(start) == MAGIC
}

/// How whisper.cpp wants a tensor of this role stored in a file of this kind.
pub fn storage(role: Role, file: Quantization) -> Quantization {
    match role {
        Role::Weight => file,
        Role::Convolution if file == Quantization::F32 => Quantization::F32,
        Role::Convolution => Quantization::F16,
        Role::Exact => Quantization::F32,
    }
}

/// An open model file, its numbers still on disk.
pub struct Ggml {
    pub hparams: Hparams,
    pub quantization: Quantization,
    /// In the order of the file.
    pub tensors: Vec<Stored>,
    file: Scanner,
    tensors_start: u64,
}

pub struct Stored {
    pub tensor: Tensor,
    pub kind: Quantization,
    pub bytes: u64,
    offset: u64,
}

impl Ggml {
    /// Reads everything but the numbers, and checks it as whisper.cpp would, and more.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let mut file = Scanner::open(path, FORMAT)?;
        let (hparams, quantization) = header(&mut file)?;
        filters(&mut file, &hparams)?;
        vocabulary(&mut file, &hparams)?;
        let tensors_start = file.position();
        let mut expected: HashMap<String, Tensor> =
            hparams.tensors().into_iter().map(|tensor| (tensor.name.clone(), tensor)).collect();
        let mut tensors = Vec::new();
        while file.left() > 0 {
            tensors.push(stored(&mut file, quantization, &mut expected)?);
        }
        if let Some(name) = expected.keys().min() {
            let reason = format!("{} tensors are missing, `{name}` among them", expected.len());
            return Err(file.fault(reason));
        }
        Ok(Self { hparams, quantization, tensors, file, tensors_start })
    }

    /// The mel filters and the vocabulary, as they stand in the file.
    pub fn prelude(&mut self) -> Result<Vec<u8>, ModelError> {
        self.file.seek(HEADER_BYTES)?;
        self.file.bytes(self.tensors_start - HEADER_BYTES)
    }

    /// Some of a tensor's bytes; the caller keeps `count` small.
    pub fn read(&mut self, index: usize, from: u64, count: u64) -> Result<Vec<u8>, ModelError> {
        self.file.seek(self.tensors[index].offset + from)?;
        self.file.bytes(count)
    }
}

fn header(file: &mut Scanner) -> Result<(Hparams, Quantization), ModelError> {
    if file.u32()? != MAGIC {
        return Err(file.fault("it does not begin like one"));
    }
    let hparams = Hparams {
        n_vocab: file.length("n_vocab")?,
        n_audio_ctx: file.length("n_audio_ctx")?,
        n_audio_state: file.length("n_audio_state")?,
        n_audio_head: file.length("n_audio_head")?,
        n_audio_layer: file.length("n_audio_layer")?,
        n_text_ctx: file.length("n_text_ctx")?,
        n_text_state: file.length("n_text_state")?,
        n_text_head: file.length("n_text_head")?,
        n_text_layer: file.length("n_text_layer")?,
        n_mels: file.length("n_mels")?,
    };
    if let Some(fault) = hparams.fault() {
        return Err(file.fault(fault));
    }
    let number = file.i32()?;
    match Quantization::from_header(number) {
        Some(quantization) => Ok((hparams, quantization)),
        None => Err(file.fault(format!("its numbers are of the unknown kind {number}"))),
    }
}

fn filters(file: &mut Scanner, hparams: &Hparams) -> Result<(), ModelError> {
    let (mels, bins) = (file.length("a filter count")?, file.length("a filter length")?);
    if mels != hparams.n_mels || bins as usize != mel::BINS {
        return Err(file.fault(format!("its mel filters are {mels} by {bins}")));
    }
    file.skip(u64::from(mels) * u64::from(bins) * 4)
}

fn vocabulary(file: &mut Scanner, hparams: &Hparams) -> Result<(), ModelError> {
    let count = file.length("the vocabulary")?;
    if count > hparams.n_vocab {
        let reason = format!("{count} tokens for a vocabulary of {}", hparams.n_vocab);
        return Err(file.fault(reason));
    }
    for token in 0..count {
        let length = file.length("a token's length")?;
        if length > LONGEST_TOKEN {
            return Err(file.fault(format!("token {token} is {length} bytes long")));
        }
        file.skip(u64::from(length))?;
    }
    Ok(())
}

/// Reads one tensor's head, compares it with the layout, and passes over its numbers.
fn stored(
    file: &mut Scanner,
    quantization: Quantization,
    expected: &mut HashMap<String, Tensor>,
) -> Result<Stored, ModelError> {
    let (rank, name_length) = (file.length("a rank")?, file.length("a name's length")?);
    let number = file.i32()?;
    if rank > 3 || name_length > LONGEST_NAME {
        return Err(file.fault(format!("no tensor begins before {}", file.position())));
    }
    let mut dims = Vec::new();
    for _ in 0..rank {
        dims.insert(0, u64::from(file.length("a dimension")?));
    }
    let name = file.bytes(u64::from(name_length))?;
    let name = String::from_utf8_lossy(&name).into_owned();
    let Some(tensor) = expected.remove(&name) else {
        return Err(file.fault(format!("the tensor `{name}` is unknown or stands in it twice")));
    };
    if tensor.dims != dims {
        return Err(file.fault(format!("`{name}` is {dims:?} instead of {:?}", tensor.dims)));
    }
    let kind = storage(tensor.role, quantization);
    if kind.tensor_number() != number {
        let wanted = kind.name();
        return Err(file.fault(format!("`{name}` is of kind {number} instead of {wanted}")));
    }
    let Some(bytes) = kind.bytes(tensor.elements(), tensor.row_length()) else {
        return Err(file.fault(format!("the rows of `{name}` are not whole {}", kind.name())));
    };
    let offset = file.position();
    file.skip(bytes)?;
    Ok(Stored { tensor, kind, bytes, offset })
}

/// Writes the magic number and the eleven numbers after it.
pub fn write_header(
    out: &mut dyn Write,
    hparams: &Hparams,
    quantization: Quantization,
) -> io::Result<()> {
    out.write_all(&MAGIC.to_le_bytes())?;
    let numbers = [
        hparams.n_vocab,
        hparams.n_audio_ctx,
        hparams.n_audio_state,
        hparams.n_audio_head,
        hparams.n_audio_layer,
        hparams.n_text_ctx,
        hparams.n_text_state,
        hparams.n_text_head,
        hparams.n_text_layer,
        hparams.n_mels,
    ];
    write_numbers(out, &numbers)?;
    out.write_all(&quantization.header_number().to_le_bytes())
}

/// Writes the mel filters and the vocabulary.
pub fn write_prelude(out: &mut dyn Write, n_mels: u32, tokens: &[Vec<u8>]) -> io::Result<()> {
    write_numbers(out, &[n_mels, mel::BINS as u32])?;
    for weight in mel::filters(n_mels as usize) {
        out.write_all(&weight.to_le_bytes())?;
    }
    write_numbers(out, &[tokens.len() as u32])?;
    for token in tokens {
        write_numbers(out, &[token.len() as u32])?;
        out.write_all(token)?;
    }
    Ok(())
}

/// Writes what stands before a tensor's numbers.
pub fn write_tensor_head(
    out: &mut dyn Write,
    tensor: &Tensor,
    kind: Quantization,
) -> io::Result<()> {
    write_numbers(out, &[tensor.dims.len() as u32, tensor.name.len() as u32])?;
    out.write_all(&kind.tensor_number().to_le_bytes())?;
    for dim in tensor.dims.iter().rev() {
        write_numbers(out, &[*dim as u32])?;
    }
    out.write_all(tensor.name.as_bytes())
}

fn write_numbers(out: &mut dyn Write, numbers: &[u32]) -> io::Result<()> {
    numbers.iter().try_for_each(|number| out.write_all(&number.to_le_bytes()))
}

#[cfg(test)]
mod tests;
