//! Finds the people and places that a memo names; it misses one rather than invent one.

use std::collections::{BTreeMap, HashSet};

use super::lexicon;
use super::reading::{Line, Reading, set};

#[derive(Default)]
pub struct Names {
    pub people: Vec<String>,
    pub places: Vec<String>,
}

impl Names {
    pub fn of(reading: &Reading) -> Self {
        if !reading.cased && reading.language.is_none_or(|language| !language.noun_capitals) {
            return Self::default();
        }
        let finder = Finder::new(reading);
        let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
        for (order, line) in reading.lines.iter().enumerate() {
            finder.collect(line, order, &mut seen);
        }
        let mut found: Vec<(String, Seen)> = seen.into_iter().collect();
        found.sort_by_key(|(_, seen)| seen.order);
        let mut names = Self::default();
        for (name, seen) in found {
            match seen.person.cmp(&seen.place) {
                std::cmp::Ordering::Greater => names.people.push(name),
                std::cmp::Ordering::Less => names.places.push(name),
                std::cmp::Ordering::Equal => {}
            }
        }
        names.people = without_short_forms(names.people);
        names
    }

    pub fn has(&self, word: &str) -> bool {
        let bare = bare(word);
        self.people.iter().chain(&self.places).any(|name| name.split(' ').any(|part| part == bare))
    }
}

/// What the sentences say for a name being a person or a place.
#[derive(Default)]
struct Seen {
    order: (usize, usize),
    person: u32,
    place: u32,
}

struct Finder {
    english: bool,
    not_a_name: HashSet<&'static str>,
    first_names: HashSet<&'static str>,
    places: HashSet<&'static str>,
    kin: HashSet<&'static str>,
    titles: HashSet<&'static str>,
    does: HashSet<&'static str>,
    person_before: HashSet<&'static str>,
    place_before: HashSet<&'static str>,
    to_person: HashSet<&'static str>,
    to_place: HashSet<&'static str>,
    /// Words that also stand in lower case, or that are plain words of the language.
    plain: HashSet<String>,
    /// Words that stand with a capital inside a sentence.
    inside: HashSet<String>,
}

impl Finder {
    fn new(reading: &Reading) -> Self {
        let mut plain: HashSet<String> = reading
            .lines
            .iter()
            .flat_map(|line| &line.words)
            .filter(|word| !word.capital)
            .map(|word| word.lower.clone())
            .collect();
        if let Some(language) = reading.language {
            plain.extend(set(language.stop).into_iter().map(str::to_owned));
        }
        if reading.english {
            let lists = [lexicon::DULL, lexicon::VAGUE, lexicon::DOABLE, lexicon::FILLERS];
            plain.extend(lists.into_iter().flat_map(set).map(str::to_owned));
        }
        let inside = reading
            .lines
            .iter()
            .flat_map(|line| line.words.iter().skip(1))
            .filter(|word| word.capital)
            .map(|word| bare(&word.lower).to_owned())
            .collect();
        let mut kin = set(lexicon::KIN);
        kin.extend(FOREIGN_KIN.iter());
        Self {
            english: reading.english,
            not_a_name: set(lexicon::NOT_A_NAME),
            first_names: set(lexicon::FIRST_NAMES),
            places: set(lexicon::PLACES),
            kin,
            titles: set(lexicon::TITLES),
            does: set(lexicon::PERSON_DOES),
            person_before: set(lexicon::PERSON_BEFORE),
            place_before: set(lexicon::PLACE_BEFORE),
            to_person: set(lexicon::TO_PERSON),
            to_place: set(lexicon::TO_PLACE),
            plain,
            inside,
        }
    }

    fn collect(&self, line: &Line, order: usize, seen: &mut BTreeMap<String, Seen>) {
        let mut index = 0;
        while index < line.words.len() {
            let Some(end) = self.run(line, index) else {
                index += 1;
                continue;
            };
            let (person, place) = self.judge(line, index, end);
            let title = index.checked_sub(1).filter(|before| self.is_title(line, *before));
            let name = line.span(title.unwrap_or(index), end);
            let name = bare(name).split_whitespace().collect::<Vec<_>>().join(" ");
            let entry =
                seen.entry(name).or_insert(Seen { order: (order, index), ..Seen::default() });
            entry.person += person;
            entry.place += place;
            index = end;
        }
    }

    /// The end of the run of name words that starts here, if one does.
    fn run(&self, line: &Line, start: usize) -> Option<usize> {
        if !self.may_be_name(line, start) {
            return None;
        }
        let mut end = start + 1;
        while end < line.words.len().min(start + 3)
            && !line.words[end].broken
            && !line.words[end - 1].lower.ends_with("'s")
            && line.words[end].capital
            && self.may_be_name(line, end)
        {
            end += 1;
        }
        Some(end)
    }

