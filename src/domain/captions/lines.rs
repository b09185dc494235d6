//! Lays the words of one caption out in lines: as few as it takes, even, and broken where it hurts least.

use super::Style;
use super::breaks;
use super::spoken::Spoken;
use std::ops::Range;

/// A last line of one word that is shorter than this looks lost.
const ORPHAN_COLUMNS: usize = 8;
const ORPHAN: u32 = 80;

/// A line that is being filled, word by word.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fill {
    pub lines: usize,
    columns: usize,
    words: usize,
}

impl Fill {
    /// Puts a word on this line, or on the next one where it does not fit.
    pub fn put(&mut self, word: &Spoken<'_>, style: &Style) {
        let space = usize::from(!word.glued && self.columns > 0);
        let words = self.words + usize::from(!word.glued || self.words == 0);
        let columns = self.columns + space + word.columns;
        let fits =
            columns <= style.line_width && style.words_per_line.is_none_or(|most| words <= most);
        if self.lines > 0 && fits {
            (self.columns, self.words) = (columns, words);
        } else {
            *self = Self { lines: self.lines + 1, columns: word.columns, words: 1 };
        }
    }
}

/// The lines of a caption, as ranges of its words.
pub fn lay_out(words: &[Spoken<'_>], style: &Style) -> Vec<Range<usize>> {
    let mut fill = Fill::default();
    words.iter().for_each(|word| fill.put(word, style));
    let count = fill.lines;
    if count <= 1 {
        return std::iter::once(0..words.len()).collect();
    }
    let ideal = width(words) / count;
    // best[n][end]: the least cost of the first `end` words in `n` lines, and where the last of them begins.
    let mut best = vec![vec![None::<(u32, usize)>; words.len() + 1]; count + 1];
    best[0][0] = Some((0, 0));
    for n in 1..=count {
        for end in n..=words.len() {
            for begin in (n - 1..end).rev() {
                let line = &words[begin..end];
                if !fits(line, style) {
                    break;
                }
                let Some((so_far, _)) = best[n - 1][begin] else { continue };
                let cost = so_far + line_cost(words, begin..end, ideal);
                if best[n][end].is_none_or(|(least, _)| cost < least) {
                    best[n][end] = Some((cost, begin));
                }
            }
        }
    }
    let (mut lines, mut end) = (Vec::new(), words.len());
    for n in (1..=count).rev() {
        let begin = best[n][end].map_or(0, |(_, begin)| begin);
        lines.push(begin..end);
        end = begin;
    }
    lines.reverse();
    lines
}

fn fits(line: &[Spoken<'_>], style: &Style) -> bool {
    let mut fill = Fill::default();
    line.iter().for_each(|word| fill.put(word, style));
    fill.lines <= 1
}

fn line_cost(words: &[Spoken<'_>], line: Range<usize>, ideal: usize) -> u32 {
    let off = width(&words[line.clone()]).abs_diff(ideal);
    let uneven = u32::try_from(off * off / 20).unwrap_or(u32::MAX / 4).min(10_000);
    if line.end < words.len() {
        return uneven + breaks::cost(&words[line.end - 1], &words[line.end]);
    }
    let orphan = line.len() == 1 && words[line.start].columns < ORPHAN_COLUMNS;
    uneven + if orphan { ORPHAN } else { 0 }
}

/// Columns of words in a row.
pub fn width(words: &[Spoken<'_>]) -> usize {
    let spaces = words.iter().skip(1).filter(|word| !word.glued).count();
    words.iter().map(|word| word.columns).sum::<usize>() + spaces
}

/// Words in a row, as they are written.
pub fn join(words: &[Spoken<'_>], shown: impl Fn(usize, &str) -> String) -> String {
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        if index > 0 && !word.glued {
            text.push(' ');
        }
        text.push_str(&shown(index, word.text));
    }
    text
}
