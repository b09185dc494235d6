//! The names of result files, from a template; a name never leaves its folder.

use crate::cli::failure::Failure;
use crate::domain::note::Note;
use chrono::{DateTime, FixedOffset};

const PLACEHOLDERS: &[&str] =
    &["date", "time", "year", "month", "day", "title", "stem", "language", "model"];
/// What is known of a note that was made some time ago.
const OF_NOTES: &[&str] = &["date", "time", "year", "month", "day", "title", "stem"];

/// What is known of a recording when its results are written.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    pub recorded_at: DateTime<FixedOffset>,
    pub title: &'a str,
    pub stem: &'a str,
    pub language: &'a str,
    pub model: &'a str,
}

/// A checked template such as `{date} {title}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(&'static str),
}

impl Template {
    /// An unknown placeholder would stand in every file's name, so it is refused.
    pub fn parse(template: &str) -> Result<Self, Failure> {
        Self::parse_with(template, PLACEHOLDERS)
    }

    /// The same for files that are made of notes alone.
    pub fn parse_for_notes(template: &str) -> Result<Self, Failure> {
        Self::parse_with(template, OF_NOTES)
    }

    fn parse_with(template: &str, placeholders: &[&'static str]) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            let error = anyhow::anyhow!("`{template}` is no template of a file name: {why}");
            Failure::usage(error).hint(format!("{} can be used", shown(placeholders)))
        };
        let (mut parts, mut rest) = (Vec::new(), template);
        while let Some((text, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                return Err(wrong("a `{` is not closed"));
            };
            let Some(known) = placeholders.iter().find(|known| **known == name) else {
                return Err(wrong(&format!("{{{name}}} is not known")));
            };
            parts.push(Part::Text(text.to_owned()));
            parts.push(Part::Placeholder(known));
            rest = after;
        }
        parts.push(Part::Text(rest.to_owned()));
        if rest.contains('}') {
            return Err(wrong("a `}` is not opened"));
        }
        if template.trim().is_empty() {
            return Err(wrong("it is empty"));
        }
        Ok(Self(parts))
    }

    /// A name that is meant as it stands.
    pub fn literal(name: &str) -> Self {
        Self(vec![Part::Text(name.to_owned())])
    }

    /// The name of a note's file; `stem` is that of its recording.
    pub fn fill_for_note(&self, note: &Note, stem: &str) -> String {
        let (recorded_at, title) = (note.recorded_at, &note.title);
        self.fill(&Facts { recorded_at, title, stem, language: "", model: "" })
    }

    /// Fills it in, without what file systems and Obsidian do not take. Only its own `/` makes a folder.
    pub fn fill(&self, facts: &Facts<'_>) -> String {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Placeholder(name) => filled.push_str(&value(name, facts).replace('/', " ")),
            }
        }
        let parts: Vec<String> =
            filled.split('/').map(safe).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { "note".to_owned() } else { parts.join("/") }
    }
}

fn value(name: &str, facts: &Facts<'_>) -> String {
    let moment = |format: &str| facts.recorded_at.format(format).to_string();
    match name {
        "date" => moment("%Y-%m-%d"),
        "time" => moment("%H-%M"),
        "year" => moment("%Y"),
        "month" => moment("%m"),
        "day" => moment("%d"),
        "title" => facts.title.to_owned(),
        "language" => facts.language.to_owned(),
        "model" => facts.model.to_owned(),
        _ => facts.stem.to_owned(),
    }
}

fn safe(part: &str) -> String {
    let forbidden = |c: char| c.is_control() || r#"\:*?"<>|#^[]"#.contains(c);
    let safe: String = part.chars().map(|c| if forbidden(c) { ' ' } else { c }).collect();
    let squeezed = safe.split_whitespace().collect::<Vec<_>>().join(" ");
    squeezed.trim_matches(['.', ' ']).to_owned()
}

/// The placeholders as a person reads them.
fn shown(placeholders: &[&str]) -> String {
    placeholders.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn a_file_name_never_leaves_its_folder() {
        let facts = Facts {
            recorded_at: DateTime::parse_from_rfc3339("2026-05-03T22:40:00+02:00").unwrap(),
            title: "../Sunday, 3 May 2026: lunch?",
            stem: "memo",
            language: "en",
            model: "base",
        };
        assert!(Template::parse_for_notes("{model}").is_err());
        let name = |template| Template::parse(template).unwrap().fill(&facts);
        assert_eq!(name("{date} {stem}"), "2026-05-03 memo");
        assert_eq!(name("{title}"), "Sunday, 3 May 2026 lunch");
        assert_eq!(name("../{stem}"), "memo");
        assert_eq!(name("/etc/{stem}"), "etc/memo");
        assert_eq!(name("{year}/{month}/{day} {time}"), "2026/05/03 22-40");
        assert_eq!(name("{model}-{language}"), "base-en");
        assert_eq!(name("..."), "note");
        assert_eq!(Template::literal("{x}").fill(&facts), "{x}");
    }

    #[test]
    fn an_unknown_placeholder_is_refused_with_those_that_are_known() {
        for template in ["{nonsense}", "{date", "date}", "", "{Date}"] {
            let refused = Template::parse(template).unwrap_err();
            assert!(refused.hint_text().unwrap().contains("{date} {time}"), "{template}");
        }
    }
}
