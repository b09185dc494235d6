//! A transcript as people and players read it: plain lines, SubRip, WebVTT, tab-separated values, Markdown.
//!
//! Captions follow what broadcasters and streaming services ask of them. The limits are those of the public
//! "Timed Text Style Guide: General Requirements" of Netflix, which the style guides of many libraries repeat: two lines
//! of 42 characters, 5/6 s to 7 s, at most 20 characters a second, two frames between two captions, and lines that
//! break after punctuation, before conjunctions and before prepositions, never between a name and a surname.
//! It never changes a word: what is said is shown, all of it, in its order.
//! Start reading at [`Captions`]; `cues` decides where a caption ends, `lines` where a line does.

mod breaks;
mod cues;
mod lines;
mod page;
mod plain;
mod spoken;
mod subtitles;
#[cfg(test)]
mod tests;
mod timing;
mod width;

pub use page::markdown;
pub use plain::{text, tsv};
pub use subtitles::{Captions, srt, vtt};

/// How captions are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns of a line; a wide character, such as a Chinese one, takes two.
    pub line_width: usize,
    pub line_count: usize,
    pub words_per_line: Option<usize>,
    /// Underline each word while it is spoken.
    pub highlight: bool,
}

/// What `line_width` may be: the narrowest line in use is one of 16 columns.
pub const LINE_WIDTH_MIN: usize = 16;
pub const LINE_WIDTH_MAX: usize = 250;
pub const LINE_COUNT_MAX: usize = 10;

impl Default for Style {
    fn default() -> Self {
        Self { line_width: 42, line_count: 2, words_per_line: None, highlight: false }
    }
}
