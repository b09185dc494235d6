//! How many columns a text takes, and where a word that is wider than a line may be cut.

/// Columns of a text: two for a wide character, none for a mark that stands on the one before.
pub fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

fn columns_of(c: char) -> usize {
    match c {
        _ if is_mark(c) => 0,
        _ if is_wide(c) => 2,
        _ => 1,
    }
}

/// The scripts that are written without spaces in full-width characters.
pub fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{303e}' | '\u{3041}'..='\u{33ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{a000}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}')
}

/// Marks that belong to the character before them.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{93c}' | '\u{941}'..='\u{94d}' | '\u{e31}'
        | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{200b}'..='\u{200d}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Signs that no line begins with.
fn closes(c: char) -> bool {
    matches!(
        c,
        '。' | '、'
            | '，'
            | '．'
            | '！'
            | '？'
            | '：'
            | '；'
            | '」'
            | '』'
            | '）'
            | '】'
            | '》'
            | 'ー'
            | '々'
            | '…'
            | '.'
            | ','
            | '!'
            | '?'
            | ':'
            | ';'
            | ')'
            | ']'
            | '"'
            | '”'
            | '’'
    )
}

/// The pieces of a word between which a line may end: characters of a wide script, and what is wider than a line.
pub fn pieces(word: &str, line_width: usize) -> Vec<&str> {
    let wide = word.chars().any(is_wide);
    if !wide && columns(word) <= line_width {
        return vec![word];
    }
    let (mut cut, mut begin, mut taken, mut previous) = (Vec::new(), 0, 0, None);
    for (at, c) in word.char_indices() {
        let more = columns_of(c);
        let apart = previous.is_some_and(|p| is_wide(p) || is_wide(c)) && !closes(c);
        if at > begin && !is_mark(c) && (apart || taken + more > line_width) {
            cut.push(&word[begin..at]);
            (begin, taken) = (at, 0);
        }
        taken += more;
        previous = Some(c);
    }
    cut.push(&word[begin..]);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_takes_two_columns_and_a_mark_none() {
        assert_eq!(columns("naïve"), 5);
        assert_eq!(columns("nai\u{308}ve"), 5);
        assert_eq!(columns("日本語"), 6);
    }

    #[test]
    fn words_stay_whole_unless_they_are_wider_than_a_line() {
        assert_eq!(pieces("hello", 16), ["hello"]);
        assert_eq!(pieces("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(pieces("今日は。はい", 16), ["今", "日", "は。", "は", "い"]);
        assert_eq!(pieces("iPhoneを買う", 16), ["iPhone", "を", "買", "う"]);
    }
}
