//! What a person types to find a note, taken apart into words and phrases that no database can misread.

/// A longer text, or more terms, was pasted by mistake.
pub const QUERY_CHARS_MAX: usize = 500;
pub const TERMS_MAX: usize = 16;

/// One thing that has to be there: a word, the beginning of a word, or words in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    pub text: String,
    /// `walk*` finds `walking`.
    pub is_prefix: bool,
}

/// Words apart, `"words in a row"`, and `begin*`. Whatever holds neither letter nor digit asks for nothing.
pub fn terms(query: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    for (nth, piece) in query.split(['"', '“', '”', '„']).enumerate() {
        let is_phrase = nth % 2 == 1;
        if is_phrase {
            terms.extend(term(piece));
        } else {
            terms.extend(piece.split_whitespace().filter_map(term));
        }
    }
    terms
}

fn term(text: &str) -> Option<Term> {
    let is_prefix = text.ends_with('*');
    let plain = |c: char| if c.is_alphanumeric() || c == '\'' || c == '’' { c } else { ' ' };
    let words: String = text.chars().map(plain).collect();
    let text = words.split_whitespace().collect::<Vec<_>>().join(" ");
    text.contains(char::is_alphanumeric).then_some(Term { text, is_prefix })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_and_beginnings_are_told_apart_and_signs_ask_for_nothing() {
        let told = |query| {
            let terms = terms(query).into_iter();
            terms.map(|t| format!("{}{}", t.text, if t.is_prefix { "*" } else { "" })).collect()
        };
        let is = |query, wanted: &[&str]| {
            let told: Vec<String> = told(query);
            assert_eq!(told, wanted, "{query}");
        };
        is("lunch Sunday", &["lunch", "Sunday"]);
        is("\"lunch on Sunday\" café", &["lunch on Sunday", "café"]);
        is("walk* don't", &["walk*", "don't"]);
        is("\"never closed", &["never closed"]);
        is("* -- ( ) \"\" ' NEAR(a b)", &["NEAR a", "b"]);
        is("text:secret ^a\0b", &["text secret", "a b"]);
        is("", &[]);
    }
}
