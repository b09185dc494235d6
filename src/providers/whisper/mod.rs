//! Sound to text with whisper.cpp, in a child process that holds one loaded model and decodes k chunks at a time.
//! It never keeps anything between two chunks: the text of a chunk depends on its sound and its options alone.
//! Start reading at [`protocol`], what parent and child say to each other; then [`worker`], the child.

mod apart;
mod callbacks;
pub mod child;
mod decode;
mod doubt;
pub mod error;
mod partial;
mod prompted;
pub mod protocol;
mod reading;
pub mod worker;

/// Whether Whisper knows this ISO 639-1 code.
pub fn knows_language(code: &str) -> bool {
    // Without its hook the library complains on stderr about a code that it does not know.
    whisper_rs::install_logging_hooks();
    code.len() <= 3 && !code.contains('\0') && whisper_rs::get_lang_id(code).is_some()
}

/// The English name of a language by its ISO 639-1 code, in lower case, as Whisper's training calls it.
pub fn language_name(code: &str) -> Option<&'static str> {
    let known = knows_language(code).then(|| whisper_rs::get_lang_id(code)).flatten();
    known.and_then(whisper_rs::get_lang_str_full)
}

/// The ISO 639-1 code of a language by its code or its English name, in any case.
pub fn language_code(name: &str) -> Option<&'static str> {
    whisper_rs::install_logging_hooks();
    let name = name.to_lowercase();
    let name = SECOND_NAMES.iter().find(|(second, _)| *second == name).map_or(&*name, |(_, n)| n);
    let known = !name.contains('\0');
    known.then(|| whisper_rs::get_lang_id(name)).flatten().and_then(whisper_rs::get_lang_str)
}

/// Names that openai-whisper takes beside those of its table.
const SECOND_NAMES: &[(&str, &str)] = &[
    ("burmese", "my"),
    ("castilian", "es"),
    ("flemish", "nl"),
    ("haitian", "ht"),
    ("letzeburgesch", "lb"),
    ("mandarin", "zh"),
    ("moldavian", "ro"),
    ("moldovan", "ro"),
    ("panjabi", "pa"),
    ("pushto", "ps"),
    ("sinhalese", "si"),
    ("valencian", "ca"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_code_and_by_its_names() {
        for (name, code) in [("en", "en"), ("English", "en"), ("GERMAN", "de"), ("flemish", "nl")] {
            assert_eq!(language_code(name), Some(code), "{name}");
        }
        assert_eq!(language_code("klingon"), None);
        assert_eq!(language_code("e\0n"), None);
    }
}
