//! Chooses the sentences that stand for a memo: the summary, and the quotes worth keeping.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::domain::note::Todo;

use super::moments::Moment;
use super::names::Names;
use super::reading::{Line, Reading};

/// What each sentence of a memo is worth.
pub struct Salience<'a> {
    reading: &'a Reading,
    names: &'a Names,
    moments: &'a [Moment],
    /// How much of a sentence the list of to-dos already shows, by its start.
    owed: BTreeMap<u64, f64>,
}

/// From this worth on a sentence is quoted.
const STRIKING: f64 = 0.7;

impl<'a> Salience<'a> {
    pub fn of(
        reading: &'a Reading,
        names: &'a Names,
        moments: &'a [Moment],
        todos: &[Todo],
    ) -> Self {
        let mut owed: BTreeMap<u64, f64> = BTreeMap::new();
        for todo in todos {
            *owed.entry(todo.start_ms).or_default() += todo.text.split_whitespace().count() as f64;
        }
        Self { reading, names, moments, owed }
    }

    /// The sentences that carry the memo, in spoken order; those already quoted are left out.
    pub fn summary(&self, sections: &[Range<usize>], quoted: &[usize]) -> Vec<usize> {
        let substance: Vec<usize> = self.reading.substance().collect();
        let most = match substance.len() {
            0..=3 => return substance,
            4..=6 => 2,
            7..=29 => 3,
            30..=79 => 4,
            _ => 5,
        };
        let vectors: Vec<Vector> =
            self.reading.lines.iter().map(|line| vector(self.reading, line)).collect();
        let centre = centre(&vectors);
        let open = substance.iter().filter(|index| !quoted.contains(index));
        let scores: Vec<(usize, f64)> = open
            .map(|index| {
                let first = Some(index) == substance.first();
                (*index, 0.9 * cosine(&vectors[*index], &centre) + self.worth(*index, first))
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

    /// What a sentence is worth by itself, whatever the others are about.
    fn worth(&self, index: usize, first: bool) -> f64 {
        let line = &self.reading.lines[index];
        let moment = &self.moments[index];
        let words = line.words.len() as f64;
        let place = index as f64 / self.reading.lines.len() as f64;
        let opens = first && (4..=26).contains(&line.words.len());
        let position = if opens {
            if self.reading.english { 0.36 } else { 0.3 }
        } else {
            0.12 * (1.0 - place)
        };
        let vague = line.words.iter().filter(|word| VAGUE.contains(&word.lower.as_str())).count();
        let named = line
            .words
            .iter()
            .filter(|word| word.capital && self.names.has(&line.text()[word.from..word.to]));
        position
            + 0.35 * moment.news()
            + 0.25 * moment.feeling
            + 0.05 * named.count().min(2) as f64
            + 0.03 * (line.terms.len().min(10) as f64)
            - if words < 6.0 { 0.25 } else { 0.016 * (words - 26.0).max(0.0) }
            - weakness(line)
            - 0.2 * self.owed(index).min(1.0)
            - 0.4 * f64::from(u8::from(moment.announces))
            - 0.035 * vague.min(4) as f64
    }

    /// The share of a sentence's words that the list of to-dos shows.
    fn owed(&self, index: usize) -> f64 {
        let line = &self.reading.lines[index];
        let shown = self.owed.get(&line.said.start_ms).copied().unwrap_or(0.0);
        shown / line.words.len().max(1) as f64
    }

    /// One or two sentences in which the speaker's heart shows; none from a short memo, never a task.
    pub fn quotes(&self) -> Vec<usize> {
        let most = match self.reading.substance().count() {
            0..8 => 0,
            8..25 => 1,
            _ => 2,
        };
        let mut ranked: Vec<(f64, usize)> = self
            .reading
            .substance()
            .filter(|index| self.reading.english && self.owed(*index) == 0.0)
            .map(|index| (self.strikes(index), index))
            .filter(|(score, _)| *score >= STRIKING)
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut chosen: Vec<usize> =
            ranked.into_iter().take(most).map(|(_, index)| index).collect();
        chosen.sort_unstable();
        chosen
    }

    fn strikes(&self, index: usize) -> f64 {
        let line = &self.reading.lines[index];
        let count = |list: &[&str]| {
            line.words.iter().filter(|word| list.contains(&word.lower.as_str())).count()
        };
        let words = line.words.len();
        let first = count(&["i", "i'm", "i've", "i'd", "me", "my", "myself"]);
        let open = line.text().ends_with(char::is_alphanumeric);
        let unfit = line.asks() || open || first == 0 || count(&["um", "uh", "er"]) > 0;
        if unfit || !(6..=32).contains(&words) {
            return 0.0;
        }
        let task =
            ["i need", "i have to", "remind me", "i should", "don't forget", "i'll", "i must"];
        let duty = (0..words).any(|at| task.iter().any(|cue| line.at(at, cue)));
        let shout = 0.2 * f64::from(u8::from(line.text().ends_with('!')));
        let moment = &self.moments[index];
        0.25 * first.min(2) as f64 + 1.3 * moment.feeling + shout
            - 1.5 * f64::from(u8::from(duty))
            - 3.0 * weakness(line)
    }
}

/// Words that say nothing without the sentence before.
const VAGUE: &[&str] =
    &["it", "that", "he", "she", "they", "it's", "this", "him", "them", "that's"];

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
        + 0.35 * f64::from(u8::from(line.asks()))
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
