//! Makes a note of a draft: links what it says to what was said, and drops what nothing was said for.

use super::draft::{Chapter, Draft, Line, Task, Unfit};
use super::prompt::TEMPLATE;
use crate::domain::note::{Composer, Note, Quote, Section, Sentence, Support, Todo};
use crate::domain::transcript::{Segment, Transcript};
use chrono::{DateTime, FixedOffset, NaiveDate};
use std::collections::BTreeSet;

/// Who has answered.
pub struct By<'a> {
    pub provider: &'a str,
    pub model: &'a str,
}

pub fn weave(
    draft: Draft,
    transcript: &Transcript,
    recorded_at: DateTime<FixedOffset>,
    by: &By<'_>,
) -> Result<Note, Unfit> {
    let said = Said::of(transcript);
    let sections: Vec<Section> =
        draft.sections.iter().filter_map(|chapter| said.section(chapter)).collect();
    if sections.is_empty() {
        return Err(Unfit("no sentence of the sections names a segment of the memo".to_owned()));
    }
    let summary: Vec<String> =
        draft.summary.iter().filter_map(|line| said.sentence(line)).map(|line| line.text).collect();
    let spoken = |names: &[String]| -> Vec<String> {
        let names = names.iter().map(|name| name.trim()).filter(|name| said.has_word(name));
        names.map(str::to_owned).collect()
    };
    let (template, version) = TEMPLATE;
    Ok(Note {
        title: draft.title.trim().to_owned(),
        recorded_at,
        summary: summary.join(" "),
        mood: Some(draft.mood.trim().to_owned()).filter(|mood| !mood.is_empty()),
        people: spoken(&draft.people),
        places: spoken(&draft.places),
        todos: draft.todos.iter().filter_map(|task| said.todo(task)).collect(),
        tags: draft.tags.iter().filter_map(|tag| one_word(tag)).collect(),
        quotes: draft.quotes.iter().filter_map(|line| said.quote(line)).collect(),
        open_questions: texts(&draft.open_questions),
        composer: Composer {
            provider: by.provider.to_owned(),
            model: Some(by.model.to_owned()),
            template: template.to_owned(),
            version,
            tried: Vec::new(),
        },
        coverage: said.coverage(&sections),
        sections,
    })
}

fn texts(texts: &[String]) -> Vec<String> {
    texts.iter().map(|t| t.trim()).filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

fn one_word(tag: &str) -> Option<String> {
    let tag = tag.trim().trim_start_matches('#').to_lowercase();
    let tag = tag.split_whitespace().collect::<Vec<_>>().join("-");
    (!tag.is_empty()).then_some(tag)
}

/// The transcript as evidence.
struct Said<'a> {
    segments: &'a [Segment],
    /// The words of all segments, each with its segment's place.
    words: Vec<(String, usize)>,
}

/// Some segments, and the time that they take.
struct Place {
    segments: Vec<u32>,
    start_ms: u64,
    end_ms: u64,
}

impl<'a> Said<'a> {
    fn of(transcript: &'a Transcript) -> Self {
        let segments = transcript.segments.as_slice();
        let of_segment = |(at, segment): (usize, &Segment)| {
            words(&segment.text).into_iter().map(move |word| (word, at)).collect::<Vec<_>>()
        };
        Self { segments, words: segments.iter().enumerate().flat_map(of_segment).collect() }
    }

    /// The segments that exist among those that were named.
    fn place(&self, named: &[i64]) -> Option<Place> {
        let ids: BTreeSet<u32> = named.iter().filter_map(|id| u32::try_from(*id).ok()).collect();
        let found: Vec<&Segment> = self.segments.iter().filter(|s| ids.contains(&s.id)).collect();
        Some(Place {
            start_ms: found.iter().map(|segment| segment.start_ms).min()?,
            end_ms: found.iter().map(|segment| segment.end_ms).max()?,
            segments: found.iter().map(|segment| segment.id).collect(),
        })
    }

    fn section(&self, chapter: &Chapter) -> Option<Section> {
        let sentences: Vec<Sentence> =
            chapter.sentences.iter().filter_map(|line| self.sentence(line)).collect();
        let heading = chapter.heading.trim().to_owned();
        (!sentences.is_empty()).then_some(Section { heading, sentences })
    }

    fn sentence(&self, line: &Line) -> Option<Sentence> {
        let text = line.text.trim();
        let Place { segments, start_ms, end_ms } = self.place(&line.segments)?;
        let verbatim = self.find(text).is_some_and(|(from, to)| {
            (from..=to).all(|at| segments.contains(&self.segments[at].id))
        });
        let support = if verbatim { Support::Verbatim } else { Support::Reworded };
        let text = text.to_owned();
        (!text.is_empty()).then_some(Sentence { text, segments, start_ms, end_ms, support })
    }

    fn todo(&self, task: &Task) -> Option<Todo> {
        let Place { segments, start_ms, end_ms } = self.place(&task.segments)?;
        let text = task.text.trim().to_owned();
        let due = NaiveDate::parse_from_str(task.due.trim(), "%Y-%m-%d").ok();
        (!text.is_empty()).then_some(Todo { text, due, segments, start_ms, end_ms })
    }

