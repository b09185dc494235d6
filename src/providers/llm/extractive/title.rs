//! Writes the title of a note, which says the day and what it was about, and the headings.

use std::ops::Range;

use chrono::{DateTime, Datelike, FixedOffset};

use crate::domain::note::Todo;

use super::languages::Language;
use super::lexicon;
use super::moments::Moment;
use super::names::Names;
use super::phrases::{Phrase, Phrases};
use super::reading::{Line, Reading, Word, set};

/// The longest title, in characters.
const WIDEST: usize = 80;
const WIDEST_HEADING: usize = 48;
/// A clause of up to so many words is a heading as good as a noun.
const SHORT_HEADING: usize = 7;
/// A longer one still tells more than nouns that stand alone.
const LONG_HEADING: usize = 8;
/// Up to this many words a memo is its own title.
const ONE_BREATH: usize = 14;
/// A title names up to so many topics.
const TOPICS: usize = 3;

/// The day as its speaker would write it: by the offset of the recording.
pub fn day(language: Option<&Language>, spoken: DateTime<FixedOffset>) -> String {
    let Some(language) = language else { return spoken.format("%Y-%m-%d").to_string() };
    let weekday = language.days[spoken.weekday().num_days_from_monday() as usize];
    let month = language.months[spoken.month0() as usize];
    let mut day = format!(
        "{weekday}{} {}{}{month}{}{}",
        language.comma,
        spoken.day(),
        language.day_joint,
        language.month_joint,
        spoken.year()
    );
    if let Some(first) = day.chars().next() {
        let capital: String = first.to_uppercase().collect();
        day.replace_range(..first.len_utf8(), &capital);
    }
    day
}

/// Names a memo and its sections.
pub struct Namer<'a> {
    pub reading: &'a Reading,
    pub names: &'a Names,
    pub phrases: &'a Phrases,
    pub moments: &'a [Moment],
}

