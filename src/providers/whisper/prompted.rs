//! Whether a text that was heard with a prompt can be trusted: nothing lost, and the prompt not written out.

use crate::domain::transcript::Segment;

/// In the middle of a text a prompt may cost this many words, such as fillers, but not more at once.
const DROPPED_MAX: usize = 2;
/// As many words of the prompt in a row, where nobody said anything, were not heard.
const ECHOED_MIN: usize = 3;

/// Compares what was heard with a prompt to what was heard without one.
pub fn is_faithful(told: &[Segment], plain: &[Segment], prompt: &str) -> bool {
    let (told, plain, prompt) = (words(told), words(plain), of_text(prompt));
    let differences = differences(&plain, &told);
    differences.iter().all(|different| {
        let Difference { without, with, at_start } = different;
        let lost = without.len().saturating_sub(with.len());
        let room = if *at_start { 0 } else { DROPPED_MAX };
        // `twenty five` and `25` say the same with fewer words; a dropped clause says nothing at all.
        let shorter = with.is_empty() || letters(with) * 2 < letters(without);
        let is_loss = lost > room && shorter;
        let extra = with.len().saturating_sub(without.len());
        let is_echo = extra >= ECHOED_MIN && contains(&prompt, with);
        !is_loss && !is_echo
    })
}

/// A stretch of words between two stretches that both texts share.
#[derive(Debug, PartialEq)]
struct Difference<'a> {
    without: &'a [String],
    with: &'a [String],
    at_start: bool,
}

/// Where two texts differ, by their longest common sequence of words.
fn differences<'a>(without: &'a [String], with: &'a [String]) -> Vec<Difference<'a>> {
    let shared = shared(without, with);
    let mut found = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (next_i, next_j) in shared.into_iter().chain([(without.len(), with.len())]) {
        let (a, b) = (without.get(i..next_i), with.get(j..next_j));
        let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
        if !a.is_empty() || !b.is_empty() {
            found.push(Difference { without: a, with: b, at_start: i == 0 });
        }
        (i, j) = (next_i + 1, next_j + 1);
    }
    found
}

/// The places of the words of the longest common sequence, in order.
fn shared(a: &[String], b: &[String]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    // length[i][j]: of the longest sequence that a[i..] and b[j..] have in common.
    let mut length = vec![0u32; (a.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    for (i, left) in a.iter().enumerate().rev() {
        for (j, right) in b.iter().enumerate().rev() {
            length[at(i, j)] = match left == right {
                true => length[at(i + 1, j + 1)] + 1,
                false => length[at(i + 1, j)].max(length[at(i, j + 1)]),
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if length[at(i + 1, j)] >= length[at(i, j + 1)] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

fn contains(prompt: &[String], said: &[String]) -> bool {
    prompt.windows(ECHOED_MIN).any(|echo| said.windows(ECHOED_MIN).any(|window| window == echo))
}

fn letters(words: &[String]) -> usize {
    words.iter().map(|word| word.chars().count()).sum()
}

fn words(segments: &[Segment]) -> Vec<String> {
    segments.iter().flat_map(|segment| of_text(&segment.text)).collect()
}

/// Lower-case words without punctuation.
fn of_text(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'');
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faithful(told: &str, plain: &str, prompt: &str) -> bool {
        let segments = |text: &str| [Segment { text: text.into(), ..Segment::default() }];
        is_faithful(&segments(told), &segments(plain), prompt)
    }

    #[test]
    fn a_prompt_that_eats_the_beginning_or_a_clause_is_not_believed() {
        let plain = "And so, my fellow Americans, ask not what your country can do for you.";
        assert!(!faithful("Ask not what your country can do for you.", plain, ""));
        assert!(!faithful(
            "So my fellow Americans, ask not what your country can do for you.",
            plain,
            ""
        ));
        assert!(!faithful("And so, my fellow Americans, ask not.", plain, ""));
        assert!(!faithful("", plain, ""));
        assert!(faithful(plain, plain, "And so, my fellow Americans"));
    }

    #[test]
    fn other_spelling_figures_and_dropped_fillers_are_what_a_prompt_is_for() {
        let plain = "We met zoe in trump so on the twenty fifth, um, of may";
        let told = "We met Zoë in Tromsø on the 25th of May.";
        assert!(faithful(told, plain, "Zoë, Tromsø."));
    }

    #[test]
    fn a_prompt_that_is_written_out_was_not_heard() {
        let prompt = "Zoë, Tromsø, Lofoten, Bodø.";
        assert!(!faithful("Zoë, Tromsø, Lofoten. We met.", "We met.", prompt));
        assert!(!faithful("Zoë Tromsø Lofoten", "", prompt));
        assert!(faithful("We met Zoë in Tromsø.", "We met.", "Zoë in the snow"));
    }
}