    /// Stands word for word where its words are found, whatever segments it names.
    fn quote(&self, line: &Line) -> Option<Quote> {
        let (from, to) = self.find(&line.text)?;
        let (start_ms, end_ms) = (self.segments[from].start_ms, self.segments[to].end_ms);
        Some(Quote { text: line.text.trim().to_owned(), start_ms, end_ms })
    }

    fn has_word(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The first and the last segment of a run of words, letter by letter but for case and punctuation.
    fn find(&self, text: &str) -> Option<(usize, usize)> {
        let wanted = words(text);
        if wanted.is_empty() {
            return None;
        }
        let same = |run: &&[(String, usize)]| run.iter().map(|(word, _)| word).eq(&wanted);
        let run = self.words.windows(wanted.len()).find(same)?;
        Some((run.first()?.1, run.last()?.1))
    }

    /// The share of the words that stand in segments which a sentence names.
    fn coverage(&self, sections: &[Section]) -> f64 {
        let sentences = sections.iter().flat_map(|section| &section.sentences);
        let named: BTreeSet<u32> =
            sentences.flat_map(|sentence| &sentence.segments).copied().collect();
        let carried = |(_, at): &&(String, usize)| named.contains(&self.segments[*at].id);
        match self.words.len() {
            0 => 1.0,
            all => self.words.iter().filter(carried).count() as f64 / all as f64,
        }
    }
}

/// Lower case, without marks. A script without spaces is compared letter by letter.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut open = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        let alone =
            matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{e00}'..='\u{e7f}' | '\u{f900}'..='\u{faff}');
        if alone || !(c.is_alphanumeric() || c == '\'' || c == '’') {
            words.extend(Some(std::mem::take(&mut open)).filter(|word| !word.is_empty()));
        }
        if alone {
            words.push(c.to_string());
        } else if c.is_alphanumeric() {
            open.push(c);
        }
    }
    words.extend(Some(open).filter(|word| !word.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::providers::llm::samples;
    use serde_json::json;

    const BY: By<'_> = By { provider: "openai", model: "m" };

    fn woven(draft: serde_json::Value) -> Result<Note, Unfit> {
        let transcript = samples::transcript(&[
            "I met Anna in Oslo.",
            "I have to call the bank",
            "tomorrow, don't forget.",
            "Rain.",
        ]);
        let draft = Draft::parse(&draft.to_string())?;
        weave(draft, &transcript, samples::recorded_at(), &BY)
    }

    #[test]
    fn what_nothing_was_said_for_is_dropped() {
        let mut draft = samples::draft();
        draft["people"] = json!(["Anna", "Bert", " "]);
        draft["places"] = json!(["oslo", "Paris"]);
        draft["quotes"] = json!([
            { "text": "Call the bank tomorrow — don't forget!", "segments": [0] },
            { "text": "I love the bank.", "segments": [1] },
        ]);
        draft["todos"] = json!([
            { "text": "Call the bank", "due": "2026-05-04", "segments": [1, 2] },
            { "text": "Buy a car", "due": "soon", "segments": [17] },
        ]);
        let note = woven(draft).unwrap();
        assert_eq!((note.people, note.places), (vec!["Anna".to_owned()], vec!["oslo".to_owned()]));
        assert_eq!(note.quotes.len(), 1);
        assert_eq!((note.quotes[0].start_ms, note.quotes[0].end_ms), (1_000, 3_000));
        assert_eq!(note.todos.len(), 1);
        assert_eq!(note.todos[0].due, NaiveDate::from_ymd_opt(2026, 5, 4));
        assert_eq!((note.todos[0].start_ms, note.todos[0].end_ms), (1_000, 3_000));
    }

    #[test]
    fn sentences_are_linked_timed_and_say_whose_words_they_are() {
        let mut draft = samples::draft();
        draft["sections"] = json!([{ "heading": "Anna", "sentences": [
            { "text": "I met Anna in Oslo.", "segments": [0, 99, -1] },
            { "text": "The bank wants a call.", "segments": [2, 1] },
            { "text": "I bought a car.", "segments": [] },
        ] }]);
        let note = woven(draft).unwrap();
        let told = &note.sections[0].sentences;
        assert_eq!(told.len(), 2);
        assert_eq!(
            (told[0].segments.as_slice(), told[0].support),
            ([0].as_slice(), Support::Verbatim)
        );
        assert_eq!(
            (told[1].segments.as_slice(), told[1].support),
            ([1, 2].as_slice(), Support::Reworded)
        );
        assert_eq!((told[1].start_ms, told[1].end_ms), (1_000, 3_000));
        assert!((note.coverage - 14.0 / 15.0).abs() < 1e-9, "{}", note.coverage);
    }

    #[test]
    fn a_draft_without_a_single_link_is_unfit() {
        let mut draft = samples::draft();
        draft["sections"] =
            json!([{ "heading": "x", "sentences": [{ "text": "y", "segments": [40] }] }]);
        assert!(woven(draft).unwrap_err().to_string().contains("names a segment"));
        for (field, value) in [("title", json!(" ")), ("mood", json!(7)), ("extra", json!(1))] {
            let mut draft = samples::draft();
            draft[field] = value;
            assert!(woven(draft).is_err(), "{field}");
        }
    }
}
