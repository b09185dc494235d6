//! Cuts a transcript into sentences that keep the speaker's words, their segments and their times.

use super::languages::Language;
use crate::domain::transcript::{Segment, Transcript};

/// One sentence as it was said: `text` is a verbatim piece of the joined segments.
#[derive(Debug, Clone)]
pub struct Said {
    pub text: String,
    pub segments: Vec<u32>,
    pub start_ms: u64,
    pub end_ms: u64,
    /// Silence before the sentence, where a segment begins with it.
    pub pause_ms: u64,
}

/// A sentence longer than this was not cut by its punctuation.
const LONG: usize = 45;
/// The same, where the whole transcript has no punctuation.
const LONG_UNPUNCTUATED: usize = 14;
/// A sentence longer than this is cut even inside a segment.
const ENDLESS: usize = 70;

pub fn sentences(transcript: &Transcript) -> Vec<Said> {
    let spoken = Joined::of(transcript);
    let cuts = punctuation(&spoken.text, &transcript.language);
    let long = if cuts.is_empty() { LONG_UNPUNCTUATED } else { LONG };
    let mut said = Vec::new();
    let mut start = 0;
    for end in cuts.into_iter().chain([spoken.text.len()]) {
        for (from, to) in spoken.recut(start, end, long) {
            said.extend(spoken.said(from, to));
        }
        start = end;
    }
    said
}

/// The segments as one text, with the place of each in it.
struct Joined<'a> {
    text: String,
    places: Vec<Place<'a>>,
}

struct Place<'a> {
    from: usize,
    to: usize,
    segment: &'a Segment,
}

impl<'a> Joined<'a> {
    fn of(transcript: &'a Transcript) -> Self {
        let mut text = String::with_capacity(transcript.text.len());
        let mut places = Vec::with_capacity(transcript.segments.len());
        for (index, segment) in transcript.segments.iter().enumerate() {
            if index > 0 {
                text.push(' ');
            }
            let from = text.len();
            text.push_str(segment.text.trim());
            places.push(Place { from, to: text.len(), segment });
        }
        Self { text, places }
    }

    /// The sentence between two places, or nothing where no word was said.
    fn said(&self, from: usize, to: usize) -> Option<Said> {
        let piece = &self.text[from..to];
        let text = piece.trim();
        if is_noise(text) {
            return None;
        }
        let from = from + (piece.len() - piece.trim_start().len());
        let to = from + text.len();
        let first = self.places.partition_point(|place| place.to <= from);
        let last = self.places.partition_point(|place| place.from < to).max(first + 1);
        let over = self.places.get(first..last)?;
        let (head, tail) = (over.first()?, over.last()?);
        let start_ms = head.time_at(from, &self.text);
        let pause_ms = match first.checked_sub(1).and_then(|index| self.places.get(index)) {
            Some(before) if from <= head.from => {
                head.segment.start_ms.saturating_sub(before.segment.end_ms)
            }
            _ => 0,
        };
        Some(Said {
            text: text.to_owned(),
            segments: over.iter().map(|place| place.segment.id).collect(),
            start_ms,
            end_ms: tail.time_at(to, &self.text).max(start_ms),
            pause_ms,
        })
    }

    /// Cuts an overlong piece where segments begin, best after a pause.
    fn recut(&self, start: usize, end: usize, long: usize) -> Vec<(usize, usize)> {
        let mut pieces = Vec::new();
        let mut from = start;
        if units(&self.text[start..end]) > long {
            let first = self.places.partition_point(|place| place.from <= start);
            let last = self.places.partition_point(|place| place.from < end);
            for index in first..last.max(first) {
                let place = &self.places[index];
                let size = units(&self.text[from..place.from]);
                let rest = units(&self.text[place.from..end]);
                let full = if long < LONG { 10 } else { 24 };
                let enough = size >= 30
                    || (size >= full && !self.runs_on(index))
                    || (size >= 5 && self.breathes(index));
                if enough && rest >= 4 {
                    pieces.push((from, place.from));
                    from = place.from;
                }
            }
        }
        pieces.push((from, end));
        pieces.into_iter().flat_map(|(from, to)| self.halve(from, to)).collect()
    }

    /// Whether the segment's first word goes on with the phrase before it.
    fn runs_on(&self, index: usize) -> bool {
        let place = &self.places[index];
        let text = &self.text[place.from..place.to];
        let first = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        RUNNING_ON.contains(&first.to_lowercase().as_str())
    }

    /// Whether a speaker would draw breath before this segment.
    fn breathes(&self, index: usize) -> bool {
        let place = &self.places[index];
        let before = index.checked_sub(1).and_then(|index| self.places.get(index));
        let pause =
            before.map_or(0, |before| place.segment.start_ms.saturating_sub(before.segment.end_ms));
        let text = self.text[place.from..place.to].trim_start();
        let first = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let capital = first.chars().next().is_some_and(char::is_uppercase) && first != "I";
        pause >= 300 || capital || OPENERS.contains(&first.to_lowercase().as_str())
    }

    /// Cuts what no segment bound could, at the comma or joining word nearest to the middle.
    fn halve(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let mut open = vec![(from, to)];
        let mut done = Vec::new();
        while let Some((from, to)) = open.pop() {
            let piece = &self.text[from..to];
            match (units(piece) > ENDLESS).then(|| seam(piece)).flatten() {
                Some(at) => open.extend([(from + at, to), (from, from + at)]),
                None => done.push((from, to)),
            }
        }
        done
    }
}

