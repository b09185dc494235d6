//! An answer as the schema asks for it, read strictly: known fields of the right kind, and no more of them than a note holds.

use serde::Deserialize;

const TEXT_CHARS: usize = 4_000;
const ITEMS: usize = 400;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    pub title: String,
    pub summary: Vec<Line>,
    pub sections: Vec<Chapter>,
    pub mood: String,
    pub people: Vec<String>,
    pub places: Vec<String>,
    pub todos: Vec<Task>,
    pub tags: Vec<String>,
    pub quotes: Vec<Line>,
    pub open_questions: Vec<String>,
}

/// Something said, and the segments that carry it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub text: String,
    pub segments: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    pub heading: String,
    pub sentences: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub text: String,
    pub due: String,
    pub segments: Vec<i64>,
}

/// What is wrong with an answer, in words that its model can act on.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(pub String);

impl Draft {
    /// Some models put their JSON between code fences; that alone is forgiven.
    pub fn parse(answer: &str) -> Result<Self, Unfit> {
        let text = answer.trim();
        let text = text.strip_prefix("```json").or(text.strip_prefix("```")).unwrap_or(text);
        let text = text.strip_suffix("```").unwrap_or(text);
        // serde names the place and the field, and quotes at most a value of the model's own answer.
        let draft: Self = serde_json::from_str(text).map_err(|error| Unfit(error.to_string()))?;
        draft.check().map(|()| draft)
    }

    fn check(&self) -> Result<(), Unfit> {
        let Self { sections, todos, tags, quotes, summary, people, places, .. } = self;
        let sentences: usize = sections.iter().map(|section| section.sentences.len()).sum();
        for (name, count) in [
            ("summary", summary.len()),
            ("sections", sections.len()),
            ("sections[].sentences", sentences),
            ("people", people.len()),
            ("places", places.len()),
            ("todos", todos.len()),
            ("tags", tags.len()),
            ("quotes", quotes.len()),
            ("open_questions", self.open_questions.len()),
        ] {
            if count > ITEMS {
                return Err(Unfit(format!("{name} has {count} items, more than {ITEMS}")));
            }
        }
        let lines = summary.iter().chain(quotes);
        let told = sections.iter().flat_map(|section| &section.sentences);
        let texts = lines.chain(told).map(|line| &line.text);
        let names = people.iter().chain(places).chain(tags).chain(&self.open_questions);
        let heads = sections.iter().map(|section| &section.heading);
        let all = texts.chain(names).chain(heads).chain(todos.iter().map(|todo| &todo.text));
        let longest = all.chain([&self.title, &self.mood]).map(|text| text.chars().count()).max();
        match longest {
            Some(chars) if chars > TEXT_CHARS => {
                Err(Unfit(format!("a text has {chars} characters, more than {TEXT_CHARS}")))
            }
            _ if self.title.trim().is_empty() => Err(Unfit("the title is empty".to_owned())),
            _ => Ok(()),
        }
    }
}
