//! Finds the noun phrases that name a memo's topics: "the leaking roof", "lunch with Maria".

use std::collections::{BTreeMap, HashSet};

use super::lexicon;
use super::moments::{self, Moment};
use super::names::Names;
use super::reading::{Line, Reading, set};

/// A phrase as it was said, with the term that carries it.
#[derive(Debug, Clone)]
pub struct Phrase {
    pub text: String,
    pub head: usize,
    pub terms: Vec<usize>,
    pub line: usize,
    pub at: usize,
    /// How well the phrase is built, before it is known how often its head returns.
    pub form: f64,
    /// Nothing but a name.
    pub name: bool,
    /// A clause that tells an event.
    pub event: bool,
    /// It stands for a moment of the memo, and says enough to stand alone.
    pub notable: bool,
}

impl Phrase {
    /// Says enough without the sentence around it: more than a name, a bare noun or "his face".
    pub fn tells(&self) -> bool {
        let leans = ["his ", "her ", "their "].iter().any(|whose| self.text.starts_with(whose));
        !self.name && !leans && self.text.contains(' ')
    }
}

pub struct Phrases {
    all: Vec<Phrase>,
}

/// A phrase is shown up to this length.
const WIDE: usize = 34;

impl Phrases {
    pub fn of(reading: &Reading, names: &Names, moments: &[Moment]) -> Self {
        let Some(language) = reading.language else { return Self { all: Vec::new() } };
        let finder = Finder {
            reading,
            names,
            openers: set(language.openers),
            kept: set(lexicon::KEPT),
            joins: set(lexicon::JOINS),
            titles: set(lexicon::TITLES),
            dull: if reading.english { set(lexicon::DULL) } else { HashSet::new() },
            vague: if reading.english { set(lexicon::VAGUE) } else { HashSet::new() },
            life: if reading.english { set(lexicon::LIFE) } else { HashSet::new() },
            told: set(lexicon::TOLD),
            nouns_ing: set(lexicon::NOUNS_ING),
        };
        let lines = reading.lines.iter().enumerate().filter(|(_, line)| !line.chatter);
        let all = lines.flat_map(|(index, line)| {
            let event = (moments[index].event > 0.0).then(|| event(line, index)).flatten();
            let mut phrases = finder.phrases(line, index);
            for phrase in &mut phrases {
                let weight = moments[index].news();
                phrase.form += 0.6 * weight.min(1.2);
                phrase.notable &= weight >= 0.8;
            }
            event.into_iter().chain(phrases)
        });
        Self { all: all.collect() }
    }

    /// Whether any phrase stands in a sentence.
    pub fn stand_in(&self, line: usize) -> bool {
        self.all.binary_search_by_key(&line, |phrase| phrase.line).is_ok()
    }

    /// The best phrases of some sentences, no two about the same, the best first.
    pub fn best(
        &self,
        reading: &Reading,
        lines: std::ops::Range<usize>,
        most: usize,
    ) -> Vec<Phrase> {
        let first = self.all.partition_point(|phrase| phrase.line < lines.start);
        let last = self.all.partition_point(|phrase| phrase.line < lines.end);
        let all = &self.all[first..last];
        let mut here: BTreeMap<usize, f64> = BTreeMap::new();
        for line in &reading.lines[lines.clone()] {
            for term in line.terms.iter().collect::<HashSet<_>>() {
                *here.entry(*term).or_default() += 1.0;
            }
        }
        let size = lines.len().max(1) as f64;
        let score = |phrase: &Phrase| {
            let count = |term: &usize| here.get(term).copied().unwrap_or(0.0);
            let tail: f64 = phrase.terms.iter().map(|term| count(term).ln_1p()).sum();
            let own = count(&phrase.head) / f64::from(reading.spread[phrase.head]).max(1.0);
            let early = 1.0 - (phrase.line - lines.start) as f64 / size;
            1.6 * count(&phrase.head).ln_1p() + 0.4 * tail + 0.6 * own + phrase.form + 0.5 * early
        };
        let mut ranked: Vec<(f64, &Phrase)> =
            all.iter().map(|phrase| (score(phrase), phrase)).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.line.cmp(&b.1.line)));
        let mut best: Vec<Phrase> = Vec::new();
        for (_, phrase) in ranked {
            let fresh =
                |other: &Phrase| phrase.terms.iter().all(|term| !other.terms.contains(term));
            if best.len() < most && best.iter().all(fresh) {
                best.push(phrase.clone());
            }
        }
        best
    }

    /// The same, where a moment of the memo needs nothing beside it.
    pub fn notable(
        &self,
        reading: &Reading,
        lines: std::ops::Range<usize>,
        most: usize,
    ) -> Vec<Phrase> {
        let mut best = self.best(reading, lines, most);
        if best.first().is_some_and(|phrase| phrase.notable) {
            best.retain(|phrase| phrase.notable);
        }
        best
    }

    /// The first thing that some sentences name.
    pub fn first(&self, lines: std::ops::Range<usize>) -> Option<&Phrase> {
        let things = self.all.iter().filter(|phrase| lines.contains(&phrase.line));
        things.filter(|phrase| !phrase.event && !phrase.name).min_by_key(|it| (it.line, it.at))
    }
}

