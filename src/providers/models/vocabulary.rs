//! Turns a tokenizer's spelling of byte strings back into the bytes that a ggml file stores.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::error::ModelError;

/// whisper.cpp is given these and makes the special tokens behind them itself.
pub const ORDINARY_TOKENS: usize = 50_257;

/// Far above any real tokenizer file, far below what would hurt.
pub const LARGEST_FILE_BYTES: u64 = 64 << 20;

/// The files that can hold a vocabulary, best first.
pub const FILES: [&str; 3] = ["tokenizer.json", "vocabulary.json", "vocabulary.txt"];

#[derive(Deserialize)]
struct Tokenizer {
    model: TokenizerModel,
}

#[derive(Deserialize)]
struct TokenizerModel {
    vocab: HashMap<String, usize>,
}

/// Reads the ordinary tokens, in the order of their ids, from the best file in `dir`.
pub fn read(dir: &Path) -> Result<Vec<Vec<u8>>, ModelError> {
    let Some(path) = FILES.iter().map(|name| dir.join(name)).find(|path| path.is_file()) else {
        let reason = format!("none of {} is there", FILES.join(", "));
        return Err(ModelError::NotAModel { path: dir.to_path_buf(), reason });
    };
    let spelled = spelled(&path)?;
    let fault = |reason: String| {
        let path = path.clone();
        ModelError::Malformed { path, format: "vocabulary", reason }
    };
    if spelled.len() < ORDINARY_TOKENS {
        return Err(fault(format!("{} tokens, {ORDINARY_TOKENS} needed", spelled.len())));
    }
    let bytes_of = bytes_of();
    let mut tokens = Vec::with_capacity(ORDINARY_TOKENS);
    for (id, token) in spelled.into_iter().take(ORDINARY_TOKENS).enumerate() {
        let bytes: Option<Vec<u8>> = token.chars().map(|c| bytes_of.get(&c).copied()).collect();
        tokens.push(bytes.ok_or_else(|| fault(format!("token {id} is not spelled in bytes")))?);
    }
    Ok(tokens)
}

/// The tokens as the file spells them, by id, with no id left out.
fn spelled(path: &Path) -> Result<Vec<String>, ModelError> {
    let size = fs::metadata(path).map_err(ModelError::file("inspect", path))?.len();
    let fault = |reason: String| {
        let path = path.to_path_buf();
        ModelError::Malformed { path, format: "vocabulary", reason }
    };
    if size > LARGEST_FILE_BYTES {
        return Err(fault(format!("{size} bytes are too many")));
    }
    let text = fs::read_to_string(path).map_err(ModelError::file("read", path))?;
    let json = |source| ModelError::ReadVocabulary { path: path.to_path_buf(), source };
    match path.file_name().and_then(|name| name.to_str()) {
        Some("vocabulary.txt") => Ok(text.lines().map(str::to_owned).collect()),
        Some("vocabulary.json") => serde_json::from_str(&text).map_err(json),
        _ => {
            let tokenizer: Tokenizer = serde_json::from_str(&text).map_err(json)?;
            let mut tokens: Vec<_> = tokenizer.model.vocab.into_iter().collect();
            tokens.sort_unstable_by_key(|(_, id)| *id);
            if let Some(at) = (0..tokens.len()).find(|&at| tokens[at].1 != at) {
                return Err(fault(format!("no token, or two, with the id {at}")));
            }
            Ok(tokens.into_iter().map(|(token, _)| token).collect())
        }
    }
}

/// GPT-2 spells each byte as one visible character; this is that table, backwards.
fn bytes_of() -> HashMap<char, u8> {
    let mut table = HashMap::new();
    let mut stand_in = 0x100_u32;
    for byte in 0..=u8::MAX {
        if matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff) {
            table.insert(char::from(byte), byte);
        } else if let Some(character) = char::from_u32(stand_in) {
            table.insert(character, byte);
            stand_in += 1;
        }
    }
    table
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::providers::models::synthetic::{scratch, tokenizer_json};

    #[test]
    fn the_byte_table_is_gpt2s() {
        let table = bytes_of();
        assert_eq!(table.len(), 256);
        let known = [('Ġ', b' '), ('Ċ', b'\n'), ('a', b'a'), ('Ń', 0xad), ('é', 0xe9)];
        for (character, byte) in known {
            assert_eq!(table.get(&character), Some(&byte), "{character}");
        }
    }

    #[test]
    fn all_three_files_say_the_same() {
        let dir = scratch();
        fs::write(dir.path().join("tokenizer.json"), tokenizer_json()).unwrap();
        let from_tokenizer = read(dir.path()).unwrap();
        let spelled = spelled(&dir.path().join("tokenizer.json")).unwrap();
        for (file, text) in [
            ("vocabulary.json", serde_json::to_string(&spelled).unwrap()),
            ("vocabulary.txt", spelled.join("\n")),
        ] {
            let other = scratch();
            fs::write(other.path().join(file), text).unwrap();
            assert!(read(other.path()).unwrap() == from_tokenizer, "{file}");
        }
        assert_eq!(from_tokenizer[0], b" 0");
    }

    #[test]
    fn a_gap_a_stranger_and_a_short_list_are_refused() {
        let dir = scratch();
        let said = |text: &str| {
            fs::write(dir.path().join("tokenizer.json"), text).unwrap();
            read(dir.path()).unwrap_err().to_string()
        };
        assert!(said(r#"{"model":{"vocab":{"a":0,"b":2}}}"#).contains("id 1"));
        assert!(said(r#"{"model":{"vocab":{"a":0}}}"#).contains("1 tokens, 50257 needed"));
        let strange = tokenizer_json().replacen("\"Ġ7\"", "\"日\"", 1);
        assert!(said(&strange).contains("token 7"));
        assert!(said("{").contains("could not read"));
    }
}
