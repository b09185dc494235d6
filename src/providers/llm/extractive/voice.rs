//! What the speaker says of themselves: the mood they name and the questions they are left with.

use super::lexicon;
use super::reading::{Line, Reading, set};

/// The mood that the speaker names, in their word: the present before the past, the last before the first.
pub fn mood(reading: &Reading) -> Option<String> {
    if !reading.english {
        return None;
    }
    let moods = set(lexicon::MOODS);
    let mut best: Option<(u32, String)> = None;
    for line in reading.lines.iter().filter(|line| !line.asks()) {
        for index in 0..line.words.len() {
            let Some((rank, from)) = opens_mood(line, index) else { continue };
            let mut at = from;
            while DEGREES.contains(&line.lower(at)) {
                at += 1;
            }
            let word = line.lower(at);
            let next = line.lower(at + 1);
            let alone = !(PROGRESS.contains(&word) && next == "to") && next != "before";
            let real = moods.contains(word) && alone && !is_denied(line, index);
            if real && best.as_ref().is_none_or(|(other, _)| rank >= *other) {
                best = Some((rank, word.to_owned()));
            }
        }
    }
    best.map(|(_, word)| word)
}

/// How sure an opening makes a mood, and where its word may stand.
fn opens_mood(line: &Line, index: usize) -> Option<(u32, usize)> {
    let openings: &[(&str, u32)] = &[
        ("i feel", 5),
        ("i'm feeling", 5),
        ("i am feeling", 5),
        ("feeling", 4),
        ("i'm", 4),
        ("i am", 4),
        ("i've been", 3),
        ("i felt", 3),
        ("i was", 2),
        ("i got", 1),
        ("made me", 3),
        ("makes me", 4),
        ("made me feel", 3),
        ("makes me feel", 4),
        ("leaves me", 3),
        ("left me", 3),
    ];
    openings
        .iter()
        .filter(|(cue, _)| line.at(index, cue))
        .max_by_key(|(cue, _)| cue.len())
        .map(|(cue, rank)| (*rank, index + cue.split(' ').count()))
}

fn is_denied(line: &Line, index: usize) -> bool {
    let near = index.saturating_sub(4);
    line.words[near..index].iter().any(|word| {
        matches!(
            word.lower.as_str(),
            "never"
                | "told"
                | "if"
                | "not"
                | "don't"
                | "didn't"
                | "when"
                | "wish"
                | "whenever"
                | "thought"
                | "says"
                | "maybe"
        )
    })
}

const DEGREES: &[&str] = &[
    "so",
    "really",
    "very",
    "a",
    "bit",
    "quite",
    "still",
    "just",
    "pretty",
    "kind",
    "of",
    "little",
    "rather",
    "too",
    "super",
    "incredibly",
    "extremely",
    "totally",
    "completely",
    "honestly",
    "actually",
    "also",
    "and",
    "all",
    "sort",
    "absolutely",
    "deeply",
    "both",
    "more",
    "now",
    "such",
    "quietly",
    "strangely",
    "oddly",
    "unbelievably",
    "terribly",
    "already",
    "feeling",
];

/// Words that name no mood before "to": "I'm going to", "I was supposed to".
const PROGRESS: &[&str] = &["lost", "better", "touched", "moved"];

/// Questions that the speaker asks themselves, as they were said.
pub fn open_questions(reading: &Reading) -> Vec<usize> {
    (0..reading.lines.len()).filter(|index| is_open(reading, &reading.lines[*index])).collect()
}

fn is_open(reading: &Reading, line: &Line) -> bool {
    let words = line.words.len();
    if !reading.english {
        return line.asks() && !line.chatter && (words >= 4 || line.text().chars().count() >= 12);
    }
    let lead =
        ["and", "so", "but", "um", "uh", "well", "oh", "okay", "yeah", "also", "like", "hmm"];
    let start = line.words.iter().take_while(|word| lead.contains(&word.lower.as_str())).count();
    let wonders = [
        "i wonder if",
        "i wonder whether",
        "i wonder why",
        "i wonder how",
        "i wonder what",
        "i'm wondering if",
        "i'm wondering whether",
        "i keep wondering",
        "i still don't know if",
        "i still don't know whether",
        "i don't know whether",
        "i'm not sure whether",
        "i'm not sure if",
        "i don't know if",
        "should i",
        "should we",
        "do i really",
    ];
    let wondering = wonders.iter().any(|cue| line.at(start, cue));
    let quoted = line.words.iter().any(|word| {
        ["asked", "said", "asks", "says", "goes", "you", "your"].contains(&word.lower.as_str())
    }) || line.text().contains(['"', '“', '”']);
    let last =
        line.words.iter().rev().take(2).rev().map(|word| word.lower.as_str()).collect::<Vec<_>>();
    let tag = matches!(last.as_slice(), [.., "right" | "okay" | "huh" | "yeah" | "no"])
        || matches!(
            last.as_slice(),
            [
                "isn't" | "wasn't" | "don't" | "didn't" | "doesn't",
                "it" | "i" | "they" | "he" | "she"
            ]
        );
    let asked = line.asks() && !quoted && !tag && !line.chatter;
    words >= start + 4 && (asked || (wondering && !quoted && !tag))
}
