//! Gives the words of a corrected text their times: equal words keep theirs, new ones share what stood in their place.

use crate::domain::transcript::Word;
use std::ops::Range;

/// What an equal word, and one that differs only in case or signs, is worth to the alignment: no number of the latter
/// outweighs one of the former.
const EQUAL: u32 = 10_000;
const ALIKE: u32 = 1;

/// Whoever wrote a word down is sure of it.
const CERTAIN: f64 = 1.0;

/// Which old word and which new one are the same.
struct Pair {
    old: usize,
    new: usize,
    equal: bool,
}

/// The words of `text`, which joined by spaces give it. Their times never go back, and stay within `span_ms` where
/// those of the old words did.
pub fn realigned(old: &[Word], text: &str, span_ms: Range<u64>) -> Vec<Word> {
    let new: Vec<&str> = text.split_whitespace().collect();
    let mut words: Vec<Word> = Vec::with_capacity(new.len());
    let (mut old_at, mut new_at) = (0, 0);
    for pair in pairs(old, &new) {
        let next = old[pair.old].start_ms;
        let (gone, put) = (&old[old_at..pair.old], &new[new_at..pair.new]);
        share(&mut words, gone, put, span_ms.start..next);
        let kept = &old[pair.old];
        words.push(match pair.equal {
            true => kept.clone(),
            false => Word { text: new[pair.new].to_owned(), probability: CERTAIN, ..kept.clone() },
        });
        (old_at, new_at) = (pair.old + 1, pair.new + 1);
    }
    share(&mut words, &old[old_at..], &new[new_at..], span_ms);
    words
}

/// Puts words where those that are gone have stood; where none have, between their neighbours. `free_ms` is what a
/// first or last word may take.
fn share(words: &mut Vec<Word>, gone: &[Word], put: &[&str], free_ms: Range<u64>) {
    let reached = words.last().map_or(free_ms.start, |word| word.end_ms.max(word.start_ms));
    let floor = words.last().map_or(0, |word| word.start_ms);
    let until = free_ms.end.max(floor);
    let start = gone.first().map_or(reached, |word| word.start_ms).max(reached).min(until);
    let end = gone.last().map_or(until, |word| word.end_ms).clamp(start, until);
    let chars: Vec<u64> = put.iter().map(|word| word.chars().count() as u64).collect();
    let whole = chars.iter().sum::<u64>().max(1);
    let at = |done: u64| start + (end - start) * done / whole;
    let mut done = 0;
    for (text, chars) in put.iter().zip(chars) {
        let (start_ms, end_ms) = (at(done), at(done + chars));
        words.push(Word { text: (*text).to_owned(), start_ms, end_ms, probability: CERTAIN });
        done += chars;
    }
}

/// The alignment that keeps most: the longest common subsequence, with like words where no equal ones can be had.
fn pairs(old: &[Word], new: &[&str]) -> Vec<Pair> {
    let bare_old: Vec<String> = old.iter().map(|word| bare(&word.text)).collect();
    let bare_new: Vec<String> = new.iter().map(|word| bare(word)).collect();
    let worth = |i: usize, j: usize| match () {
        () if old[i].text == new[j] => EQUAL,
        () if !bare_old[i].is_empty() && bare_old[i] == bare_new[j] => ALIKE,
        () => 0,
    };
    // best[i][j]: the most that the words from `i` and from `j` on can keep.
    let mut best = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let skip = best[i + 1][j].max(best[i][j + 1]);
            best[i][j] = match worth(i, j) {
                0 => skip,
                worth => skip.max(best[i + 1][j + 1] + worth),
            };
        }
    }
    let (mut pairs, mut i, mut j) = (Vec::new(), 0, 0);
    while i < old.len() && j < new.len() {
        let worth = worth(i, j);
        if worth > 0 && best[i][j] == best[i + 1][j + 1] + worth {
            pairs.push(Pair { old: i, new: j, equal: worth == EQUAL });
            (i, j) = (i + 1, j + 1);
        } else if best[i][j] == best[i + 1][j] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

fn bare(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
