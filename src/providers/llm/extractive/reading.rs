//! A transcript read once: its sentences as words, with their topic terms and their weight.

use std::collections::{BTreeMap, HashSet};

use super::languages::Language;
use super::lexicon;
use super::sentences::Said;

/// The memo as the other files look at it.
pub struct Reading {
    pub language: Option<&'static Language>,
    pub english: bool,
    pub lines: Vec<Line>,
    /// In how many sentences each term stands, by its number.
    pub spread: Vec<u32>,
    /// Whether capitals can be trusted to mark names.
    pub cased: bool,
}

pub struct Line {
    pub said: Said,
    pub words: Vec<Word>,
    /// Numbers of the topic terms in the sentence, repeated as they are.
    pub terms: Vec<usize>,
    /// Greeting, farewell or filler: stays in the text, never stands for it.
    pub chatter: bool,
}

#[derive(Clone)]
pub struct Word {
    pub from: usize,
    pub to: usize,
    /// Lower case, straight apostrophes.
    pub lower: String,
    pub capital: bool,
    /// A comma or another mark stands before the word.
    pub broken: bool,
    pub term: Option<usize>,
}

impl Line {
    pub fn text(&self) -> &str {
        &self.said.text
    }

    /// The words from one index to another, as they were said.
    pub fn span(&self, from: usize, to: usize) -> &str {
        match (self.words.get(from), self.words.get(to.saturating_sub(1))) {
            (Some(first), Some(last)) if from < to => &self.said.text[first.from..last.to],
            _ => "",
        }
    }

    pub fn lower(&self, index: usize) -> &str {
        self.words.get(index).map_or("", |word| word.lower.as_str())
    }

    /// Whether the words at an index are these.
    pub fn at(&self, index: usize, words: &str) -> bool {
        words.split(' ').enumerate().all(|(offset, word)| self.lower(index + offset) == word)
    }

    /// Whether the words from here on lean on what was said before: "it", "she", "that".
    pub fn leans(&self, at: usize) -> bool {
        let times = ["morning", "afternoon", "evening", "week", "weekend", "year", "month"];
        let first = self.lower(at);
        PRONOUNS.contains(&first) && !(first == "this" && times.contains(&self.lower(at + 1)))
    }

    pub fn asks(&self) -> bool {
        self.said
            .text
            .trim_end_matches(['"', '”', '\'', '’', '»', ')', ' '])
            .ends_with(['?', '？', '؟'])
    }
}

const PRONOUNS: &[&str] = &[
    "it", "he", "she", "they", "that", "this", "which", "it's", "he's", "she's", "that's",
    "they're", "those", "these", "him", "her", "them", "there", "there's", "it'll", "because",
    "er", "sie", "es", "das", "eso", "ça", "ci", "il", "elle", "ils", "elles", "c'est", "parce",
];

impl Reading {
    pub fn of(code: &str, said: Vec<Said>) -> Self {
        let language = Language::of(code);
        let english = code == "en";
        let stop = language.map(|language| set(language.stop)).unwrap_or_default();
        let fillers = if english { set(lexicon::FILLERS) } else { HashSet::new() };
        let mut numbers = BTreeMap::new();
        let mut spread: Vec<u32> = Vec::new();
        let mut lines = Vec::with_capacity(said.len());
        for said in said {
            let mut words = words(&said.text);
            let mut terms = Vec::new();
            for word in words.iter_mut().filter(|word| is_term(word, &stop)) {
                let next = numbers.len();
                let number = *numbers.entry(stem(&word.lower, english)).or_insert(next);
                spread.resize(spread.len().max(number + 1), 0);
                spread[number] += u32::from(!terms.contains(&number));
                word.term = Some(number);
                terms.push(number);
            }
            let chatter = is_chatter(&words, &fillers, english);
            lines.push(Line { said, words, terms, chatter });
        }
        let inner = || lines.iter().flat_map(|line| line.words.iter().skip(1));
        let capitals = inner().filter(|word| word.capital && !word.lower.starts_with("i")).count();
        let cased = capitals * 3 < inner().count().max(1);
        Self { language, english, lines, spread, cased }
    }

    /// Sentences that may stand for the memo.
    pub fn substance(&self) -> impl Iterator<Item = usize> {
        (0..self.lines.len()).filter(|index| !self.lines[*index].chatter)
    }

    /// How telling a term is: rare enough to distinguish, said at all.
    pub fn weight(&self, term: usize) -> f64 {
        let lines = self.lines.len() as f64;
        (1.0 + lines / f64::from(self.spread[term])).ln()
    }
}

