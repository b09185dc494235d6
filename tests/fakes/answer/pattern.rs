//! Writes a text that a simple regular expression of a JSON schema matches.

use std::iter::Peekable;
use std::str::Chars;

/// The shortest plain match, or none where the pattern uses what is not understood here.
///
/// Understood: literals, `.`, classes, `\d \w \s`, groups, `|`, anchors, and `? * + {n} {n,} {n,m}`.
pub fn example(pattern: &str) -> Option<String> {
    let mut rest = pattern.chars().peekable();
    let text = alternatives(&mut rest)?;
    rest.next().is_none().then_some(text)
}

/// The first of `a|b|c`, up to a closing bracket or the end.
fn alternatives(rest: &mut Peekable<Chars>) -> Option<String> {
    let first = sequence(rest)?;
    while rest.next_if_eq(&'|').is_some() {
        sequence(rest)?;
    }
    Some(first)
}

fn sequence(rest: &mut Peekable<Chars>) -> Option<String> {
    let mut text = String::new();
    while let Some(c) = rest.next_if(|c| !matches!(c, '|' | ')')) {
        let atom = match c {
            '^' | '$' => continue,
            '(' => group(rest)?,
            '[' => class(rest)?.to_string(),
            '\\' => escaped(rest.next()?)?.to_string(),
            '.' => "a".to_owned(),
            c => c.to_string(),
        };
        text.push_str(&atom.repeat(fewest(rest)?));
    }
    Some(text)
}

fn group(rest: &mut Peekable<Chars>) -> Option<String> {
    if rest.next_if_eq(&'?').is_some() {
        // Only `(?:…)`; looking around changes what matches.
        rest.next_if_eq(&':')?;
    }
    let text = alternatives(rest)?;
    rest.next_if_eq(&')').map(|_| text)
}

/// The first character of a class; of `[^…]` one that is not in it.
fn class(rest: &mut Peekable<Chars>) -> Option<char> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut members = Vec::new();
    while let Some(c) = rest.next_if(|c| *c != ']') {
        let c = if c == '\\' { escaped(rest.next()?)? } else { c };
        match (c, members.last().copied()) {
            ('-', Some(from)) if rest.peek() != Some(&']') => members.extend(from..=rest.next()?),
            (c, _) => members.push(c),
        }
    }
    rest.next_if_eq(&']')?;
    let other = || ('a'..='z').chain('0'..='9').find(|c| !members.contains(c));
    if negated { other() } else { members.first().copied() }
}

fn escaped(c: char) -> Option<char> {
    match c {
        'd' => Some('7'),
        'w' => Some('a'),
        's' => Some(' '),
        'n' => Some('\n'),
        't' => Some('\t'),
        c if c.is_alphanumeric() => None,
        c => Some(c),
    }
}

/// How often the atom before has to stand at least; `+` and `{n,…}` are counted, `?` and `*` are none.
fn fewest(rest: &mut Peekable<Chars>) -> Option<usize> {
    let count = match rest.peek() {
        Some('?' | '*') => 0,
        Some('{') => {
            let range: String = rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
            let count = range.split(',').next()?.parse().ok()?;
            rest.next_if_eq(&'?');
            return Some(count);
        }
        Some('+') => 1,
        _ => return Some(1),
    };
    rest.next();
    rest.next_if_eq(&'?');
    Some(count)
}

#[cfg(test)]
mod tests {
    use super::example;

    #[test]
    fn patterns_that_schemas_use_are_matched() {
        for (pattern, text) in [
            (r"^\d{4}-\d{2}-\d{2}$", "7777-77-77"),
            ("^[a-z][a-z0-9_]*$", "a"),
            ("^(happy|sad)( and (?:tired|awake))?$", "happy"),
            (r"^#[0-9A-F]{6}$", "#000000"),
            (r"^s[1-9]\d+\.$", "s17."),
            ("[^a-c]{2,5}", "dd"),
            ("", ""),
        ] {
            assert_eq!(example(pattern).as_deref(), Some(text), "{pattern}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for pattern in [r"(?=a)b", r"\p{L}+", "(a", "[a", "a)"] {
            assert_eq!(example(pattern), None, "{pattern}");
        }
    }
}
