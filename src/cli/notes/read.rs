//! Notes on the screen: a list, whole notes, and the sentences that were looked for.

use super::all;
use super::args::day;
use crate::cli::failure::Failure;
use crate::cli::job_id;
use crate::cli::output::duration;
use crate::client::{Client, ClientError, NoteItem, NoteMatch};
use crate::domain::note::{Note, markdown};
use serde::Serialize;
use std::fmt::Write;
use std::io::IsTerminal;

pub fn list(notes: &[NoteItem], json: bool) -> Result<String, Failure> {
    if json {
        return pretty(&notes);
    }
    if notes.is_empty() {
        return Ok("no notes; `diarist note memo.m4a` makes the first\n".to_owned());
    }
    let mut text = format!("{:<36}  {:<16}  {:>7}  TITLE\n", "ID", "RECORDED", "LENGTH");
    for note in notes {
        let length = note.duration_ms.map_or("-".to_owned(), duration);
        let at = note.recorded_at.format("%Y-%m-%d %H:%M");
        let tags: String = note.tags.iter().map(|tag| format!(" #{tag}")).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<36}  {at}  {length:>7}  {}{tags}", note.id, note.title);
    }
    Ok(text)
}

/// One note by its id, or all of a day in the order of the day.
pub async fn show(
    client: &Client,
    what: &str,
    json: bool,
) -> Result<Result<String, Failure>, ClientError> {
    if let Ok(day) = day(what) {
        let mut items = all(client, &[("day", day.to_string())], usize::MAX).await?;
        items.reverse();
        let mut notes = Vec::new();
        for item in &items {
            notes.push(client.note(item.id).await?);
        }
        if notes.is_empty() {
            return Ok(Err(Failure::work(anyhow::anyhow!("there is no note of {day}"))));
        }
        let text = || Ok(notes.iter().map(markdown::render).collect::<Vec<_>>().join("\n"));
        return Ok(if json { pretty(&notes) } else { text() });
    }
    let id = match job_id::find(client, what).await? {
        Ok(id) => id,
        Err(why) => {
            let failure = Failure::usage(anyhow::anyhow!("{why}"));
            return Ok(Err(
                failure.hint("`diarist notes list` and `notes search WORD` show the ids")
            ));
        }
    };
    let note: Note = client.note(id).await?;
    Ok(if json { pretty(&note) } else { Ok(markdown::render(&note)) })
}

/// Each note with the sentences that say what was looked for, and where they are in the recording.
pub fn found(notes: &[NoteItem], json: bool) -> Result<String, Failure> {
    if json {
        return pretty(&notes);
    }
    let colour = std::io::stdout().is_terminal();
    let mut text = String::new();
    for note in notes {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}  {}  ({})", note.day, note.title, note.id);
        for hit in note.matches.iter().filter(|hit| hit.source != "title") {
            let at = hit.start_ms.map_or(String::new(), duration);
            let _ = writeln!(text, "{at:>9}  {}", marked(hit, colour));
        }
    }
    Ok(text)
}

fn marked(hit: &NoteMatch, colour: bool) -> String {
    if !colour {
        return hit.text.clone();
    }
    let mut text = String::new();
    for (at, c) in hit.text.chars().enumerate() {
        if hit.marks.iter().any(|mark| mark.start == at) {
            text.push_str("\x1b[1;33m");
        }
        text.push(c);
        if hit.marks.iter().any(|mark| mark.end == at + 1) {
            text.push_str("\x1b[0m");
        }
    }
    text
}

pub fn pretty(value: &impl Serialize) -> Result<String, Failure> {
    Ok(serde_json::to_string_pretty(value).map_err(Failure::work)? + "\n")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn found_words_shine_on_a_terminal_and_are_plain_in_a_pipe() {
        let hit: NoteMatch = serde_json::from_value(serde_json::json!({
            "source": "note", "text": "é to Paris.", "start_ms": 1, "end_ms": 2,
            "marks": [{"start": 5, "end": 10}],
        }))
        .unwrap();
        assert_eq!(marked(&hit, true), "é to \x1b[1;33mParis\x1b[0m.");
        assert_eq!(marked(&hit, false), "é to Paris.");
    }
}
