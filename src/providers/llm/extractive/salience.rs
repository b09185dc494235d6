//! Chooses the sentences that stand for a memo: the summary, and the quotes worth keeping.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use crate::domain::note::Todo;

use super::lexicon;
use super::names::Names;
use super::reading::{Line, Reading, set};

/// The sentences that carry the memo, in spoken order.
pub fn summary(
    reading: &Reading,
    names: &Names,
    sections: &[Range<usize>],
    todos: &[Todo],
) -> Vec<usize> {
    let substance: Vec<usize> = reading.substance().collect();
    let most = match substance.len() {
        0..=3 => return substance,
        4..=6 => 2,
        _ => 3,
    };
    let vectors: Vec<Vector> = reading.lines.iter().map(|line| vector(reading, line)).collect();
    let centre = centre(&vectors);
    let feeling = set(lexicon::FEELING);
    let owed: HashSet<u64> = todos.iter().map(|todo| todo.start_ms).collect();
    let scores: Vec<(usize, f64)> = substance
        .iter()
        .map(|index| {
            let line = &reading.lines[*index];
            let place = *index as f64 / reading.lines.len() as f64;
            let opens = Some(index) == substance.first() && (4..=26).contains(&line.words.len());
            let position = if opens { 0.3 } else { 0.12 * (1.0 - place) };
            let words = line.words.len() as f64;
            let pronouns =
                line.words.iter().filter(|word| VAGUE.contains(&word.lower.as_str())).count();
            let named = line
                .words
                .iter()
                .filter(|word| word.capital && names.has(&line.text()[word.from..word.to]));
            let score = 0.9 * cosine(&vectors[*index], &centre)
                + position
                + 0.05 * named.count().min(2) as f64
                + 0.12
                    * f64::from(u8::from(
                        line.words.iter().any(|word| feeling.contains(word.lower.as_str())),
                    ))
                + 0.03 * (line.terms.len().min(10) as f64)
                - if words < 6.0 { 0.15 } else { 0.012 * (words - 28.0).max(0.0) }
                - weakness(line)
                - 0.08 * f64::from(u8::from(owed.contains(&line.said.start_ms)))
                - 0.035 * pronouns.min(4) as f64;
            (*index, score)
        })
        .collect();
    let section = |index: usize| sections.iter().position(|range| range.contains(&index));
    let mut chosen: Vec<usize> = Vec::new();
    while chosen.len() < most {
        let gain = |&(index, score): &(usize, f64)| {
            let twin = chosen.iter().map(|other| cosine(&vectors[*other], &vectors[index]));
            let near = chosen.iter().filter(|other| section(**other) == section(index)).count();
            let crowd = if sections.len() > 1 { 0.22 * near as f64 } else { 0.0 };
            score - 0.6 * twin.fold(0.0, f64::max) - crowd
        };
        let open = scores.iter().filter(|(index, _)| !chosen.contains(index));
        let best = open.max_by(|a, b| gain(a).total_cmp(&gain(b)).then(b.0.cmp(&a.0)));
        let Some(&(index, _)) = best else { break };
        chosen.push(index);
    }
    chosen.sort_unstable();
    chosen
}

/// Words that say nothing without the sentence before.
const VAGUE: &[&str] =
    &["it", "that", "he", "she", "they", "it's", "this", "him", "them", "that's"];

/// One or two sentences in which the speaker speaks of themselves; none from a short memo.
pub fn quotes(reading: &Reading, taken: &[usize]) -> Vec<usize> {
    let most = match reading.substance().count() {
        0..8 => 0,
        8..25 => 1,
        _ => 2,
    };
    let feeling = set(lexicon::FEELING);
    let mut ranked: Vec<(i32, usize)> = reading
        .substance()
        .filter(|index| reading.english && !taken.contains(index))
        .map(|index| (strikes(&reading.lines[index], &feeling), index))
        .filter(|(score, _)| *score >= 4)
        .collect();
    ranked.sort_by_key(|(score, index)| (-score, *index));
    let mut chosen: Vec<usize> = ranked.into_iter().take(most).map(|(_, index)| index).collect();
    chosen.sort_unstable();
    chosen
}

fn strikes(line: &Line, feeling: &HashSet<&str>) -> i32 {
    let count = |list: &[&str]| {
        line.words.iter().filter(|word| list.contains(&word.lower.as_str())).count() as i32
    };
    let felt =
        line.words.iter().filter(|word| feeling.contains(word.lower.as_str())).count() as i32;
    let words = line.words.len();
    if !(7..=32).contains(&words) || line.asks() || count(&["um", "uh", "er"]) > 0 {
        return 0;
    }
    let first = count(&["i", "i'm", "i've", "i'd", "me", "my", "myself"]);
    if first == 0 {
        return 0;
    }
    let task = ["i need", "i have to", "remind me", "i should", "don't forget", "i'll", "i must"];
    let duty = (0..words).any(|at| task.iter().any(|cue| line.at(at, cue)));
    let shout = i32::from(line.text().ends_with('!'));
    first.min(2) + 2 * felt.min(3) + shout - 3 * i32::from(duty) - (10.0 * weakness(line)) as i32
}

/// Against sentences that cannot stand alone.
fn weakness(line: &Line) -> f64 {
    let lead = ["and", "so", "but", "um", "uh", "well", "oh", "okay", "yeah", "then", "because"];
    let leads = line.words.iter().take_while(|word| lead.contains(&word.lower.as_str())).count();
    let unsure = (0..line.words.len()).any(|at| {
        ["i don't know", "you know", "i mean", "or something", "record something", "i'm recording"]
            .iter()
            .any(|no| line.at(at, no))
    });
    0.3 * f64::from(u8::from(line.leans(leads)))
        + 0.04 * leads.min(3) as f64
        + 0.2 * f64::from(u8::from(line.asks()))
        + 0.1 * f64::from(u8::from(unsure))
        + 0.25 * f64::from(u8::from(line.lower(leads) == "because" || line.lower(0) == "because"))
}

type Vector = BTreeMap<usize, f64>;

fn vector(reading: &Reading, line: &Line) -> Vector {
    let mut vector = Vector::new();
    for term in &line.terms {
        *vector.entry(*term).or_default() += reading.weight(*term);
    }
    let norm = vector.values().map(|weight| weight * weight).sum::<f64>().sqrt().max(1.0);
    vector.values_mut().for_each(|weight| *weight /= norm);
    vector
}

/// What all sentences are about, terms that return counting most.
fn centre(vectors: &[Vector]) -> Vector {
    let mut centre = Vector::new();
    for (term, weight) in vectors.iter().flatten() {
        *centre.entry(*term).or_default() += weight;
    }
    let norm = centre.values().map(|weight| weight * weight).sum::<f64>().sqrt().max(1.0);
    centre.values_mut().for_each(|weight| *weight /= norm);
    centre
}

fn cosine(one: &Vector, other: &Vector) -> f64 {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    short.iter().filter_map(|(term, weight)| long.get(term).map(|other| weight * other)).sum()
}
