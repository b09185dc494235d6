//! Finds what the speaker means to do, promised or must not forget, with the day it is due.

use std::collections::HashSet;

use chrono::{DateTime, FixedOffset};

use crate::domain::note::Todo;

use super::cues::{
    ABSTRACT, ARTICLES, BARE_CUES, CUES, IDIOMS, Kind, MODALS, NEGATIONS, QUESTIONS, RELATIVE,
    TRAILING, UNREAL,
};
use super::dates;
use super::lexicon;
use super::reading::{Line, Reading, set};

pub fn todos(reading: &Reading, spoken: DateTime<FixedOffset>) -> Vec<Todo> {
    if !reading.english {
        return Vec::new();
    }
    let finder = Finder {
        doable: set(lexicon::DOABLE),
        not_a_task: set(lexicon::NOT_A_TASK),
        adverbs: set(lexicon::ADVERBS),
        shopping: reading.lines.iter().flat_map(|line| &line.words).any(|word| {
            matches!(word.lower.as_str(), "shopping" | "groceries" | "supermarket" | "buy")
        }),
    };
    let mut found: Vec<(Todo, HashSet<usize>)> = Vec::new();
    let mut follows = false;
    for line in reading.lines.iter().filter(|line| !line.chatter && !line.asks()) {
        let tasks = finder.tasks(line, follows, spoken);
        follows = !tasks.is_empty();
        for task in tasks {
            let terms = task.terms(line);
            let twin = found.iter_mut().find(|(_, other)| same(other, &terms));
            match twin {
                Some((todo, _)) => todo.due = todo.due.or(task.due),
                None => found.push((task.todo(line), terms)),
            }
        }
    }
    found.into_iter().map(|(todo, _)| todo).collect()
}

/// Whether two to-dos name the same thing.
fn same(one: &HashSet<usize>, other: &HashSet<usize>) -> bool {
    let shared = one.intersection(other).count();
    let fewer = one.len().min(other.len());
    (fewer >= 2 && shared == fewer)
        || fewer > 0 && shared * 3 >= fewer * 2 && shared * 2 >= one.len().max(other.len())
}

/// The words of a sentence that say what to do.
struct Task {
    from: usize,
    to: usize,
    due: Option<chrono::NaiveDate>,
}

impl Task {
    fn terms(&self, line: &Line) -> HashSet<usize> {
        line.words[self.from..self.to].iter().filter_map(|word| word.term).collect()
    }

    fn todo(&self, line: &Line) -> Todo {
        Todo {
            text: line.span(self.from, self.to).to_owned(),
            due: self.due,
            segments: line.said.segments.clone(),
            start_ms: line.said.start_ms,
            end_ms: line.said.end_ms,
        }
    }
}

struct Finder {
    doable: HashSet<&'static str>,
    not_a_task: HashSet<&'static str>,
    adverbs: HashSet<&'static str>,
    shopping: bool,
}

impl Finder {
    fn tasks(&self, line: &Line, follows: bool, spoken: DateTime<FixedOffset>) -> Vec<Task> {
        let cues = self.cues(line, follows);
        let days = dates::named(line, spoken);
        let mut tasks = Vec::new();
        for (number, &(start, verb, kind)) in cues.iter().enumerate() {
            let next = cues.get(number + 1).map_or(line.words.len(), |cue| cue.0);
            let from = if kind == Kind::Promise { start } else { verb };
            let to = self.end(line, verb, next);
            let before = if number == 0 { 0 } else { start };
            let due = days
                .iter()
                .find(|day| (from..to.max(next)).contains(&day.at))
                .or_else(|| days.iter().find(|day| (before..start).contains(&day.at)))
                .map(|day| day.day);
            let wished = kind != Kind::Wish || due.is_some();
            if wished && self.is_task(line, verb, to, kind) {
                let (from, to) = self.told(line, from, verb, to);
                tasks.push(Task { from, to, due });
            }
        }
        tasks
    }

    /// Takes the whole sentence where the task alone would not say what it is about.
    fn told(&self, line: &Line, from: usize, verb: usize, to: usize) -> (usize, usize) {
        let object = line.lower(verb + 1);
        let leaning = matches!(object, "it" | "him" | "her" | "them" | "that" | "this" | "one");
        let bare = line.words[verb + 1..to].iter().all(|word| word.term.is_none());
        let leaning = leaning || (verb..to).any(|at| line.at(at, "about it"));
        let words = line.words.len();
        if words <= 22 && words > to - from && (leaning || bare) && from > 3 {
            let leads = ["and", "but", "oh", "so", "um", "also", "okay"];
            let light = line.words.iter().take_while(|word| leads.contains(&word.lower.as_str()));
            return (light.count(), words);
        }
        (from, to)
    }

    /// Where cues stand: the first word of each, the word after it, and its kind.
    fn cues(&self, line: &Line, follows: bool) -> Vec<(usize, usize, Kind)> {
        let mut cues = Vec::new();
        let mut index = 0;
        while index < line.words.len() {
            let cue = CUES
                .iter()
                .find_map(|(cue, kind)| Some((self.follow(line, index, cue)?, *kind)))
                .or_else(|| self.opening(line, index, follows));
            match cue {
                Some((verb, kind)) if verb < line.words.len() => {
                    let stated = match kind {
                        Kind::Reminder => !self.is_narrated(line, index),
                        _ => !self.is_unreal(line, index),
                    };
                    if stated {
                        cues.push((index, verb, kind));
                    }
                    index = verb.max(index + 1);
                }
                _ => index += 1,
            }
        }
        cues
    }

