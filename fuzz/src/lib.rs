//! What the fuzz targets share: the bytes as a file, and whose fault a panic is.

pub mod blame;
pub mod scratch;
