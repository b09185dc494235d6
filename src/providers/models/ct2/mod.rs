//! Reads a CTranslate2 model file: an index of its variables first, their numbers piece by piece.

use std::collections::HashMap;
use std::path::Path;

use half::f16;

use super::error::ModelError;
use super::scan::Scanner;

const FORMAT: &str = "CTranslate2";
const VERSION: u32 = 6;
const SPEC: &str = "WhisperSpec";

/// An open model file.
pub struct Ct2 {
    file: Scanner,
    variables: HashMap<String, Variable>,
}

#[derive(Debug, Clone)]
pub struct Variable {
    pub dims: Vec<u64>,
    dtype: Dtype,
    offset: u64,
    /// What an 8-bit variable's rows were multiplied with.
    scales: Option<Vec<f32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dtype {
    F32,
    I8,
    I16,
    I32,
    F16,
}

/// Whether these first bytes of a file announce the version read here.
pub fn announces(start: [u8; 4]) -> bool {
    u32::from_le_bytes(start) == VERSION
}

impl Ct2 {
    /// Reads the index and accepts the file only if it ends exactly where the index says.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let mut file = Scanner::open(path, FORMAT)?;
        let version = file.u32()?;
        if version != VERSION {
            return Err(file.fault(format!("version {version} instead of {VERSION}")));
        }
        let spec = string(&mut file)?;
        if spec != SPEC {
            return Err(file.fault(format!("it is a `{spec}` instead of a `{SPEC}`")));
        }
        let _revision = file.u32()?;
        let mut variables = HashMap::new();
        for _ in 0..file.u32()? {
            let name = string(&mut file)?;
            let variable = variable(&mut file, &name)?;
            if variables.insert(name.clone(), variable).is_some() {
                return Err(file.fault(format!("`{name}` stands in it twice")));
            }
        }
        for _ in 0..file.u32()? {
            let (alias, name) = (string(&mut file)?, string(&mut file)?);
            let Some(variable) = variables.get(&name).cloned() else {
                return Err(file.fault(format!("`{alias}` stands for `{name}`, which is missing")));
            };
            variables.entry(alias).or_insert(variable);
        }
        if file.left() > 0 {
            return Err(file.fault(format!("{} bytes too many at the end", file.left())));
        }
        Ok(Self { file, variables })
    }

    pub fn fault(&self, reason: impl Into<String>) -> ModelError {
        self.file.fault(reason)
    }

    /// Finds a variable, with its scales if it is stored in 8 bits.
    pub fn variable(&mut self, name: &str) -> Result<Variable, ModelError> {
        let Some(mut variable) = self.variables.get(name).cloned() else {
            return Err(self.fault(format!("`{name}` is missing")));
        };
        if variable.dtype == Dtype::I8 && !variable.dims.is_empty() {
            let name = format!("{name}_scale");
            let Some(scale) = self.variables.get(&name).cloned() else {
                return Err(self.fault(format!("`{name}` is missing")));
            };
            if scale.elements() != variable.dims[0] || scale.dtype != Dtype::F32 {
                return Err(self.fault(format!("`{name}` is not one number per row")));
            }
            variable.scales = Some(self.read(&scale, 0, scale.elements())?);
        }
        Ok(variable)
    }

    pub fn has(&self, name: &str) -> bool {
        self.variables.contains_key(name)
    }

    /// How many layers `encoder` or `decoder` has.
    pub fn layers(&self, side: &str) -> u32 {
        let mut layers = 0;
        while self.has(&format!("{side}/layer_{layers}/ffn/linear_0/weight")) {
            layers += 1;
        }
        layers
    }

    /// Reads a variable that is one whole number.
    pub fn scalar(&mut self, name: &str) -> Result<u32, ModelError> {
        let variable = self.variable(name)?;
        if !variable.dims.is_empty() {
            return Err(self.fault(format!("`{name}` is not a single number")));
        }
        let value = self.read(&variable, 0, 1)?[0];
        if value < 0.0 || value.fract() != 0.0 {
            return Err(self.fault(format!("`{name}` cannot be {value}")));
        }
        Ok(value as u32)
    }

    /// Reads `count` elements from `first` on; the caller keeps `count` small.
    pub fn read(
        &mut self,
        variable: &Variable,
        first: u64,
        count: u64,
    ) -> Result<Vec<f32>, ModelError> {
        if first.checked_add(count).is_none_or(|end| end > variable.elements()) {
            return Err(self.fault("a variable is shorter than its model needs"));
        }
        let size = variable.dtype.size();
        self.file.seek(variable.offset + first * size)?;
        let bytes = self.file.bytes(count * size)?;
        let mut values = variable.dtype.floats(&bytes);
        if let Some(scales) = &variable.scales {
            let row = variable.elements() / variable.dims[0].max(1);
            for (index, value) in (first..).zip(&mut values) {
                *value /= scales[(index / row) as usize];
            }
        }
        Ok(values)
    }
}

impl Variable {
    pub fn elements(&self) -> u64 {
        self.dims.iter().product()
    }
}

impl Dtype {
    fn from_number(number: u8) -> Option<Self> {
        [Self::F32, Self::I8, Self::I16, Self::I32, Self::F16].get(usize::from(number)).copied()
    }

    fn size(self) -> u64 {
        match self {
            Self::I8 => 1,
            Self::I16 | Self::F16 => 2,
            Self::F32 | Self::I32 => 4,
        }
    }

    fn floats(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::I8 => bytes.iter().map(|&byte| f32::from(byte as i8)).collect(),
            Self::I16 => pairs(bytes).map(|pair| f32::from(i16::from_le_bytes(pair))).collect(),
            Self::F16 => pairs(bytes).map(|pair| f16::from_le_bytes(pair).to_f32()).collect(),
            Self::F32 => quads(bytes).map(f32::from_le_bytes).collect(),
            Self::I32 => quads(bytes).map(|quad| i32::from_le_bytes(quad) as f32).collect(),
        }
    }
}

fn pairs(bytes: &[u8]) -> impl Iterator<Item = [u8; 2]> {
    bytes.as_chunks().0.iter().copied()
}

fn quads(bytes: &[u8]) -> impl Iterator<Item = [u8; 4]> {
    bytes.as_chunks().0.iter().copied()
}

/// A string carries its length, and one NUL inside that length.
fn string(file: &mut Scanner) -> Result<String, ModelError> {
    let length = file.u16()?;
    let mut bytes = file.bytes(u64::from(length))?;
    if bytes.pop() != Some(0) {
        return Err(file.fault("a name does not end in NUL"));
    }
    String::from_utf8(bytes).map_err(|_| file.fault("a name is not UTF-8"))
}

fn variable(file: &mut Scanner, name: &str) -> Result<Variable, ModelError> {
    let rank = file.u8()?;
    let mut dims = Vec::new();
    for _ in 0..rank {
        dims.push(u64::from(file.u32()?));
    }
    let number = file.u8()?;
    let Some(dtype) = Dtype::from_number(number) else {
        return Err(file.fault(format!("`{name}` has the unknown type {number}")));
    };
    let announced = u64::from(file.u32()?);
    let needed = dims.iter().try_fold(dtype.size(), |size, &dim| size.checked_mul(dim));
    if needed != Some(announced) {
        let reason = format!("`{name}` of shape {dims:?} announces {announced} bytes");
        return Err(file.fault(reason));
    }
    let offset = file.position();
    file.skip(announced)?;
    Ok(Variable { dims, dtype, offset, scales: None })
}

#[cfg(test)]
mod tests;