    /// The word after the cue, if it stands here.
    fn follow(&self, line: &Line, start: usize, cue: &str) -> Option<usize> {
        let mut index = start;
        for word in cue.split(' ') {
            if word == "~" {
                while self.adverbs.contains(line.lower(index)) {
                    index += 1;
                }
            } else if line.lower(index) == word || (word == "*" && index < line.words.len()) {
                index += 1;
            } else {
                return None;
            }
        }
        Some(index)
    }

    /// A duty without its subject, or an order to oneself, at the head of a sentence.
    fn opening(&self, line: &Line, index: usize, follows: bool) -> Option<(usize, Kind)> {
        let leads =
            ["and", "then", "also", "oh", "so", "okay", "um", "uh", "well", "first", "next"];
        let head = line.words[..index].iter().all(|word| leads.contains(&word.lower.as_str()));
        if !head {
            return None;
        }
        if let Some(cue) = BARE_CUES.iter().find(|cue| line.at(index, cue)) {
            return Some((index + cue.split(' ').count(), Kind::Duty));
        }
        let object = line.words.get(index + 1)?;
        let takes = ARTICLES.contains(&object.lower.as_str())
            || (object.capital && !object.broken)
            || object.lower.starts_with(|c: char| c.is_ascii_digit())
            || (object.term.is_some()
                && !object.broken
                && (line.words.len() - index <= 6 || follows));
        let past = object.lower.ends_with("ed") || object.lower.ends_with("ing");
        let order = self.doable.contains(line.lower(index)) && takes && !past;
        (order && line.words.len() - index <= 16).then_some((index, Kind::Order))
    }

    /// Denied, hypothetical, habitual or said of what was: no to-do.
    fn is_unreal(&self, line: &Line, start: usize) -> bool {
        let turns = ["and", "so", "but"];
        let clause = (0..=start)
            .rev()
            .find(|at| line.words[*at].broken || turns.contains(&line.lower(*at)))
            .unwrap_or(0);
        let lead: Vec<&str> =
            line.words[clause..start].iter().map(|word| word.lower.as_str()).collect();
        let last = lead.last().copied().unwrap_or_default();
        let near = lead.len().saturating_sub(2);
        lead.iter().any(|word| UNREAL.contains(word))
            || lead[near..].iter().any(|word| RELATIVE.contains(word))
            || QUESTIONS.contains(&last)
            || self.is_narrated(line, start)
    }

    /// Somebody else's words, or the past.
    fn is_narrated(&self, line: &Line, start: usize) -> bool {
        let near = start.saturating_sub(4);
        line.words[near..start]
            .iter()
            .any(|word| matches!(word.lower.as_str(), "didn't" | "told" | "used" | "wished"))
            && !line.words[near..start].iter().any(|word| word.lower == "me")
            || matches!(line.lower(start.wrapping_sub(1)), "she" | "he" | "they" | "you" | "always")
    }

    fn is_task(&self, line: &Line, verb: usize, to: usize, kind: Kind) -> bool {
        let word = line.lower(verb);
        let next = line.lower(verb + 1);
        if to <= verb || NEGATIONS.contains(&word) {
            return false;
        }
        let long = to - verb >= 2;
        let rest = (verb..to).any(|index| line.lower(index) == "been");
        let gives_up = matches!((word, next), ("give", "up") | ("go", "mad" | "insane"));
        match kind {
            Kind::Reminder => true,
            Kind::Promise => to - verb >= 3,
            Kind::Order => long,
            Kind::Intent => {
                long && self.doable.contains(word) && !IDIOMS.contains(&next) && !gives_up
            }
            Kind::Wish => {
                long && !self.not_a_task.contains(word) && !IDIOMS.contains(&next) && !gives_up
            }
            Kind::Need => {
                self.shopping
                    && !ABSTRACT.iter().any(|no| (verb..to).any(|at| line.lower(at) == *no))
            }
            Kind::Duty => {
                let there = word == "be" && matches!(next, "at" | "in" | "there" | "back" | "home");
                let again = matches!(next, "is" | "was");
                (there || !self.not_a_task.contains(word)) && !again && long && !rest
            }
        }
    }

    /// Where the task's own words end: before a reason, a turn, or the next cue.
    fn end(&self, line: &Line, verb: usize, next: usize) -> usize {
        let turn = (verb + 1..next).find(|index| {
            let word = &line.words[*index];
            let own = matches!(
                line.lower(index + 1),
                "i" | "i'm"
                    | "we"
                    | "it"
                    | "it's"
                    | "he"
                    | "she"
                    | "they"
                    | "that's"
                    | "that"
                    | "this"
                    | "then"
                    | "i'll"
                    | "we'll"
                    | "there's"
                    | "she's"
                    | "he's"
                    | "maybe"
                    | "they'll"
                    | "it'll"
                    | "he'll"
                    | "she'll"
                    | "you"
            );
            match word.lower.as_str() {
                "because" | "otherwise" | "cause" | "cuz" | "although" => true,
                "but" | "so" => word.broken || own,
                "and" if line.lower(index + 1) == "then" => {
                    !self.doable.contains(line.lower(index + 2))
                }
                "and" | "which" | "or" => own || (word.broken && word.lower == "which"),
                "it's" | "that's" | "i" | "i'm" | "it" | "we" | "she" | "he" | "these" | "this" => {
                    word.broken
                }
                _ if word.broken && MODALS.contains(&line.lower(index + 1)) => true,
                _ => false,
            }
        });
        let mut to = turn.unwrap_or(next);
        while to > verb + 1 && TRAILING.contains(&line.lower(to - 1)) {
            to -= 1;
        }
        to
    }
}
