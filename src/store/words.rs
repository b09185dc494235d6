//! Words as SQLite's index tells them apart, for a database that is given them ready made: letters folded, marks dropped.

use crate::domain::search::Term;
use std::fmt::Write;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// PostgreSQL keeps no later place in a text.
const PLACES: usize = 16_383;
/// Nor a longer word, in bytes.
const WORD_BYTES: usize = 2_046;

#[derive(Debug, PartialEq, Eq)]
struct Word {
    folded: String,
    /// In characters of the text.
    place: Range<usize>,
}

/// The words of a text and their places, as PostgreSQL writes a `tsvector`.
pub fn to_vector(text: &str) -> String {
    let mut vector = String::new();
    for (place, word) in (1..=PLACES).zip(words(text)) {
        // Words hold letters and digits only: there is nothing to escape. Writing to a string cannot fail.
        let _ = write!(vector, "'{}':{place} ", word.folded);
    }
    vector
}

/// What finds a term in a `tsvector`: its words in a row, the last one perhaps only begun.
pub fn to_query(term: &Term) -> String {
    let mut words: Vec<_> =
        words(&term.text).into_iter().map(|word| format!("'{}'", word.folded)).collect();
    if let Some(last) = words.last_mut().filter(|_| term.is_prefix) {
        last.push_str(":*");
    }
    words.join(" <-> ")
}

/// The places in a text, in characters, where any of the terms stands.
pub fn marks(text: &str, terms: &[Term]) -> Vec<Range<usize>> {
    let words_of_text = words(text);
    let mut marks: Vec<Range<usize>> = Vec::new();
    for term in terms {
        let wanted = words(&term.text);
        let Some(last) = wanted.len().checked_sub(1) else { continue };
        for row in words_of_text.windows(wanted.len()) {
            let says = row.iter().zip(&wanted).enumerate().all(|(nth, (word, wanted))| {
                word.folded == wanted.folded
                    || term.is_prefix && nth == last && word.folded.starts_with(&wanted.folded)
            });
            if says {
                marks.push(row[0].place.start..row[last].place.end);
            }
        }
    }
    marks.sort_by_key(|mark| (mark.start, mark.end));
    marks.dedup_by(|next, mark| {
        let overlaps = next.start < mark.end;
        if overlaps {
            mark.end = mark.end.max(next.end);
        }
        overlaps
    });
    marks
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word = Word { folded: String::new(), place: 0..0 };
    for (at, c) in text.chars().enumerate() {
        // A mark belongs to the letter before it, and stands in no word.
        let is_mark = is_combining_mark(c) && !word.folded.is_empty();
        if c.is_alphanumeric() || is_mark {
            if word.folded.is_empty() {
                word.place.start = at;
            }
            word.folded.extend((!is_combining_mark(c)).then(|| lowercase(plain(c))));
            word.place.end = at + 1;
        } else if !word.folded.is_empty() {
            words.push(std::mem::replace(&mut word, Word { folded: String::new(), place: 0..0 }));
        }
    }
    if !word.folded.is_empty() {
        words.push(word);
    }
    words.retain(|word| word.folded.len() <= WORD_BYTES);
    words
}

/// Without its marks, if it is a Latin letter with some. The others are letters of their own: й is no и.
fn plain(c: char) -> char {
    c.nfd().next().filter(char::is_ascii).unwrap_or(c)
}

/// One letter for one letter; what would become two stays as it is.
fn lowercase(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(text: &str, is_prefix: bool) -> Term {
        Term { text: text.to_owned(), is_prefix }
    }

    #[test]
    fn words_are_folded_and_keep_their_places() {
        assert_eq!(to_vector("Café, né À-Paris"), "'cafe':1 'ne':2 'a':3 'paris':4 ");
        assert_eq!(to_vector("don’t 3.5 e\u{301}t\u{e9}"), "'don':1 't':2 '3':3 '5':4 'ete':5 ");
        assert_eq!(to_vector("Ελληνικά йод ế が"), "'ελληνικά':1 'йод':2 'e':3 'が':4 ");
        assert_eq!(to_vector("… — !"), "");
    }

    #[test]
    fn a_term_is_its_words_in_a_row() {
        assert_eq!(to_query(&term("new Roof", false)), "'new' <-> 'roof'");
        assert_eq!(to_query(&term("walk", true)), "'walk':*");
        assert_eq!(to_query(&term("don't", true)), "'don' <-> 't':*");
    }

    #[test]
    fn marks_are_where_terms_stand_and_never_overlap() {
        let text = "né à Paris, walking in Paris";
        assert_eq!(marks(text, &[term("a paris", false)]), vec![3..10; 1]);
        assert_eq!(
            marks(text, &[term("PARIS", false), term("walk", true)]),
            [5..10, 12..19, 23..28]
        );
        assert_eq!(marks(text, &[term("a paris", false), term("paris", false)]), [3..10, 23..28]);
        assert!(marks(text, &[term("walk", false)]).is_empty());
    }
}
