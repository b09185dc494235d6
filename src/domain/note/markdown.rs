//! Renders a note as Markdown with the front matter that Obsidian reads as properties.

use std::fmt::Write;

use super::{Composer, Note, Section, Sentence, Support, Todo, Tried, TriedOutcome};

/// The tag by which a vault finds all such notes.
const KIND: &str = "voice-memo";
/// A silence of this length between two sentences begins a new paragraph in a long section.
const BREATH_MS: u64 = 1_500;
/// A paragraph of this many sentences is ended at the next breath; none has more than twice as many.
const PARAGRAPH: usize = 5;

pub fn render(note: &Note) -> String {
    let mut page = front_matter(note);
    push(&mut page, &format!("# {}", inline(&note.title)));
    if !repeats(note) {
        let lines = note.summary.lines().map(|line| block(&capitalised(line.trim())));
        push(&mut page, &lines.collect::<Vec<_>>().join("\n"));
    }
    for section in &note.sections {
        push(&mut page, &format!("## {}", inline(&section.heading)));
        paragraphs(section).iter().for_each(|paragraph| push(&mut page, paragraph));
    }
    if !note.todos.is_empty() {
        push(&mut page, "## To do");
        push(&mut page, &lines(&note.todos, task));
    }
    if !note.open_questions.is_empty() {
        push(&mut page, "## Open questions");
        push(&mut page, &lines(&note.open_questions, |text| format!("- {}", item(text))));
    }
    for quote in &note.quotes {
        let said = block(&quote.text);
        push(&mut page, &format!("> {said} ({})", clock(quote.start_ms)));
    }
    page + &format!("*{}*\n", provenance(note))
}

fn push(page: &mut String, part: &str) {
    if !part.is_empty() {
        page.push_str(part);
        page.push_str("\n\n");
    }
}

fn lines<T>(items: &[T], line: impl Fn(&T) -> String) -> String {
    items.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn front_matter(note: &Note) -> String {
    let mut matter = String::from("---\n");
    let mut field = |name: &str, value: &str| {
        matter.push_str(name);
        matter.push_str(": ");
        matter.push_str(value);
        matter.push('\n');
    };
    field("title", &scalar(&note.title));
    field("date", &note.recorded_at.format("%Y-%m-%d").to_string());
    field("recorded_at", &note.recorded_at.to_rfc3339());
    let tags: Vec<String> = [KIND.to_owned()]
        .into_iter()
        .chain(note.tags.iter().filter_map(|text| tag(text)).filter(|tag| tag != KIND))
        .collect();
    for (name, values) in [("tags", &tags), ("people", &note.people), ("places", &note.places)] {
        if !values.is_empty() {
            let values: Vec<String> = values.iter().map(|value| scalar(value)).collect();
            field(name, &format!("[{}]", values.join(", ")));
        }
    }
    if let Some(mood) = &note.mood {
        field("mood", &scalar(mood));
    }
    field("composer", &scalar(&composer(&note.composer)));
    matter.push_str("---\n\n");
    matter
}

/// Whether the summary says no less than the sections: then the page shows it once.
fn repeats(note: &Note) -> bool {
    let told = note.sections.iter().flat_map(|section| &section.sentences);
    let words: Vec<&str> = told.flat_map(|sentence| sentence.text.split_whitespace()).collect();
    !words.is_empty() && words.concat() == note.summary.split_whitespace().collect::<String>()
}

fn paragraphs(section: &Section) -> Vec<String> {
    let mut paragraphs: Vec<Vec<&Sentence>> = Vec::new();
    let count = section.sentences.len();
    let most = count.div_ceil(count.div_ceil(2 * PARAGRAPH).max(1));
    for (index, sentence) in section.sentences.iter().enumerate() {
        let tail = count - index < PARAGRAPH / 2;
        match paragraphs.last_mut() {
            Some(open) if tail || !is_full(open, sentence, most) => open.push(sentence),
            _ => paragraphs.push(vec![sentence]),
        }
    }
    paragraphs.iter().map(|sentences| paragraph(sentences)).collect()
}

/// Sentences one after another; what has no full stop gets a line of its own, to be readable.
fn paragraph(sentences: &[&Sentence]) -> String {
    let mut text = String::new();
    for sentence in sentences {
        match text.chars().last() {
            None => text.push_str(&block(&sentence.text)),
            Some('。' | '！' | '？') => text.push_str(&inline(&sentence.text)),
            Some(last) if last.is_alphanumeric() || last == ',' => {
                text.push('\n');
                text.push_str(&block(&sentence.text));
            }
            Some(_) => {
                text.push(' ');
                text.push_str(&inline(&sentence.text));
            }
        }
    }
    text
}

fn is_full(open: &[&Sentence], next: &Sentence, most: usize) -> bool {
    let end = open.last().map_or(0, |last| last.end_ms);
    let breath = next.start_ms.saturating_sub(end) >= BREATH_MS;
    open.len() >= most || (open.len() >= PARAGRAPH && breath)
}

fn task(todo: &Todo) -> String {
    let text = item(&todo.text);
    match todo.due {
        Some(due) => format!("- [ ] {text} 📅 {}", due.format("%Y-%m-%d")),
        None => format!("- [ ] {text}"),
    }
}

fn item(text: &str) -> String {
    let text = capitalised(text.trim());
    block(text.trim_end_matches(['.', ',', ';', '。']))
}

fn composer(composer: &Composer) -> String {
    let Composer { provider, model, version, .. } = composer;
    match model {
        Some(model) => format!("{provider} {model} v{version}"),
        None => format!("{provider} v{version}"),
    }
}

fn provenance(note: &Note) -> String {
    let Composer { provider, model, template, version, tried } = &note.composer;
    let mut line = match model {
        Some(model) => format!(
            "Composed by {} ({}, template {} v{version}).",
            inline(model),
            inline(provider),
            inline(template)
        ),
        None if !tried.is_empty() => format!(
            "{}; composed from the speaker's own sentences ({} v{version}).",
            attempts(tried),
            inline(provider)
        ),
        None => format!(
            "Composed without a language model, from the speaker's own sentences ({} v{version}).",
            inline(provider)
        ),
    };
    if model.is_some() && !tried.is_empty() {
        let _infallible = write!(line, " Before, {}.", attempts(tried));
    }
    if note.coverage < 0.995 {
        let told = note.sections.iter().flat_map(|section| &section.sentences);
        let verb = if is_reworded(told) { "draws on" } else { "carries" };
        let _infallible =
            write!(line, " It {verb} {:.0} % of what was said.", note.coverage * 100.0);
    }
    line
}

fn is_reworded<'a>(mut sentences: impl Iterator<Item = &'a Sentence>) -> bool {
    sentences.any(|sentence| sentence.support == Support::Reworded)
}

