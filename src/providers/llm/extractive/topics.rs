//! Cuts a memo into sections where its topic shifts: by its words, its pauses and its turns of speech.

use std::collections::BTreeMap;
use std::ops::Range;

use super::moments::Moment;
use super::reading::{Line, Reading};

/// A memo of fewer sentences, or words, is one section.
const SHORT: usize = 6;
const SHORT_WORDS: usize = 90;
/// How many sentences on each side are compared.
const WINDOW: usize = 4;
/// What a turn of speech says for a new topic.
const TURN: f64 = 0.7;
/// A sentence of so few words answers the one before it: "I nearly cried."
const REACTION: usize = 3;
/// A section has so many words, or a few less in two sentences.
const FULL_WORDS: usize = 24;
const FEWEST_WORDS: usize = 15;

pub fn sections(reading: &Reading, moments: &[Moment]) -> Vec<Range<usize>> {
    let count = reading.lines.len();
    let words: usize = reading.lines.iter().map(|line| line.words.len()).sum();
    if count < SHORT || words < SHORT_WORDS {
        return if count == 0 { Vec::new() } else { vec![Range { start: 0, end: count }] };
    }
    let size = ((count as f64).sqrt() * 1.2).max(3.5);
    let most = (count as f64 / size).round() as usize;
    let shifts = shifts(reading, moments);
    let mean = shifts.iter().sum::<f64>() / shifts.len().max(1) as f64;
    let mut ranked: Vec<usize> = (1..count).collect();
    ranked.sort_by(|a, b| shifts[*b].total_cmp(&shifts[*a]).then(a.cmp(b)));
    let mut cuts = vec![0, count];
    let least = (size / 3.0).round().max(2.0) as usize;
    for cut in ranked {
        let at = cuts.partition_point(|other| *other < cut);
        let (left, right) = (cuts[at - 1]..cut, cut..cuts[at]);
        let apart = left.len() >= least && right.len() >= least;
        let full = carries(&reading.lines[left]) && carries(&reading.lines[right]);
        let long = cuts[at] - cuts[at - 1] > (2.5 * size) as usize;
        let strong = shifts[cut] > (mean + 0.25).max(0.45);
        let room = most + usize::from(moments[cut].opens || turn(&reading.lines[cut]) >= TURN);
        if apart && full && ((cuts.len() <= room && strong) || long) {
            cuts.insert(at, cut);
        }
    }
    cuts.windows(2).map(|pair| Range { start: pair[0], end: pair[1] }).collect()
}

/// Whether some sentences are enough for a heading.
fn carries(lines: &[Line]) -> bool {
    let size = |line: &Line| line.words.len().max(line.text().chars().count() / 8);
    let words: usize = lines.iter().map(size).sum();
    let told = lines.iter().filter(|line| !line.chatter).count();
    words >= FULL_WORDS || (told >= 2 && words >= FEWEST_WORDS)
}

/// For each sentence, how much it looks like the beginning of something else.
fn shifts(reading: &Reading, moments: &[Moment]) -> Vec<f64> {
    let lines = &reading.lines;
    let closeness: Vec<f64> = (0..lines.len()).map(|at| closeness(reading, at)).collect();
    (0..lines.len())
        .map(|at| {
            let rise = |range: Range<usize>| range.map(|i| closeness[i]).fold(0.0, f64::max);
            let left = rise(at.saturating_sub(WINDOW).max(1)..at.max(1));
            let right = rise(at + 1..(at + 1 + WINDOW).min(lines.len()).max(at + 1));
            let here = closeness[at];
            let depth = (left - here).max(0.0) + (right - here).max(0.0);
            let pause = (lines[at].said.pause_ms as f64 / 4_000.0).min(0.4);
            let chatter = if lines[at].chatter { -0.3 } else { 0.0 };
            let marked = match (moments[at].opens, moments[at].announces) {
                (true, true) => 0.9,
                (true, false) => 0.6,
                _ => turn(&lines[at]),
            };
            let before = at.checked_sub(1).is_some_and(|before| moments[before].announces);
            let joined = if before { -1.0 } else { 0.0 };
            depth.min(1.0) * 0.6 + (1.0 - here) * 0.2 + pause + marked + chatter + joined
        })
        .collect()
}