impl Namer<'_> {
    /// The day, and what the memo was about: its first clause, or the topics that return in it.
    pub fn title(
        &self,
        sections: &[Range<usize>],
        todos: &[Todo],
        spoken: DateTime<FixedOffset>,
    ) -> String {
        let day = day(self.reading.language, spoken);
        let room = WIDEST.saturating_sub(day.chars().count() + 2);
        let substance: Vec<usize> = self.reading.substance().collect();
        let Some(&first) = substance.first() else { return day };
        let brief: usize =
            substance.iter().map(|index| self.reading.lines[*index].words.len()).sum();
        let best = self.topics(sections);
        let english = self.reading.english;
        let elsewhere = best.first().is_some_and(|phrase| phrase.event && phrase.line > first)
            && self.moments[first].feeling == 0.0;
        let heads = match elsewhere || !english || sections.len() > 4 {
            true => 0,
            false if sections.len() > 2 || best.iter().any(Phrase::tells) => 1,
            false => 3,
        };
        let clause = || substance.iter().take(heads).find_map(|index| self.clause(*index, room));
        let topics = if brief <= ONE_BREATH || best.is_empty() {
            match todos {
                [todo] if brief <= ONE_BREATH => shortened(&todo.text, room),
                _ => self.opening(first, room),
            }
        } else {
            clause().unwrap_or_else(|| self.joined(&best, room))
        };
        let topics = if english { with_i(&topics) } else { topics };
        if topics.is_empty() { day } else { format!("{day}: {topics}") }
    }

    /// What the memo was about; where it has several sections, each speaks once.
    fn topics(&self, sections: &[Range<usize>]) -> Vec<Phrase> {
        let all = 0..self.reading.lines.len();
        let ranked = match sections.len() {
            0..=4 => self.phrases.notable(self.reading, all, 2 * TOPICS),
            _ => self.phrases.best(self.reading, all, 2 * TOPICS),
        };
        let section =
            |phrase: &Phrase| sections.iter().position(|range| range.contains(&phrase.line));
        let mut topics: Vec<Phrase> = Vec::new();
        for phrase in ranked {
            let told = topics.iter().any(|topic| section(topic) == section(&phrase));
            if topics.len() < TOPICS && !(told && sections.len() >= TOPICS) {
                topics.push(phrase);
            }
        }
        topics
    }

    /// A heading for some sentences: what returns in them, or the first clause that stands alone.
    pub fn heading(&self, lines: Range<usize>, title: &str) -> String {
        let best = self.phrases.notable(self.reading, lines.clone(), 2);
        let named = self.joined(&best, WIDEST_HEADING);
        let substance = || lines.clone().filter(|index| !self.reading.lines[*index].chatter);
        let first = substance().next().unwrap_or(lines.start);
        let opens = substance().take(3).find(|index| !self.moments[*index].announces);
        let clause = substance()
            .take(3)
            .filter(|index| self.phrases.stand_in(*index))
            .filter_map(|index| self.clause(index, WIDEST_HEADING))
            .find(|text| text.split(' ').count() <= LONG_HEADING);
        let brief = clause.clone().filter(|text| text.split(' ').count() <= SHORT_HEADING);
        let returns = best.iter().any(|phrase| {
            let has = |index: &usize| self.reading.lines[*index].terms.contains(&phrase.head);
            phrase.event || !phrase.name && lines.clone().filter(has).count() >= 2
        });
        let fresh = |text: &String| {
            !text.is_empty() && (lines.start > 0 || !title.ends_with(&format!(": {text}")))
        };
        let (phrases, idea) = (Some(named), self.idea(first, lines.end.min(first + 3)));
        let ranked = match returns {
            true => [phrases, brief, clause],
            false if !best.iter().any(Phrase::tells) => [brief, clause, phrases],
            false => [brief, phrases, clause],
        };
        let chosen = idea.into_iter().chain(ranked.into_iter().flatten()).find(fresh);
        let heading =
            chosen.unwrap_or_else(|| self.opening(opens.unwrap_or(first), WIDEST_HEADING));
        capitalised(&if self.reading.english { with_i(&heading) } else { heading })
    }

    /// "Idea: my grandfather's stories", where the speaker says that it is one.
    fn idea(&self, first: usize, end: usize) -> Option<String> {
        let phrase = self.phrases.first(first..end)?;
        let shown = self.lowered(phrase);
        let said = shown.split(' ').any(|word| word == "idea");
        let told = if said { shown } else { format!("Idea: {shown}") };
        self.moments[first].idea.then_some(told)
    }

    /// As many phrases as there is room for, the best first, then in spoken order.
    fn joined(&self, phrases: &[Phrase], room: usize) -> String {
        let mut taken: Vec<(&Phrase, String)> = Vec::new();
        let mut size = 0;
        for phrase in phrases {
            let shown = self.lowered(phrase);
            let more = shown.chars().count() + if taken.is_empty() { 0 } else { 2 };
            if size + more <= room {
                size += more;
                taken.push((phrase, shown));
            }
        }
        taken.sort_by_key(|(phrase, _)| (phrase.line, phrase.at));
        let shown: Vec<String> = taken.into_iter().map(|(_, shown)| shown).collect();
        shown.join(", ")
    }

    /// A phrase without the capital that only its place in the sentence gave it.
    fn lowered(&self, phrase: &Phrase) -> String {
        let nouns = self.reading.language.is_some_and(|language| language.noun_capitals);
        let first = phrase.text.split(' ').next().unwrap_or_default();
        let opens = self.reading.lines[phrase.line].text().starts_with(phrase.text.as_str());
        if nouns || !opens || self.names.has(first) {
            return phrase.text.clone();
        }
        lowercased(&phrase.text)
    }

    /// The first clause of a sentence, if it is short and stands alone.
    fn clause(&self, index: usize, room: usize) -> Option<String> {
        let line = &self.reading.lines[index];
        if self.moments[index].announces {
            return None;
        }
        let mut start = fillers(line);
        while LEADS.contains(&line.lower(start))
            || (COUNTS.contains(&line.lower(start))
                && line.words.get(start + 1).is_some_and(|next| next.broken))
        {
            start += 1;
        }
        let joins = ["and", "but", "because", "so", "which", "while", "although", "or"];
        let end = (start + 3..line.words.len())
            .find(|at| {
                let next = line.lower(at + 1);
                let turns = next.starts_with("i'") || CLAUSE.contains(&next);
                line.words[*at].broken || (joins.contains(&line.lower(*at)) && turns)
            })
            .unwrap_or(line.words.len());
        let words = line.words.get(start..end)?;
        let terms = words.iter().filter(|word| word.term.is_some()).count();
        let name = |word: &Word| word.capital && self.names.has(&line.text()[word.from..word.to]);
        let told = terms >= 2 || words.iter().any(name);
        let broken = words.iter().skip(1).any(|word| word.broken);
        let begun = TIMES.iter().any(|time| line.at(start, time));
        if !told || broken || end - start < 4 || line.leans(start) || line.asks() || begun {
            return None;
        }
        let text = self.unopened(line, start, line.span(start, end));
        (text.chars().count() <= room).then_some(text)
    }

    /// The first words of a sentence, cut where a reader would pause.
    fn opening(&self, index: usize, room: usize) -> String {
        let line = &self.reading.lines[index];
        let skip = fillers(line);
        let from = line.words.get(skip).map_or(0, |word| word.from);
        let text = line.text()[from..].trim_end_matches(['.', '。', ',', ' ', '…']);
        shortened(&self.unopened(line, skip, text), room)
    }

    /// Text without the capital that only the head of a sentence gave it.
    fn unopened(&self, line: &Line, start: usize, text: &str) -> String {
        let nouns = self.reading.language.is_none_or(|language| language.noun_capitals);
        let first = line.words.get(start).map_or("", |word| &line.text()[word.from..word.to]);
        let titled = set(lexicon::TITLES).contains(line.lower(start));
        let proper = titled || self.names.has(first) || line.lower(start).starts_with("i'");
        let acronym = first.chars().all(|c| !c.is_lowercase());
        if start > 0 && !line.words[start].capital || nouns || proper || (acronym && first != "A") {
            return text.to_owned();
        }
        lowercased(text)
    }
}

