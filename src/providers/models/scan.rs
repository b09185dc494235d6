//! Reads little-endian fields from an untrusted file and refuses to pass its end.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::error::ModelError;

pub struct Scanner {
    input: BufReader<File>,
    path: PathBuf,
    format: &'static str,
    at: u64,
    end: u64,
}

impl Scanner {
    pub fn open(path: &Path, format: &'static str) -> Result<Self, ModelError> {
        let file = File::open(path).map_err(ModelError::file("open", path))?;
        let end = file.metadata().map_err(ModelError::file("inspect", path))?.len();
        let input = BufReader::with_capacity(1 << 16, file);
        Ok(Self { input, path: path.to_path_buf(), format, at: 0, end })
    }

    pub fn position(&self) -> u64 {
        self.at
    }

    pub fn left(&self) -> u64 {
        self.end - self.at
    }

    pub fn fault(&self, reason: impl Into<String>) -> ModelError {
        let (path, reason) = (self.path.clone(), reason.into());
        ModelError::Malformed { path, format: self.format, reason }
    }

    pub fn u8(&mut self) -> Result<u8, ModelError> {
        Ok(self.array::<1>()?[0])
    }

    pub fn u16(&mut self) -> Result<u16, ModelError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub fn u32(&mut self) -> Result<u32, ModelError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub fn i32(&mut self) -> Result<i32, ModelError> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    /// Reads a count or a length that the format stores as a signed number.
    pub fn length(&mut self, what: &str) -> Result<u32, ModelError> {
        let value = self.i32()?;
        u32::try_from(value).map_err(|_| self.fault(format!("{what} is negative ({value})")))
    }

    /// Allocates only after the file has been found long enough.
    pub fn bytes(&mut self, len: u64) -> Result<Vec<u8>, ModelError> {
        self.need(len)?;
        let mut bytes = vec![0; len as usize];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    pub fn skip(&mut self, len: u64) -> Result<(), ModelError> {
        self.need(len)?;
        self.input.seek_relative(len as i64).map_err(ModelError::file("read", &self.path))?;
        self.at += len;
        Ok(())
    }

    pub fn seek(&mut self, to: u64) -> Result<(), ModelError> {
        self.input.seek(SeekFrom::Start(to)).map_err(ModelError::file("read", &self.path))?;
        self.at = to;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ModelError> {
        self.need(N as u64)?;
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), ModelError> {
        self.input.read_exact(bytes).map_err(ModelError::file("read", &self.path))?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    fn need(&self, len: u64) -> Result<(), ModelError> {
        if len <= self.left() {
            return Ok(());
        }
        Err(self.fault(format!("{len} bytes announced at {}, {} left", self.at, self.left())))
    }
}
