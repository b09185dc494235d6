//! Composes a note from the speaker's own sentences, by rules and word counts alone.
//! It never invents, rewords or calls anything: no model, no network, no clock, and the same transcript gives the same note.
//! Start at [`compose`]; each part of the note has a file of its own.

mod cues;
mod dates;
mod languages;
mod lexicon;
mod moments;
mod names;
mod phrases;
mod reading;
mod salience;
mod sentences;
mod tags;
mod title;
mod todos;
mod topics;
mod turns;
mod voice;

#[cfg(test)]
mod tests;

use chrono::{DateTime, FixedOffset};

use crate::domain::note::{Composer, Note, Quote, Section, Sentence, Support};
use crate::domain::transcript::Transcript;

use self::names::Names;
use self::phrases::Phrases;
use self::reading::{Line, Reading, Word};
use self::salience::Salience;
use self::title::Namer;

/// Changes whenever the same transcript would give another note.
pub const TEMPLATE_VERSION: u32 = 1;

/// Composes a note without a language model.
pub fn compose(transcript: &Transcript, recorded_at: DateTime<FixedOffset>) -> Note {
    let said = sentences::sentences(transcript);
    let reading = Reading::of(&transcript.language, said);
    if reading.lines.is_empty() {
        return silence(&reading, recorded_at);
    }
    let names = Names::of(&reading);
    let moments = moments::moments(&reading);
    let phrases = Phrases::of(&reading, &names, &moments);
    let ranges = topics::sections(&reading, &moments);
    let todos = todos::todos(&reading, recorded_at);
    let salience = Salience::of(&reading, &names, &moments, &todos);
    let quotes = salience.quotes();
    let carrying = salience.summary(&ranges, &quotes);
    let summary: Vec<&str> =
        carrying.iter().map(|index| stripped(&reading.lines[*index])).collect();
    let namer = Namer { reading: &reading, names: &names, phrases: &phrases, moments: &moments };
    let title = namer.title(&ranges, &todos, recorded_at);
    let sections: Vec<Section> = ranges
        .into_iter()
        .map(|range| Section {
            heading: namer.heading(range.clone(), &title),
            sentences: reading.lines[range].iter().map(sentence).collect(),
        })
        .collect();
    let line = |index: usize| &reading.lines[index];
    Note {
        title,
        recorded_at,
        summary: joined(&summary),
        mood: voice::mood(&reading),
        todos,
        tags: tags::tags(&reading, &phrases),
        quotes: quotes.into_iter().map(|index| quote(line(index))).collect(),
        open_questions: voice::open_questions(&reading)
            .into_iter()
            .map(|index| stripped(line(index)).to_owned())
            .collect(),
        composer: composer(),
        coverage: coverage(transcript, &sections),
        sections,
        people: names.people,
        places: names.places,
    }
}

fn composer() -> Composer {
    Composer {
        provider: "extractive".to_owned(),
        model: None,
        template: "diary".to_owned(),
        version: TEMPLATE_VERSION,
        tried: Vec::new(),
    }
}

/// The note of a recording in which nothing was said: it says so.
fn silence(reading: &Reading, recorded_at: DateTime<FixedOffset>) -> Note {
    Note {
        title: format!("{}: nothing said", title::day(reading.language, recorded_at)),
        recorded_at,
        summary: "Nothing was said in this recording.".to_owned(),
        sections: Vec::new(),
        mood: None,
        people: Vec::new(),
        places: Vec::new(),
        todos: Vec::new(),
        tags: Vec::new(),
        quotes: Vec::new(),
        open_questions: Vec::new(),
        composer: composer(),
        coverage: 1.0,
    }
}

fn sentence(line: &Line) -> Sentence {
    Sentence {
        text: line.said.text.clone(),
        segments: line.said.segments.clone(),
        start_ms: line.said.start_ms,
        end_ms: line.said.end_ms,
        support: Support::Verbatim,
    }
}

fn quote(line: &Line) -> Quote {
    Quote { text: line.said.text.clone(), start_ms: line.said.start_ms, end_ms: line.said.end_ms }
}

fn is_um(word: &Word) -> bool {
    matches!(word.lower.as_str(), "um" | "uh" | "er" | "erm" | "hmm")
}

/// A sentence without the "um, so" before it, where what remains can begin one.
fn stripped(line: &Line) -> &str {
    let skip = title::fillers(line);
    match line.words.get(skip) {
        Some(word)
            if skip > 0
                && (word.capital
                    || !line.words[0].capital
                    || line.words[..skip].iter().all(is_um)) =>
        {
            &line.text()[word.from..]
        }
        _ => line.text(),
    }
}

/// Sentences one after another; where one has no full stop the next begins a line.
fn joined(sentences: &[&str]) -> String {
    let mut text = String::new();
    for sentence in sentences {
        match text.chars().last() {
            None | Some('。' | '！' | '？') => {}
            Some(last) if last.is_alphanumeric() || last == ',' => text.push('\n'),
            Some(_) => text.push(' '),
        }
        text.push_str(sentence);
    }
    text
}

/// The share of the transcript's words that the sections carry.
fn coverage(transcript: &Transcript, sections: &[Section]) -> f64 {
    let words = |text: &str| {
        text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
    };
    let carried: usize =
        sections.iter().flat_map(|section| &section.sentences).map(|s| words(&s.text)).sum();
    let said: usize = transcript
        .segments
        .iter()
        .filter(|segment| !sentences::is_noise(segment.text.trim()))
        .map(|segment| words(&segment.text))
        .sum();
    if said == 0 { 1.0 } else { (carried as f64 / said as f64).min(1.0) }
}
