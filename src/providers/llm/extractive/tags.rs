//! Names the few themes of a memo as tags, each supported by the memo's own words.

use std::collections::BTreeMap;

use super::phrases::Phrases;
use super::reading::Reading;

/// In a memo of so few sentences one word is enough.
const SHORT: usize = 15;
/// No note has more tags than this.
const MOST: usize = 5;

pub fn tags(reading: &Reading, phrases: &Phrases) -> Vec<String> {
    if !reading.english {
        return returning(reading, phrases);
    }
    let mut hits: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let words = reading.lines.iter().flat_map(|line| &line.words);
    for (place, word) in words.enumerate() {
        let lower = word.lower.trim_end_matches("'s");
        let single = lower.strip_suffix('s').unwrap_or(lower);
        for (tag, themes) in THEMES {
            if themes.split(' ').any(|theme| theme == lower || theme == single) {
                hits.entry(tag).or_insert((0, place)).0 += 1;
            }
        }
    }
    let mut ranked: Vec<(&str, usize, usize)> =
        hits.into_iter().map(|(tag, (count, place))| (tag, count, place)).collect();
    ranked.sort_by_key(|(_, count, place)| (std::cmp::Reverse(*count), *place));
    let clear = ranked.iter().filter(|(tag, count, _)| *count >= 2 || SURE.contains(tag));
    let mut tags: Vec<String> = clear.map(|(tag, ..)| (*tag).to_owned()).take(MOST).collect();
    if tags.is_empty() && reading.lines.len() <= SHORT {
        tags.extend(ranked.first().map(|(tag, ..)| (*tag).to_owned()));
    }
    tags
}

/// Without a list of themes: the nouns that return.
fn returning(reading: &Reading, phrases: &Phrases) -> Vec<String> {
    let mut best = phrases.best(reading, 0..reading.lines.len(), MOST);
    best.sort_by_key(|phrase| (phrase.line, phrase.at));
    best.into_iter()
        .filter(|phrase| reading.spread[phrase.head] >= 2 && !phrase.name)
        .map(|phrase| phrase.text.to_lowercase().replace(' ', "-"))
        .filter(|tag| tag.len() <= 24)
        .take(3)
        .collect()
}

/// Themes that one word is enough for.
const SURE: &[&str] = &["dream", "idea", "gratitude", "shopping"];

const THEMES: &[(&str, &str)] = &[
    (
        "family",
        "mum mom dad mother father sister brother parents parent grandma grandpa grandmother \
grandfather aunt uncle cousin niece nephew family husband wife son daughter kids kid children",
    ),
    (
        "baby",
        "baby nappy diaper midwife nappies crib pram stroller newborn breastfeeding teething pregnant",
    ),
    (
        "work",
        "work office meeting project client customer deadline boss colleague team presentation sprint \
deploy release budget stakeholder interview contract manager standup roadmap invoice",
    ),
    (
        "health",
        "doctor hospital fever flu pain headache cough medicine pills antibiotics sick symptoms \
therapy therapist dentist physio ill nausea clinic throat surgery migraine knee ibuprofen paracetamol",
    ),
    ("sleep", "insomnia nap awake slept nightmare"),
    ("dream", "dreamt dreamed dream"),
    ("idea", "idea startup invention"),
    ("writing", "novel chapter protagonist plot story draft manuscript poem character"),
    (
        "travel",
        "flight airport hotel train trip hostel passport luggage museum tourist ferry hike beach \
holiday vacation airbnb suitcase harbour harbor",
    ),
    (
        "food",
        "dinner lunch breakfast recipe restaurant cooked cake soup bread pasta pizza salad cheese baked",
    ),
    ("shopping", "shopping groceries supermarket"),
    (
        "house",
        "roof kitchen plumber landlord rent flat apartment boiler heating leak renovation bathroom \
mortgage furniture builder ceiling",
    ),
    ("garden", "garden tomatoes seeds plants weeds soil compost seedlings flowers"),
    (
        "sport",
        "run gym football tennis swimming yoga marathon training match workout climbing cycling bike \
kilometres kilometers",
    ),
    ("friends", "friend party birthday drinks pub"),
    ("money", "money bank loan tax taxes salary rent invoice insurance savings budget"),
    (
        "school",
        "school teacher exam homework class lecture university thesis essay semester professor student",
    ),
    ("reading", "book author library reading"),
    ("music", "guitar piano song concert band choir album rehearsal"),
    ("pets", "dog cat vet puppy kitten"),
    ("grief", "funeral buried died death grave grief"),
    ("love", "date girlfriend boyfriend relationship wedding kissed"),
    ("nature", "forest lake mountain river sunset sunrise birds woods"),
    ("gratitude", "grateful thankful gratitude"),
];