impl Place<'_> {
    /// The time at a byte of the joined text: of the word there if known, else in proportion.
    fn time_at(&self, at: usize, text: &str) -> u64 {
        let Segment { start_ms, end_ms, ref words, .. } = *self.segment;
        if at <= self.from {
            return start_ms;
        }
        if at >= self.to {
            return end_ms.max(start_ms);
        }
        let sounded = |piece: &str| piece.chars().filter(|c| !c.is_whitespace()).count();
        let (before, all) = (sounded(&text[self.from..at]), sounded(&text[self.from..self.to]));
        let mut passed = 0;
        for word in words {
            if passed >= before {
                return word.start_ms;
            }
            passed += sounded(&word.text);
            if passed >= before && text[..at].ends_with(|c: char| !c.is_whitespace()) {
                return word.end_ms;
            }
        }
        let length = end_ms.saturating_sub(start_ms);
        start_ms + length * before as u64 / all.max(1) as u64
    }
}

/// How long a piece is in words; scripts without spaces count by the character.
fn units(text: &str) -> usize {
    let words = text.split_whitespace().count();
    words.max(text.chars().count() / 10)
}

/// Sounds that Whisper writes in brackets, and pieces without a letter or digit.
pub fn is_noise(text: &str) -> bool {
    let bracketed = [('[', ']'), ('(', ')'), ('*', '*'), ('♪', '♪')]
        .iter()
        .any(|&(open, close)| text.starts_with(open) && text.ends_with(close))
        && text.split_whitespace().count() <= 4;
    bracketed || !text.chars().any(char::is_alphanumeric)
}

/// Words that begin a new thought where nothing else marks it.
const OPENERS: &[&str] = &[
    "and", "so", "but", "then", "anyway", "also", "because", "oh", "okay", "well", "now", "und",
    "aber", "dann", "also", "y", "pero", "entonces", "et", "mais", "alors", "puis", "e", "ma",
    "poi", "quindi", "today", "i", "ich", "je",
];

/// Words that rarely begin a thought.
const RUNNING_ON: &[&str] = &[
    "of", "to", "in", "for", "with", "which", "that", "at", "from", "on", "or", "than", "until",
    "by", "about", "who", "when", "where", "as", "into", "von", "zu", "mit", "dass", "de", "que",
    "di", "che", "à", "qui",
];

/// No piece of an endless sentence is shorter, in bytes.
const SHORTEST: usize = 40;

fn seam(piece: &str) -> Option<usize> {
    let middle = piece.len() / 2;
    let joins =
        [", ", " and then ", " and i ", " and I ", " so ", " but ", " because ", "、", "，"];
    let nearest = |patterns: &[&str]| {
        patterns
            .iter()
            .flat_map(|join| piece.match_indices(join))
            .map(|(at, join)| if join.starts_with(' ') { at + 1 } else { at + join.len() })
            .filter(|at| *at >= SHORTEST && piece.len() - *at >= SHORTEST)
            .min_by_key(|at| at.abs_diff(middle))
    };
    nearest(&joins).or_else(|| nearest(&[" "]))
}

/// Where sentences end by their punctuation: byte offsets inside the text.
fn punctuation(text: &str, language: &str) -> Vec<usize> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut cuts = Vec::new();
    let mut index = 0;
    while let Some(&(at, c)) = chars.get(index) {
        index += 1;
        match c {
            '[' => {
                let close = chars.iter().skip(index).take(30).find(|(_, c)| *c == ']');
                cuts.extend(close.into_iter().flat_map(|(end, _)| [at, end + 1]));
            }
            '。' | '！' | '？' | '｡' | '।' | '؟' | '.' | '!' | '?' | '…' => {
                let run = chars[index..].iter().take_while(|(_, c)| TAIL.contains(*c)).count();
                index += run;
                let end = chars.get(index).map_or(text.len(), |(at, _)| *at);
                if ends(&text[..at], &text[at..end], &text[end..], language) {
                    cuts.push(end);
                }
            }
            _ => {}
        }
    }
    cuts.retain(|cut| *cut > 0 && *cut < text.len());
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

const TAIL: &str = ".!?…。！？｡\"'”’»)」』";

/// Whether these marks end a sentence, by what stands before and after them.
fn ends(before: &str, marks: &str, after: &str, language: &str) -> bool {
    if marks.contains(['。', '！', '？', '｡', '।', '؟']) || after.is_empty() {
        return true;
    }
    if !after.starts_with(char::is_whitespace) {
        return false;
    }
    let next = after.trim_start().split(char::is_whitespace).next().unwrap_or_default();
    let lower = next.starts_with(char::is_lowercase);
    if marks.contains(['!', '?']) {
        return !lower;
    }
    if marks.contains('…') || marks.contains("..") {
        return !(lower || next == "I" || next.starts_with("I'"));
    }
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if HARD.contains(&word.as_str()) {
        return false;
    }
    if SOFT.contains(&word.as_str()) {
        return !lower && !next.starts_with(|c: char| c.is_ascii_digit());
    }
    let initial = before.ends_with(char::is_uppercase)
        && word.chars().count() == 1
        && !matches!(word.as_str(), "i" | "y" | "a");
    let ordinal = language == "de"
        && word.parse::<u8>().is_ok_and(|day| day <= 31)
        && Language::of("de").is_some_and(|german| {
            german.months.contains(&next.trim_end_matches(|c: char| !c.is_alphabetic()))
        });
    !(initial || ordinal)
}

/// Abbreviations that stand before something.
const HARD: &[&str] = &[
    "dr", "mr", "mrs", "ms", "prof", "st", "vs", "e.g", "i.e", "approx", "z.b", "bzw", "hr", "fr",
    "sr", "sra", "mme", "ca", "nr", "d.h", "u.a", "dott", "sig", "jr", "fig", "ext",
];

/// Abbreviations that may stand at the end.
const SOFT: &[&str] = &["a.m", "p.m", "etc", "usw", "inc", "ltd", "co", "u.s", "u.k", "no"];
