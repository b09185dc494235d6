//! The turns of speech by which people say what they mean to do, and those that only look like it.

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// "I need to", "we should": a task unless the verb is none.
    Duty,
    /// "I'll", "I'm going to": a task if the verb is one.
    Intent,
    /// "I want to": a task if a day is named.
    Wish,
    /// "remind me to", "don't forget": always.
    Reminder,
    /// "I promised Anna": kept with its opening.
    Promise,
    /// "we need eggs and milk".
    Need,
    /// "Call the dentist."
    Order,
}

/// Cues in spoken words; `~` stands for any adverbs, `*` for one word.
pub const CUES: &[(&str, Kind)] = &[
    ("remind me to", Kind::Reminder),
    ("remind me that", Kind::Reminder),
    ("don't forget to", Kind::Reminder),
    ("don't forget", Kind::Reminder),
    ("don't let me forget to", Kind::Reminder),
    ("remember to", Kind::Reminder),
    ("mustn't forget to", Kind::Reminder),
    ("must not forget to", Kind::Reminder),
    ("can't forget to", Kind::Reminder),
    ("make sure to", Kind::Reminder),
    ("make sure i", Kind::Reminder),
    ("make sure we", Kind::Reminder),
    ("note to self", Kind::Reminder),
    ("i promised", Kind::Promise),
    ("we promised", Kind::Promise),
    ("i've promised", Kind::Promise),
    ("i told * i'd", Kind::Promise),
    ("i told * i would", Kind::Promise),
    ("i told * i'll", Kind::Promise),
    ("i said i'd", Kind::Promise),
    ("i said i would", Kind::Promise),
    ("i agreed to", Kind::Promise),
    ("i ~ need to", Kind::Duty),
    ("we ~ need to", Kind::Duty),
    ("i ~ have to", Kind::Duty),
    ("we ~ have to", Kind::Duty),
    ("i'll ~ have to", Kind::Duty),
    ("we'll ~ have to", Kind::Duty),
    ("i'll ~ need to", Kind::Duty),
    ("i've ~ got to", Kind::Duty),
    ("we've ~ got to", Kind::Duty),
    ("i ~ gotta", Kind::Duty),
    ("i ~ must", Kind::Duty),
    ("we ~ must", Kind::Duty),
    ("i ~ should ~", Kind::Duty),
    ("we ~ should ~", Kind::Duty),
    ("i'd better", Kind::Duty),
    ("we'd better", Kind::Duty),
    ("i ~ ought to", Kind::Duty),
    ("i'm ~ supposed to", Kind::Duty),
    ("i'll ~", Kind::Intent),
    ("we'll ~", Kind::Intent),
    ("i will ~", Kind::Intent),
    ("we will ~", Kind::Intent),
    ("i'm ~ going to", Kind::Intent),
    ("we're ~ going to", Kind::Intent),
    ("i am ~ going to", Kind::Intent),
    ("we are ~ going to", Kind::Intent),
    ("i'm ~ gonna", Kind::Intent),
    ("we're ~ gonna", Kind::Intent),
    ("let's ~", Kind::Intent),
    ("i ~ want to", Kind::Wish),
    ("i'd ~ like to", Kind::Wish),
    ("i ~ plan to", Kind::Wish),
    ("i'm ~ planning to", Kind::Wish),
    ("i ~ intend to", Kind::Wish),
    ("i'm hoping to", Kind::Wish),
    ("i ~ hope to", Kind::Wish),
    ("we ~ want to", Kind::Wish),
    ("we'd ~ like to", Kind::Wish),
    ("we ~ plan to", Kind::Wish),
    ("we're ~ planning to", Kind::Wish),
    ("i ~ need", Kind::Need),
    ("we ~ need", Kind::Need),
    ("we're ~ out of", Kind::Need),
    ("we ran out of", Kind::Need),
    ("we've run out of", Kind::Need),
];

/// The same duties with the subject left out, as people dictate them.
pub const BARE_CUES: &[&str] =
    &["need to", "have to", "must", "gotta", "got to", "should", "to do"];

pub const MODALS: &[&str] = &[
    "could", "can", "will", "should", "is", "has", "would", "might", "are", "have", "says", "said",
];

pub const ARTICLES: &[&str] = &[
    "the", "a", "an", "my", "our", "some", "his", "her", "their", "up", "back", "out", "for", "to",
    "about", "mum", "mom", "dad", "two", "three", "more", "new", "off", "down", "in", "with",
    "all",
];

pub const UNREAL: &[&str] = &[
    "if",
    "wish",
    "don't",
    "doesn't",
    "didn't",
    "won't",
    "wouldn't",
    "wondered",
    "unless",
    "why",
    "wonder",
    "whether",
    "whenever",
    "usually",
    "often",
    "sometimes",
    "never",
    "imagine",
    "as",
    "thought",
    "where",
    "how",
];

pub const RELATIVE: &[&str] =
    &["what", "thing", "things", "everything", "all", "anything", "stuff", "nothing", "which"];

pub const QUESTIONS: &[&str] =
    &["do", "did", "would", "could", "might", "may", "can", "used", "not", "never", "said", "when"];

pub const NEGATIONS: &[&str] = &["not", "never", "have", "no", "i", "we", "of"];

/// "I'll give it a try" and the like name nothing to do.
pub const IDIOMS: &[&str] = &["it", "that", "crazy"];

pub const ABSTRACT: &[&str] = &[
    "to", "break", "rest", "sleep", "help", "time", "space", "him", "her", "it", "that", "holiday",
    "holidays", "you", "energy", "patience", "hour", "hours", "each", "love", "money", "this",
];

pub const TRAILING: &[&str] = &[
    "and", "so", "but", "or", "then", "i", "i'm", "um", "uh", "well", "yeah", "okay", "also", "oh",
    "you", "know", "because", "anyway", "think", "guess", "maybe", "too", "probably", "we",
];