const LEADS: &[&str] =
    &["and", "but", "then", "also", "finally", "anyway", "dann", "luego", "puis", "ensuite", "poi"];
const COUNTS: &[&str] = &["first", "second", "third", "next"];

/// Words that begin another clause after "and".
const CLAUSE: &[&str] = &[
    "i", "we", "it", "he", "she", "they", "that", "this", "then", "it's", "he's", "she's", "we're",
    "they're", "there", "now", "the",
];

/// Heads of a sentence that say when, not what.
const TIMES: &[&str] = &[
    "the morning",
    "this morning",
    "in the",
    "day",
    "today was",
    "after lunch",
    "on monday",
    "next steps",
    "present were",
    "after that",
    "mostly",
];

/// Writes the lone "i" of an uncased transcript as it should be.
fn with_i(text: &str) -> String {
    let words = text.split(' ').map(|word| match word {
        "i" => "I".to_owned(),
        word if word.starts_with("i'") || word.starts_with("i’") => word.replacen('i', "I", 1),
        word => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn lowercased(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

/// Words that only clear the throat, in any of the languages.
const LIGHT: &[&str] = &[
    "um", "uh", "er", "erm", "hmm", "so", "okay", "ok", "well", "yeah", "oh", "alright", "ähm",
    "äh", "bueno", "pues", "eh", "bon", "alors", "euh", "ben", "allora", "beh", "dunque", "vale",
];

/// How many words of filler a sentence opens with.
pub fn fillers(line: &Line) -> usize {
    let fillers = set(lexicon::FILLERS);
    let count = line.words.iter().take_while(|word| LIGHT.contains(&word.lower.as_str())).count();
    let rest = &line.words[count.min(line.words.len())..];
    if rest.iter().all(|word| fillers.contains(word.lower.as_str())) { 0 } else { count }
}

fn shortened(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let limit = text.char_indices().nth(room.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    let head = &text[..limit];
    let cut = head.rfind(char::is_whitespace).filter(|at| *at > limit / 2).unwrap_or(limit);
    let mut cut = head[..cut].trim_end_matches(|c: char| !c.is_alphanumeric());
    while let Some((before, last)) = cut.rsplit_once(' ') {
        if last.chars().count() > 3 || before.chars().count() < 8 {
            break;
        }
        cut = before.trim_end_matches(|c: char| !c.is_alphanumeric());
    }
    format!("{cut}…")
}