    fn may_be_name(&self, line: &Line, index: usize) -> bool {
        let word = &line.words[index];
        let lower = bare(&word.lower);
        let long = lower.chars().count() >= 2;
        let acronym = line.text()[word.from..word.to].chars().all(|c| !c.is_lowercase());
        if !word.capital || !long || acronym || self.not_a_name.contains(lower) {
            return false;
        }
        let listed = self.first_names.contains(lower) || self.places.contains(lower);
        let family = matches!(
            lower,
            "mum" | "mom" | "dad" | "mama" | "papa" | "grandma" | "grandpa" | "granny"
        );
        if listed || (family && self.english && index > 0) {
            return !(index == 0 && self.plain.contains(lower));
        }
        let known_plain = self.plain.contains(lower) || self.is_title(line, index);
        let before = index.checked_sub(1).map_or("", |index| line.lower(index));
        let introduced = self.is_kin(before) || self.titles.contains(before);
        if index == 0 && self.english && !known_plain && !self.kin.contains(lower) {
            return line.at(1, "and i") || (self.inside.contains(lower) && line.words.len() > 3);
        }
        (self.english || introduced) && index > 0 && !known_plain && !self.kin.contains(lower)
    }

    /// Points for a person and for a place, from the list and from the words around.
    fn judge(&self, line: &Line, start: usize, end: usize) -> (u32, u32) {
        let first = bare(&line.words[start].lower);
        let own = &line.words[end - 1].lower;
        let before = start.checked_sub(1).map_or("", |index| line.lower(index));
        let earlier = start.checked_sub(2).map_or("", |index| line.lower(index));
        let after = line.words.get(end).filter(|word| !word.broken).map_or("", |word| &word.lower);
        let (mut person, mut place) = (0, 0);
        person += 4 * u32::from(self.first_names.contains(first));
        let city = self.places.contains(first) || self.places.contains(bare(own));
        place += 5 * u32::from(city);
        person += 6 * u32::from(self.is_kin(before) || self.titles.contains(before));
        if !self.english {
            return (person, place);
        }
        if matches!(first, "mum" | "mom" | "dad" | "mama" | "papa")
            || first.starts_with("grand")
            || first == "granny"
        {
            return (3, 0);
        }
        if own.ends_with("'s") {
            person += 1;
        } else {
            place += 2 * u32::from(self.place_before.contains(before));
        }
        person += u32::from(self.person_before.contains(before));
        person += u32::from(start == 0 && line.at(end, "and i"));
        person += u32::from(before == "and" && self.first_names.contains(earlier));
        person += u32::from(SPEAKS.contains(&after) && self.does.contains(after));
        person += u32::from(matches!(before, "to") && self.to_person.contains(earlier));
        place += 2 * u32::from(matches!(before, "to" | "from") && self.to_place.contains(earlier));
        place += u32::from(matches!(first, "lake" | "mount" | "san" | "santa" | "saint" | "port"));
        place += 2 * u32::from(STREETS.contains(&bare(own)));
        (person, place)
    }

    fn is_kin(&self, word: &str) -> bool {
        self.kin.contains(word) && !matches!(word, "dog" | "cat" | "baby")
    }

    fn is_title(&self, line: &Line, index: usize) -> bool {
        self.titles.contains(line.lower(index)) && line.words[index].capital
    }
}

/// Verbs whose doer speaks, writes or feels: only people do.
const SPEAKS: &[&str] = &[
    "said",
    "says",
    "told",
    "asked",
    "called",
    "texted",
    "wrote",
    "emailed",
    "phoned",
    "laughed",
    "smiled",
    "thinks",
    "thought",
    "wants",
    "wanted",
    "cried",
    "explained",
    "suggested",
    "promised",
    "agreed",
    "came",
    "brought",
    "gave",
    "helped",
    "joined",
    "cooked",
    "knows",
    "knew",
    "feels",
    "felt",
    "offered",
    "mentioned",
    "asks",
    "tells",
];

const STREETS: &[&str] = &[
    "street",
    "road",
    "avenue",
    "park",
    "square",
    "bridge",
    "beach",
    "island",
    "airport",
    "station",
    "valley",
    "river",
    "lake",
    "hill",
    "hospital",
    "university",
    "museum",
];

const FOREIGN_KIN: &[&str] = &[
    "schwester",
    "bruder",
    "mutter",
    "vater",
    "frau",
    "mann",
    "tochter",
    "sohn",
    "freundin",
    "freund",
    "kollegin",
    "kollege",
    "tante",
    "onkel",
    "oma",
    "opa",
    "herr",
    "hermana",
    "hermano",
    "madre",
    "padre",
    "mujer",
    "marido",
    "hija",
    "hijo",
    "amiga",
    "amigo",
    "prima",
    "primo",
    "tía",
    "tío",
    "sœur",
    "frère",
    "mère",
    "père",
    "femme",
    "mari",
    "fille",
    "fils",
    "amie",
    "ami",
    "sorella",
    "fratello",
    "moglie",
    "marito",
    "figlia",
    "figlio",
    "amica",
    "amico",
];

fn bare(name: &str) -> &str {
    name.strip_suffix("'s").or_else(|| name.strip_suffix("’s")).unwrap_or(name)
}

/// "Anna" goes where "Anna Schmidt" is already named.
fn without_short_forms(names: Vec<String>) -> Vec<String> {
    let longer = |short: &String| {
        names.iter().any(|name| {
            name.len() > short.len() && name.split(' ').any(|part| part == short.as_str())
        })
    };
    names.iter().filter(|name| !longer(name)).cloned().collect()
}
