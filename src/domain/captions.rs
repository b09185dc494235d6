//! A transcript as people and players read it: plain lines, SubRip, WebVTT.

use super::transcript::{Segment, Transcript};
use std::fmt::Write;

/// One segment a line.
pub fn text(transcript: &Transcript) -> String {
    let mut page = String::new();
    for (_, line) in spoken(transcript) {
        page.push_str(&line);
        page.push('\n');
    }
    page
}

/// SubRip. It knows no escapes: an arrow within a text is written so that no player takes it for times.
pub fn srt(transcript: &Transcript) -> String {
    let mut page = String::new();
    for (number, (segment, line)) in (1..).zip(spoken(transcript)) {
        let times = times(segment, ',');
        let line = line.replace("-->", "->");
        let _infallible = write!(page, "{number}\n{times}\n{line}\n\n");
    }
    page
}

/// WebVTT.
pub fn vtt(transcript: &Transcript) -> String {
    let mut page = String::from("WEBVTT\n\n");
    for (segment, line) in spoken(transcript) {
        let times = times(segment, '.');
        let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _infallible = write!(page, "{times}\n{line}\n\n");
    }
    page
}

/// The segments that say something, each on one line: an empty line would end a caption.
fn spoken(transcript: &Transcript) -> impl Iterator<Item = (&Segment, String)> {
    let line = |segment: &Segment| segment.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = transcript.segments.iter().map(move |segment| (segment, line(segment)));
    lines.filter(|(_, line)| !line.is_empty())
}

/// Players drop a caption that ends when it begins.
fn times(segment: &Segment, mark: char) -> String {
    let end_ms = segment.end_ms.max(segment.start_ms + 1);
    format!("{} --> {}", time(segment.start_ms, mark), time(end_ms, mark))
}

fn time(ms: u64, mark: char) -> String {
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{mark}{ms:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript(said: &[(u64, u64, &str)]) -> Transcript {
        let segments = said.iter().map(|(start_ms, end_ms, text)| Segment {
            id: 0,
            start_ms: *start_ms,
            end_ms: *end_ms,
            text: (*text).to_owned(),
            language: "en".to_owned(),
            avg_logprob: 0.0,
            no_speech_prob: 0.0,
            speaker: None,
            words: Vec::new(),
            tokens: Vec::new(),
        });
        Transcript::stitch("en".to_owned(), "base".to_owned(), 0, segments)
    }

    #[test]
    fn captions_are_numbered_timed_and_separated() {
        let said = transcript(&[(0, 1_000, " Hello."), (1_500, 3_723_004, "A long\n\none. ")]);
        let expected = "1\n00:00:00,000 --> 00:00:01,000\nHello.\n\n\
             2\n00:00:01,500 --> 01:02:03,004\nA long one.\n\n";
        assert_eq!(srt(&said), expected);
        let expected = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello.\n\n\
             00:00:01.500 --> 01:02:03.004\nA long one.\n\n";
        assert_eq!(vtt(&said), expected);
        assert_eq!(text(&said), "Hello.\nA long one.\n");
    }

    #[test]
    fn what_is_said_is_never_taken_for_markup() {
        let said = transcript(&[(0, 1, "a --> b & <i>c</i>")]);
        assert!(vtt(&said).ends_with("\na --&gt; b &amp; &lt;i&gt;c&lt;/i&gt;\n\n"));
        assert!(srt(&said).ends_with("\na -> b & <i>c</i>\n\n"));
        assert_eq!(text(&said), "a --> b & <i>c</i>\n");
    }

    #[test]
    fn silence_and_moments_without_length_break_no_player() {
        assert_eq!((srt(&transcript(&[])).as_str(), text(&transcript(&[])).as_str()), ("", ""));
        assert_eq!(vtt(&transcript(&[])), "WEBVTT\n\n");
        let said = transcript(&[(0, 5, "  "), (7, 7, "now")]);
        assert_eq!(srt(&said), "1\n00:00:00,007 --> 00:00:00,008\nnow\n\n");
    }

    #[test]
    fn more_than_a_day_still_has_its_hours() {
        assert_eq!(time(100 * 3_600_000, ','), "100:00:00,000");
    }
}
