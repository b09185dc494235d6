//! How a digest is written: lower-case hexadecimal, as every tool prints a SHA-256.

pub fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
