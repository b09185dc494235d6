//! Sound to text with whisper.cpp, in a child process that holds one loaded model and decodes k chunks at a time.
//! It never keeps anything between two chunks: the text of a chunk depends on its sound and its options alone.
//! Start reading at [`protocol`], what parent and child say to each other; then [`worker`], the child.

mod abort;
mod apart;
pub mod child;
mod decode;
mod doubt;
pub mod error;
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