/// The likeness of the sentences before and after a place, 0 to 1.
fn closeness(reading: &Reading, at: usize) -> f64 {
    let lines = &reading.lines;
    let bag = |range: Range<usize>| {
        let mut bag: BTreeMap<usize, f64> = BTreeMap::new();
        for term in lines[range].iter().flat_map(|line| &line.terms) {
            *bag.entry(*term).or_default() += reading.weight(*term).sqrt();
        }
        bag
    };
    let before = bag(at.saturating_sub(WINDOW)..at);
    let after = bag(at..(at + WINDOW).min(lines.len()));
    let dot: f64 = before
        .iter()
        .filter_map(|(term, weight)| after.get(term).map(|other| weight * other))
        .sum();
    let norm = |bag: &BTreeMap<usize, f64>| bag.values().map(|weight| weight * weight).sum::<f64>();
    dot / (norm(&before) * norm(&after)).sqrt().max(f64::EPSILON)
}

/// Points for a turn of speech at the head of a sentence, and against one that leans back.
fn turn(line: &Line) -> f64 {
    let lead = ["and", "so", "um", "uh", "okay", "ok", "well", "yeah", "but", "right", "now"];
    let start =
        line.words.iter().position(|word| !lead.contains(&word.lower.as_str())).unwrap_or(0);
    let heads = |phrases: &[&str]| {
        phrases.iter().any(|phrase| line.at(start, phrase) || line.at(0, phrase))
    };
    if heads(TURNS) {
        return TURN;
    }
    if heads(TIMES) {
        return 0.35;
    }
    if heads(LEANING) || line.words.len() <= REACTION { -0.35 } else { 0.0 }
}

const TURNS: &[&str] = &[
    "anyway",
    "another thing",
    "on another note",
    "oh and",
    "oh also",
    "other than that",
    "by the way",
    "moving on",
    "apart from that",
    "what else",
    "changing the subject",
    "on a different note",
    "something else",
    "the other thing",
    "one more thing",
    "one other thing",
    "and another thing",
    "a different thing",
    "what else happened",
    "speaking of",
    "before i forget",
    "on the way home",
    "on the way back",
    "on the drive home",
    "when i got home",
    "when we got home",
    "when i came home",
    "when we came home",
    "on the other hand",
    "next topic",
    "second topic",
    "back to",
    "as for",
    "work was",
    "at work",
    "in other news",
    "übrigens",
    "außerdem",
    "jedenfalls",
    "ansonsten",
    "ach ja",
    "was noch",
    "por cierto",
    "por otro lado",
    "otra cosa",
    "además",
    "sinon",
    "à part ça",
    "par ailleurs",
    "autre chose",
    "comunque",
    "a proposito",
    "un'altra cosa",
    "inoltre",
];

const TIMES: &[&str] = &[
    "in the evening",
    "in the afternoon",
    "in the morning",
    "this morning",
    "this afternoon",
    "this evening",
    "tonight",
    "after lunch",
    "after work",
    "after dinner",
    "after that",
    "later",
    "at lunch",
    "at night",
    "afterwards",
    "at the end",
    "tomorrow",
    "yesterday",
    "next week",
    "finally",
    "and then",
    "around noon",
    "at noon",
    "also",
    "first",
    "second",
    "third",
    "am abend",
    "abends",
    "am nachmittag",
    "nachmittags",
    "am morgen",
    "morgen",
    "nach dem",
    "por la tarde",
    "por la noche",
    "por la mañana",
    "mañana",
    "después",
    "ce soir",
    "ce matin",
    "demain",
    "cet après-midi",
    "le soir",
    "la sera",
    "stasera",
    "stamattina",
    "domani",
    "nel pomeriggio",
];

const LEANING: &[&str] = &[
    "it", "it's", "he", "she", "they", "that", "that's", "which", "because", "he's", "she's",
    "they're", "this", "these", "those", "his", "her", "also it", "then", "them", "or", "like",
    "weil", "denn", "das", "er", "sie", "es", "porque", "eso", "car", "parce", "ça", "perché",
];