struct Finder<'a> {
    reading: &'a Reading,
    names: &'a Names,
    openers: HashSet<&'static str>,
    kept: HashSet<&'static str>,
    joins: HashSet<&'static str>,
    titles: HashSet<&'static str>,
    dull: HashSet<&'static str>,
    vague: HashSet<&'static str>,
    life: HashSet<&'static str>,
    told: HashSet<&'static str>,
    nouns_ing: HashSet<&'static str>,
}

/// The clause that tells an event, as a phrase.
fn event(line: &Line, number: usize) -> Option<Phrase> {
    let told = moments::told(line)?;
    let text = line.span(told.from, told.to);
    let terms: Vec<usize> =
        line.words[told.from..told.to].iter().filter_map(|word| word.term).collect();
    (text.chars().count() <= WIDE).then_some(Phrase {
        text: text.to_owned(),
        head: *terms.last()?,
        terms,
        line: number,
        at: told.from,
        form: 2.6,
        name: false,
        event: true,
        notable: true,
    })
}

impl Finder<'_> {
    fn phrases(&self, line: &Line, number: usize) -> Vec<Phrase> {
        let mut phrases = Vec::new();
        let mut index = 0;
        while index < line.words.len() {
            let end = self.chunk(line, index);
            if end == index {
                index += 1;
                continue;
            }
            if let Some(phrase) = self.phrase(line, number, index, end) {
                phrases.push(phrase);
            }
            index = end;
        }
        phrases
    }

    /// The end of the content words that start here, if a phrase may start here.
    fn chunk(&self, line: &Line, start: usize) -> usize {
        let word = &line.words[start];
        let before = start.checked_sub(1).map_or("", |index| line.lower(index));
        let opened = (self.openers.contains(before) && !word.broken) || self.is_name(line, start);
        let capital = self.capital_nouns() && word.capital && start > 0;
        if !(opened || capital) || !self.is_content(line, start) {
            return start;
        }
        let most = if self.head_first() { 1 } else { 3 };
        let mut end = start + 1;
        while end < line.words.len().min(start + most)
            && !line.words[end].broken
            && self.is_content(line, end)
            && (!self.capital_nouns() || line.words[end].capital)
            && (self.is_name(line, end) == self.is_name(line, end - 1) || self.owns(line, end - 1))
        {
            end += 1;
        }
        while end > start + 1 && self.is_weak_end(line, end - 1) {
            end -= 1;
        }
        end
    }

    fn capital_nouns(&self) -> bool {
        self.reading.language.is_some_and(|language| language.noun_capitals)
    }

    fn head_first(&self) -> bool {
        self.reading.language.is_some_and(|language| language.head_first)
    }

    fn is_name(&self, line: &Line, index: usize) -> bool {
        let word = &line.words[index];
        word.capital && self.names.has(&line.text()[word.from..word.to])
    }

    fn is_content(&self, line: &Line, index: usize) -> bool {
        let word = &line.words[index];
        let dull = self.dull.contains(word.lower.as_str())
            && !matches!(word.lower.as_str(), "new" | "old");
        word.term.is_some() && !dull && !word.lower.ends_with("n't")
    }

    /// "Emma's", before what is hers.
    fn owns(&self, line: &Line, index: usize) -> bool {
        self.reading.english && line.lower(index).ends_with("'s") && self.is_name(line, index)
    }

    /// A verb form that follows its subject: "the roof leaks".
    fn is_weak_end(&self, line: &Line, index: usize) -> bool {
        let word = &line.words[index];
        let lower = word.lower.as_str();
        let spread =
            |index: usize| line.words[index].term.map_or(0, |term| self.reading.spread[term]);
        let form = (lower.ends_with("ing") && !self.nouns_ing.contains(lower))
            || lower.ends_with("ed")
            || lower.ends_with("ly");
        let vague = self.vague.contains(lower);
        self.reading.english
            && (form
                || vague
                || (spread(index) == 1 && spread(index - 1) > 1 && lower.ends_with('s')))
    }

    fn phrase(&self, line: &Line, number: usize, start: usize, end: usize) -> Option<Phrase> {
        let head = if self.head_first() { start } else { end - 1 };
        let word = &line.words[head];
        let lower = word.lower.trim_end_matches("'s");
        let verbal = lower.ends_with("ly")
            || lower.ends_with("ed")
            || (lower.ends_with("ing") && !self.nouns_ing.contains(lower));
        let owned = word.lower.ends_with("'s") || line.text()[word.to..].starts_with(['\'', '’']);
        let noun = !self.capital_nouns() || word.capital;
        let told = self.told.contains(lower) && self.extend(line, end) > end;
        let vague = self.vague.contains(lower) || self.vague.contains(lower.trim_end_matches('s'));
        if (vague && !told) || (self.reading.english && verbal) || owned || !noun {
            return None;
        }
        let name = self.is_name(line, head);
        let to =
            if self.reading.english { self.extend(line, end) } else { self.extend_name(line, end) };
        let before = start.checked_sub(1).map_or("", |index| line.lower(index));
        let kept = self.kept.contains(before) && !name && before != "the"
            || name && self.titles.contains(before);
        let from = start - usize::from(kept);
        let (from, to) =
            if line.span(from, to).chars().count() <= WIDE { (from, to) } else { (from, end) };
        let text = line.span(from, to).trim_end_matches("'s").trim_end_matches("’s");
        if text.chars().count() > WIDE {
            return None;
        }
        let length = word.lower.chars().count().min(9) as f64 / 9.0;
        let form = 0.5 * length
            + 0.35 * f64::from(u8::from(to > end))
            + 0.3 * f64::from(u8::from(end - start > 1))
            - 0.5 * f64::from(u8::from(name))
            - 0.001 * start.min(30) as f64
            + 0.5 * f64::from(u8::from(self.life.contains(lower)))
            - 0.45 * f64::from(u8::from(self.is_setting(line, start)))
            - 0.15 * f64::from(u8::from(matches!(before, "his" | "her" | "their")));
        Some(Phrase {
            text: text.to_owned(),
            head: word.term?,
            terms: line.words[from..to].iter().filter_map(|word| word.term).collect(),
            line: number,
            at: start,
            form,
            name,
            event: false,
            notable: self.life.contains(lower) || (end - start > 1 && !name),
        })
    }

    /// A place where something else happened: "in the cupboard".
    fn is_setting(&self, line: &Line, start: usize) -> bool {
        let settings = [
            "in", "on", "at", "from", "into", "behind", "by", "under", "through", "near", "over",
            "above", "below", "beside", "across", "around", "outside", "inside",
        ];
        let before = |back: usize| start.checked_sub(back).map_or("", |index| line.lower(index));
        settings.contains(&before(1))
            || (self.openers.contains(before(1)) && settings.contains(&before(2)))
    }

    /// Takes "with Maria" or "for a novel" along.
    fn extend(&self, line: &Line, end: usize) -> usize {
        let joined = |index: usize| line.words.get(index).is_some_and(|word| !word.broken);
        if !joined(end) || !self.joins.contains(line.lower(end)) || !joined(end + 1) {
            return end;
        }
        let article =
            matches!(line.lower(end + 1), "a" | "an" | "the" | "my" | "our" | "his" | "her");
        let start = end + 1 + usize::from(article);
        if !joined(start) || !self.is_content(line, start) {
            return end;
        }
        let named = self.is_name(line, start);
        let told = end.checked_sub(1).is_some_and(|head| self.told.contains(line.lower(head)));
        let allowed = match line.lower(end) {
            "of" | "for" => true,
            "about" => told,
            _ => named,
        };
        if !allowed {
            return end;
        }
        let mut to = start + 1;
        while to < start + 2
            && joined(to)
            && self.is_content(line, to)
            && !self.is_weak_end(line, to)
        {
            to += 1;
        }
        let lower = line.lower(to - 1);
        let weak = self.vague.contains(lower)
            || lower.ends_with("ed")
            || lower.ends_with("'s")
            || (lower.ends_with("ing") && !self.nouns_ing.contains(lower));
        if weak { end } else { to }
    }

    /// Other languages take a name along: "Mittagessen mit Maria", "casa de Ana".
    fn extend_name(&self, line: &Line, end: usize) -> usize {
        let joins = ["mit", "von", "bei", "in", "con", "de", "en", "avec", "chez", "à", "di", "a"];
        let next = line.words.get(end + 1).is_some_and(|word| !word.broken && word.capital);
        let name = next && self.is_name(line, end + 1);
        if name && joins.contains(&line.lower(end)) { end + 2 } else { end }
    }
}
