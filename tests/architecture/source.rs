//! A Rust file as the rules see it: comments and text of literals blanked out, literals kept aside.

/// One file; `code` has the length and the lines of `text`.
pub struct Source {
    pub path: String,
    pub text: String,
    pub code: String,
    pub literals: Vec<Literal>,
    /// The first line (from 1) of the tests at the end; all of the file for a file of tests.
    pub tests_from: usize,
}

/// The text of a string literal; `at` is the offset of its opening quote.
pub struct Literal {
    pub at: usize,
    pub text: String,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let (code, literals) = blank(text);
        let tests_from = tests_from(path, &code);
        Self { path: path.to_owned(), text: text.to_owned(), code, literals, tests_from }
    }

    /// The folder or top-level file under `src/`.
    pub fn room(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let room = inside.split('/').next().unwrap_or(inside);
        room.strip_suffix(".rs").unwrap_or(room)
    }

    pub fn line_at(&self, offset: usize) -> usize {
        self.code.as_bytes()[..offset].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    pub fn is_test_line(&self, line: usize) -> bool {
        line >= self.tests_from
    }

    /// Offsets of `words` in the code, where it does not begin or end inside a longer name.
    pub fn find<'a>(&'a self, words: &'a str) -> impl Iterator<Item = usize> + 'a {
        let bytes = self.code.as_bytes();
        let open = |at: Option<&u8>| !at.is_some_and(|byte| is_name(*byte));
        self.code.match_indices(words).map(|(at, _)| at).filter(move |&at| {
            let end = at + words.len();
            let starts = at == 0 || !is_name(bytes[at]) || open(bytes.get(at - 1));
            starts && (!is_name(bytes[end - 1]) || open(bytes.get(end)))
        })
    }
}

pub fn is_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

fn tests_from(path: &str, code: &str) -> usize {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return 1;
    }
    let lines: Vec<_> = code.lines().map(str::trim).collect();
    let opens_tests = |line: usize| {
        let item =
            lines[line + 1..].iter().find(|text| !text.starts_with("#[") && !text.is_empty());
        item.is_some_and(|text| text.starts_with("mod ") && text.ends_with('{'))
    };
    let tail = (0..lines.len()).find(|&line| lines[line] == "#[cfg(test)]" && opens_tests(line));
    tail.map_or(usize::MAX, |line| line + 1)
}

/// Blanks comments and the text of literals, byte for byte, and keeps quotes and line ends.
fn blank(text: &str) -> (String, Vec<Literal>) {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut literals = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let end = if rest.starts_with("//") {
            at + rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            at + block_comment(rest)
        } else if let Some(hashes) = raw_string(bytes, at) {
            let open = at + 1 + hashes;
            let close = format!("\"{}", "#".repeat(hashes));
            let end = text[open + 1..].find(&close).map_or(text.len(), |found| open + 1 + found);
            literals.push(Literal { at: open, text: text[open + 1..end].to_owned() });
            wipe(&mut code, open + 1, end);
            at = (end + close.len()).min(text.len());
            continue;
        } else if bytes[at] == b'"' {
            let end = at + 1 + quoted(&rest[1..]);
            literals.push(Literal { at, text: text[at + 1..end].to_owned() });
            wipe(&mut code, at + 1, end);
            at = end + 1;
            continue;
        } else if bytes[at] == b'\'' {
            at + character(rest)
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        wipe(&mut code, at, end);
        at = end.max(at + 1);
    }
    (String::from_utf8_lossy(&code).into_owned(), literals)
}

fn wipe(code: &mut [u8], from: usize, to: usize) {
    code[from..to].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(found) = rest[at..].find(['/', '*']) {
        at += found;
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// The number of `#` when a raw string starts here.
fn raw_string(bytes: &[u8], at: usize) -> Option<usize> {
    let before = at.checked_sub(1).map(|before| bytes[before]);
    let prefix = matches!(before, Some(b'b' | b'c')) && !(at > 1 && is_name(bytes[at - 2]));
    if bytes[at] != b'r' || (before.is_some_and(is_name) && !prefix) {
        return None;
    }
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    (bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

/// The length of the literal up to its closing quote.
fn quoted(inside: &str) -> usize {
    let mut escaped = false;
    for (at, char) in inside.char_indices() {
        match char {
            '"' if !escaped => return at,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    inside.len()
}

/// The length of a character literal, or 1 for the tick of a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some((after, _))) => {
            let closing = rest[after + 1..].find('\'');
            closing.map_or(1, |closing| after + 1 + closing + 1)
        }
        (Some(_), Some((tick, '\''))) => tick + 1,
        _ => 1,
    }
}
