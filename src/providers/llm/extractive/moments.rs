//! Weighs the moments of a memo: what happens once in a life, what was felt most, what the speaker announces.

use std::collections::HashSet;

use super::lexicon;
use super::reading::{Line, Reading, set};
use super::turns::{ANNOUNCES, EVENTS, HEIGHTS, IDEAS, PEAKS};

/// What makes one sentence matter more than its neighbours.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Moment {
    /// A birth, a result, a farewell, a first time: 0 to 1.
    pub event: f64,
    /// How much of the speaker's heart is in it: 0 to 1.
    pub feeling: f64,
    /// "The best part came this evening": it says that something follows, and little else.
    pub announces: bool,
    /// What such a sentence announced, or a sentence that both announces and tells.
    pub announced: bool,
    /// The speaker marks that something else begins.
    pub opens: bool,
    /// "Here's an idea."
    pub idea: bool,
}

impl Moment {
    /// How much of it is worth telling others.
    pub fn news(&self) -> f64 {
        self.event + 0.6 * f64::from(u8::from(self.announced))
    }
}

/// An event told in a clause of its own: "my grandfather turned 80".
pub struct Told {
    pub from: usize,
    pub to: usize,
}

/// The moments of a memo, one for each sentence; all of them nothing where the language is not English.
pub fn moments(reading: &Reading) -> Vec<Moment> {
    if !reading.english {
        return vec![Moment::default(); reading.lines.len()];
    }
    let (strong, weak) = (set(lexicon::FEELING), set(lexicon::STIRRING));
    let (life, tidings) = (set(lexicon::LIFE), set(lexicon::TIDINGS));
    let mut moments: Vec<Moment> = Vec::with_capacity(reading.lines.len());
    for line in &reading.lines {
        let start = head(line);
        let says = ANNOUNCES.iter().any(|cue| line.at(start, cue));
        let idea = IDEAS.iter().any(|cue| line.at(start, cue));
        let brief = line.words.len() <= BRIEF;
        let follows = moments.last().is_some_and(|before| before.announces) && !line.asks();
        moments.push(Moment {
            event: if line.asks() { 0.0 } else { event(line, &life, &tidings) },
            feeling: feeling(line, &strong, &weak),
            announces: (says || idea) && brief,
            announced: (says || idea) && !brief || follows,
            opens: says || idea,
            idea,
        });
    }
    moments
}

/// An announcement of up to so many words tells nothing itself.
const BRIEF: usize = 8;

/// The index of the first word that is not "and", "so", "um".
fn head(line: &Line) -> usize {
    let lead = ["and", "so", "but", "um", "uh", "well", "oh", "okay", "yeah", "then", "also"];
    line.words.iter().take_while(|word| lead.contains(&word.lower.as_str())).count()
}

fn event(line: &Line, life: &HashSet<&str>, tidings: &HashSet<&str>) -> f64 {
    let told = (0..line.words.len()).any(|at| happens(line, at).is_some());
    let has = |list: &HashSet<&str>| {
        line.words.iter().any(|word| list.contains(word.lower.trim_end_matches("'s")))
    };
    if told {
        1.0
    } else if has(life) {
        0.6
    } else if has(tidings) {
        0.3
    } else {
        0.0
    }
}

/// How many words from here on say that something happened once and for all.
fn happens(line: &Line, at: usize) -> Option<usize> {
    let unsure = [
        "if", "would", "could", "might", "will", "when", "never", "not", "didn't", "to", "since",
        "after", "before", "until", "every",
    ];
    let near = at.saturating_sub(3);
    if (near..at).any(|before| unsure.contains(&line.lower(before))) {
        return None;
    }
    if matches!(line.lower(at), "turned" | "turns" | "turning") && is_age(line, at + 1) {
        return Some(2);
    }
    EVENTS.iter().find(|cue| line.at(at, cue)).map(|cue| cue.split(' ').count())
}

fn is_age(line: &Line, at: usize) -> bool {
    let word = line.lower(at);
    let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    let ones = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let told = word.parse::<u32>().is_ok_and(|age| (1..=110).contains(&age))
        || tens.iter().any(|ten| word.starts_with(ten))
        || ones.contains(&word)
        || word.ends_with("teen");
    let unit = line.words.get(at + 1).is_some_and(|next| {
        !next.broken && matches!(next.lower.as_str(), "degrees" | "percent" | "of" | "people")
    });
    told && !unit
}