pub fn set(words: &'static str) -> HashSet<&'static str> {
    words.split_whitespace().collect()
}

/// What a full stop follows without ending anything.
const ABBREVIATED: &[&str] = &["mr", "mrs", "ms", "dr", "prof", "st", "fr", "hr"];

fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut broken = false;
    while let Some((from, c)) = chars.next() {
        if !c.is_alphanumeric() {
            let titled = c == '.'
                && words.last().is_some_and(|word| ABBREVIATED.contains(&word.lower.as_str()));
            broken |= !(c.is_whitespace() || matches!(c, '-' | '\'' | '’') || titled);
            continue;
        }
        let mut to = from + c.len_utf8();
        while let Some(&(at, c)) = chars.peek() {
            let joins = matches!(c, '\'' | '’' | '-' | '.' | ':' | ',');
            let inside = text[at + c.len_utf8()..].chars().next().is_some_and(|next| match c {
                '.' | ':' | ',' => {
                    next.is_ascii_digit() && text[..at].ends_with(|c: char| c.is_ascii_digit())
                }
                _ => next.is_alphanumeric(),
            });
            if !(c.is_alphanumeric() || joins && inside) {
                break;
            }
            to = at + c.len_utf8();
            chars.next();
        }
        let lower = text[from..to].to_lowercase().replace('’', "'");
        words.push(Word { from, to, lower, capital: c.is_uppercase(), broken, term: None });
        broken = false;
    }
    words
}

fn is_term(word: &Word, stop: &HashSet<&str>) -> bool {
    let bare = word.lower.trim_end_matches("'s");
    bare.chars().count() >= 3
        && bare.chars().any(char::is_alphabetic)
        && !stop.contains(bare)
        && !stop.contains(word.lower.as_str())
}

/// One key for "promise", "promised" and "promises"; rough on purpose.
fn stem(lower: &str, english: bool) -> String {
    let word = lower.trim_end_matches("'s");
    if !english {
        let cut = word.char_indices().nth(6).map_or(word.len(), |(at, _)| at);
        return word[..cut].to_owned();
    }
    let mut word = word.to_owned();
    if word.ends_with("ies") && word.len() > 4 {
        word.replace_range(word.len() - 3.., "y");
    } else if word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") {
        word.pop();
    }
    for tail in ["ing", "ed"] {
        if word.len() > tail.len() + 3 && word.ends_with(tail) {
            word.truncate(word.len() - tail.len());
            break;
        }
    }
    if word.len() > 4 && word.ends_with('e') {
        word.pop();
    }
    word
}

fn is_chatter(words: &[Word], fillers: &HashSet<&str>, english: bool) -> bool {
    if !english {
        return words.last().is_none_or(|word| words.len() < 2 && word.to < 12);
    }
    let line = words.iter().map(|word| word.lower.as_str()).collect::<Vec<_>>().join(" ");
    let short = words.len() <= 10;
    words
        .iter()
        .all(|word| fillers.contains(word.lower.as_str()) || WHEN.contains(&word.lower.as_str()))
        || (words.len() <= 8 && GREETINGS.iter().any(|greeting| line.starts_with(greeting)))
        || (short && FAREWELLS.iter().any(|farewell| line.contains(farewell)))
        || (short && ABOUT_ITSELF.iter().any(|phrase| line.contains(phrase)))
}

/// "So, Monday evening": says when, and no more.
const WHEN: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "morning",
    "afternoon",
    "evening",
    "night",
    "today",
    "tonight",
    "it's",
    "the",
    "day",
    "again",
    "time",
];

const GREETINGS: &[&str] =
    &["hello", "hi ", "hey", "good morning", "good evening", "dear diary", "hi"];

const FAREWELLS: &[&str] = &[
    "that's it for",
    "that's all",
    "that is all",
    "that's it",
    "bye",
    "good night",
    "goodnight",
    "talk to you",
    "thank you",
    "thanks for",
    "see you",
    "more tomorrow",
    "i'm off to bed",
    "going to bed now",
    "off to sleep",
    "that was my day",
    "signing off",
    "okay enough",
];

const ABOUT_ITSELF: &[&str] = &[
    "voice memo",
    "is this recording",
    "this thing on",
    "is it recording",
    "recording this",
    "what else",
    "where was i",
    "let me think",
    "lost my train",
    "test test",
    "one two three",
    "what was i",
    "where do i start",
    "where do i begin",
    "where to start",
    "what did i want to say",
    "don't know what else",
    "going to sleep now",
];
