//! Finds the transcript in a prompt: its segments with their ids, however the prompt writes them.

/// One line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub id: String,
    pub text: String,
}

/// Segments written as `[12] text`, `[12 00:01–00:04] text`, `"id": 12, … "text": "…"` or `id="12">text<`.
pub fn segments(prompt: &str) -> Vec<Segment> {
    let bracketed: Vec<_> = prompt.lines().filter_map(bracketed).collect();
    if !bracketed.is_empty() {
        return bracketed;
    }
    let (quoted, tagged) = (scan(prompt, "\"id\"", quoted), scan(prompt, "id=\"", tagged));
    if quoted.is_empty() { tagged } else { quoted }
}

fn bracketed(line: &str) -> Option<Segment> {
    let (label, text) = line.trim_start().strip_prefix('[')?.split_once(']')?;
    let id: String = label.chars().take_while(|c| c.is_alphanumeric()).collect();
    let text = text.trim_start_matches([':', '-', '|']).trim();
    segment(&id, text)
}

/// `rest` begins behind `"id"`.
fn quoted(rest: &str) -> Option<Segment> {
    let value = rest.trim_start().strip_prefix(':')?.trim_start().trim_start_matches('"');
    let id: String = value.chars().take_while(|c| c.is_alphanumeric()).collect();
    let object = value.split('}').next()?;
    let text = object.split_once("\"text\"")?.1.trim_start().strip_prefix(':')?.trim_start();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
    segment(&id, values.next()?.ok()?.trim())
}

/// `rest` begins behind `id="`.
fn tagged(rest: &str) -> Option<Segment> {
    let (id, rest) = rest.split_once('"')?;
    let text = rest.split_once('>')?.1.split('<').next()?;
    segment(id, text.trim())
}

fn scan(prompt: &str, mark: &str, read: fn(&str) -> Option<Segment>) -> Vec<Segment> {
    prompt.match_indices(mark).filter_map(|(at, _)| read(&prompt[at + mark.len()..])).collect()
}

fn segment(id: &str, text: &str) -> Option<Segment> {
    let known = id.chars().any(|c| c.is_ascii_digit()) && !text.is_empty();
    known.then(|| Segment { id: id.to_owned(), text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn finds(prompt: &str, expected: &[(&str, &str)]) {
        let found: Vec<_> = segments(prompt).into_iter().map(|s| (s.id, s.text)).collect();
        let expected: Vec<_> =
            expected.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn segments_are_found_in_brackets() {
        finds(
            "Write a note.\n<transcript>\n[0] Good morning.\n  [12 00:01-00:04] I ran.\n[s3]: Äpfel\n",
            &[("0", "Good morning."), ("12", "I ran."), ("s3", "Äpfel")],
        );
    }

    #[test]
    fn segments_are_found_in_json_and_in_tags() {
        finds(
            r#"[{"id": 7, "start_ms": 0, "text": "She said \"go\"."}, {"id":8,"text":"So I went."}]"#,
            &[("7", "She said \"go\"."), ("8", "So I went.")],
        );
        finds("<s id=\"4\" t=\"1\">Up.</s><s id=\"5\">Down.</s>", &[("4", "Up."), ("5", "Down.")]);
    }

    #[test]
    fn what_is_no_segment_is_left_alone() {
        finds("[note] see [1]\n- [x] done\n[3]\nno transcript at all", &[]);
    }
}