/// The event of a sentence as a clause that can stand in a title.
pub fn told(line: &Line) -> Option<Told> {
    let (at, cue) = (0..line.words.len()).find_map(|at| Some((at, happens(line, at)?)))?;
    let mut from = at;
    while from > 0 && !line.words[from].broken && !JOINTS.contains(&line.lower(from - 1)) {
        from -= 1;
    }
    if from == 2 && line.at(1, "and i") && line.words[0].capital {
        from = 0;
    }
    let mut to = at + cue;
    while let Some(word) = line.words.get(to).filter(|word| !word.broken) {
        let named = word.lower == "with" && line.words.get(to + 1).is_some_and(|next| next.capital);
        if !named && [JOINTS, TAILS].iter().any(|list| list.contains(&word.lower.as_str())) {
            break;
        }
        to += 1;
    }
    let subject = at - from;
    let whole = (1..=5).contains(&subject) && to - from <= 7 && !line.leans(from);
    let loose = NO_SUBJECT.contains(&line.lower(from)) || TAILS.contains(&line.lower(from));
    (whole && !loose && !line.asks()).then_some(Told { from, to })
}

fn feeling(line: &Line, strong: &HashSet<&str>, weak: &HashSet<&str>) -> f64 {
    let count = |words: &HashSet<&str>| {
        line.words.iter().filter(|word| words.contains(word.lower.as_str())).count() as f64
    };
    let turns = |cues: &[&str]| {
        (0..line.words.len()).filter(|at| cues.iter().any(|cue| line.at(*at, cue))).count() as f64
    };
    (0.65 * turns(HEIGHTS) + 0.4 * turns(PEAKS) + 0.35 * count(strong) + 0.18 * count(weak))
        .min(1.0)
}

/// Words that begin another clause.
const JOINTS: &[&str] = &[
    "because", "and", "that", "but", "so", "when", "while", "which", "who", "after", "since",
    "before", "if", "said", "says", "told", "heard", "or", "as", "until", "then", "today", "um",
    "uh", "okay", "well",
];

/// Words after which an event is only told in more detail.
const TAILS: &[&str] = &[
    "at",
    "in",
    "on",
    "today",
    "yesterday",
    "this",
    "last",
    "tonight",
    "by",
    "for",
    "with",
    "from",
    "to",
    "again",
    "now",
    "already",
    "just",
    "there",
    "here",
    "together",
    "finally",
    "about",
];

const NO_SUBJECT: &[&str] =
    &["everyone", "everybody", "nobody", "someone", "somebody", "what", "how", "where", "why"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::llm::extractive::sentences::Said;

    fn reading(texts: &[&str]) -> Reading {
        let said = |text: &&str| Said {
            text: (*text).to_owned(),
            segments: vec![0],
            start_ms: 0,
            end_ms: 1,
            pause_ms: 0,
        };
        Reading::of("en", texts.iter().map(said).collect())
    }

    #[test]
    fn an_event_is_told_in_a_clause_of_its_own() {
        for (said, expected) in [
            ("We drove out because my aunt turned 70 today.", Some("my aunt turned 70")),
            (
                "Mr. Brandt in room four died at ten past three.",
                Some("Mr. Brandt in room four died"),
            ),
            ("Today we buried Uncle Henry.", Some("we buried Uncle Henry")),
            ("I passed the driving test!", Some("I passed the driving test")),
            ("She said that she got the job.", None),
            ("The oven turned 200 degrees.", None),
            ("I hope I will have passed the exam.", None),
            ("He has been kind since my aunt died.", None),
            ("We had soup.", None),
        ] {
            let reading = reading(&[said]);
            let line = &reading.lines[0];
            let clause = told(line).map(|told| line.span(told.from, told.to));
            assert_eq!(clause, expected, "{said}");
        }
    }

    #[test]
    fn what_is_announced_weighs_more_than_its_announcement() {
        let reading = reading(&["The best part came later.", "We found the ring.", "It rained."]);
        let moments = moments(&reading);
        assert!(moments[0].announces && moments[0].opens);
        assert!(moments[1].announced && !moments[1].opens);
        assert_eq!(moments[2], Moment::default());
        assert!(moments[1].news() > moments[0].news());
    }
}