fn attempts(tried: &[Tried]) -> String {
    let attempt = |tried: &Tried| {
        let (who, reason) = (inline(&tried.provider), inline(&tried.reason));
        match tried.outcome {
            TriedOutcome::NotAsked => format!("{who} was not asked ({reason})"),
            TriedOutcome::NoAnswer => format!("{who} was asked and did not answer ({reason})"),
            TriedOutcome::Unusable => {
                format!("{who} was asked and its answer could not be used ({reason})")
            }
        }
    };
    tried.iter().map(attempt).collect::<Vec<_>>().join(", ")
}

pub(in crate::domain) fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A tag that Obsidian takes: letters, digits, hyphens, and not digits alone.
fn tag(text: &str) -> Option<String> {
    let kept = |c: char| if c.is_alphanumeric() || c == '_' || c == '/' { c } else { '-' };
    let tag: String = text.trim().to_lowercase().chars().map(kept).collect();
    let tag = tag.trim_matches(['-', '/']);
    tag.chars().any(char::is_alphabetic).then(|| tag.to_owned())
}

/// A YAML scalar: plain where that is safe, else in double quotes.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(char::is_alphabetic)
        && text.ends_with(char::is_alphanumeric)
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '/' | '.'));
    let typed = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    if plain && !typed.contains(&text.to_lowercase().as_str()) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() || is_invisible(c) => {
                let _infallible = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Marks that end a line or turn its direction without being seen.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Text that begins a line: what would start a list, a rule or a heading is escaped as well.
fn block(text: &str) -> String {
    let text = inline(text);
    let digits = text.chars().take_while(char::is_ascii_digit).count();
    if digits > 0 && text[digits..].starts_with(['.', ')']) {
        return format!("{}\\{}", &text[..digits], &text[digits..]);
    }
    if text.starts_with(['-', '+', '>', '=', ':']) {
        return format!("\\{text}");
    }
    text
}

/// Text within a line: one line, and no mark of it is Markdown or HTML.
pub(in crate::domain) fn inline(text: &str) -> String {
    let mut line = String::with_capacity(text.len() + 8);
    let mut previous = ' ';
    let sums = text.matches('$').count() > 1;
    let mut chars = text.trim().chars().peekable();
    while let Some(c) = chars.next() {
        let c = if c.is_control() || is_invisible(c) { ' ' } else { c };
        let next = chars.peek().copied().unwrap_or(' ');
        let marks = match c {
            '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '#' | '~' | '|' | '^' => true,
            '$' => sums,
            '=' | '%' => next == c || previous == c,
            '&' => next.is_alphanumeric() || next == '#',
            _ => false,
        };
        if marks {
            line.push('\\');
        }
        if !(c == ' ' && previous == ' ' && !line.is_empty()) {
            line.push(c);
        }
        previous = c;
    }
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use chrono::{DateTime, NaiveDate};

    fn note(title: &str, summary: &str, todo: &str) -> Note {
        let recorded_at = DateTime::parse_from_rfc3339("2026-05-03T23:30:00+02:00").unwrap();
        let due = NaiveDate::from_ymd_opt(2026, 5, 8);
        let todo = Todo { text: todo.into(), due, segments: vec![0], start_ms: 0, end_ms: 1 };
        Note {
            title: title.into(),
            recorded_at,
            summary: summary.into(),
            sections: Vec::new(),
            mood: Some("no".into()),
            people: vec!["Anna".into(), "O'Neil: \"x\"".into()],
            places: Vec::new(),
            todos: vec![todo],
            tags: vec!["Big idea".into(), "2026".into()],
            quotes: vec![crate::domain::note::Quote {
                text: "I never cry.".into(),
                start_ms: 83_900,
                end_ms: 90_000,
            }],
            open_questions: Vec::new(),
            composer: Composer {
                provider: "extractive".into(),
                model: None,
                template: "diary".into(),
                version: 1,
                tried: Vec::new(),
            },
            coverage: 1.0,
        }
    }

    #[test]
    fn front_matter_carries_the_properties_of_the_note() {
        let page = render(&note("Sunday: lunch", "We ate.", "call Anna."));
        let head = "---\ntitle: \"Sunday: lunch\"\ndate: 2026-05-03\n\
                    recorded_at: 2026-05-03T23:30:00+02:00\ntags: [voice-memo, big-idea]\n\
                    people: [Anna, \"O'Neil: \\\"x\\\"\"]\nmood: \"no\"\ncomposer: extractive v1\n---\n";
        assert!(page.starts_with(head), "{page}");
        assert!(page.contains("\n- [ ] Call Anna 📅 2026-05-08\n"), "{page}");
        assert!(page.contains("\n> I never cry. (1:23)\n"), "{page}");
        assert!(page.ends_with("own sentences (extractive v1).*\n"), "{page}");
    }

    #[test]
    fn the_page_says_who_should_have_composed_it_and_did_not() {
        let mut note = note("t", "s", "x");
        let tried = |provider: &str, outcome, reason: &str| Tried {
            provider: provider.into(),
            outcome,
            reason: reason.into(),
        };
        note.composer.tried = vec![tried("openai", TriedOutcome::NoAnswer, "rate limited")];
        let page = render(&note);
        let line = "*openai was asked and did not answer (rate limited); composed from the speaker's own sentences \
                    (extractive v1).*";
        assert!(page.contains(line), "{page}");
        let unusable = tried("local", TriedOutcome::Unusable, "no note");
        note.composer.tried = vec![tried("mistral", TriedOutcome::NotAsked, "no key"), unusable];
        note.composer.provider = "openai".into();
        note.composer.model = Some("gpt-5.4-mini".into());
        let page = render(&note);
        assert!(
            page.contains("composer: \"openai gpt-5.4-mini v1\"")
                || page.contains("composer: openai gpt-5.4-mini v1\n"),
            "{page}"
        );
        let line = "Composed by gpt-5.4-mini (openai, template diary v1). Before, mistral was not asked (no key), \
                    local was asked and its answer could not be used (no note).";
        assert!(page.contains(line), "{page}");
    }

    #[test]
    fn spoken_text_is_never_markup() {
        let nasty = "# x <script>\n---\n[[a]] *b* `c` %% ==d== ![e](f) $1 $2\u{2028}| x";
        let page = render(&note(nasty, nasty, nasty));
        assert_eq!(page.matches("\n---\n").count(), 1, "{page}");
        let body = page.split("\n---\n").nth(1).unwrap();
        assert_eq!(body.lines().filter(|line| line.starts_with("# ")).count(), 1, "{page}");
        for mark in ["<script", "[[", " *b", " `c", "%%", "==", "![e]"] {
            assert!(!body.replace(&format!("\\{mark}"), "").contains(mark), "{mark} in {page}");
        }
    }

    #[test]
    fn a_long_section_ends_in_no_lonely_sentence() {
        for count in 1..40usize {
            let sentence = |index: usize| Sentence {
                text: "So it goes.".into(),
                segments: vec![0],
                start_ms: index as u64 * 3_000,
                end_ms: index as u64 * 3_000 + if index % 7 == 5 { 100 } else { 2_900 },
                support: crate::domain::note::Support::Verbatim,
            };
            let sentences = (0..count).map(sentence).collect();
            let section = Section { heading: "So".into(), sentences };
            let sizes: Vec<usize> =
                paragraphs(&section).iter().map(|text| text.matches("So").count()).collect();
            assert_eq!(sizes.iter().sum::<usize>(), count);
            assert!(sizes.iter().all(|size| *size > 1 || count == 1), "{count}: {sizes:?}");
            assert!(sizes.iter().all(|size| *size <= 2 * PARAGRAPH + 1), "{count}: {sizes:?}");
        }
    }

    #[test]
    fn natural_text_stays_natural() {
        assert_eq!(block("I paid $5, 100% & it's fine!"), "I paid $5, 100% & it's fine!");
        assert_eq!(block("2026. It began."), "2026\\. It began.");
        assert_eq!(block("- not a list"), "\\- not a list");
    }
}
