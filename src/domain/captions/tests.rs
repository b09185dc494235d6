//! Captions: every word kept, no time goes back, and the limits hold whatever is said.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::subtitles::time;
use super::timing::GAP_MS;
use super::width::columns;
use super::*;
use crate::domain::transcript::{Gap, Segment, Transcript, Word};
use proptest::prelude::*;

pub fn word(text: &str, start_ms: u64, end_ms: u64) -> Word {
    Word { text: text.to_owned(), start_ms, end_ms, probability: 1.0 }
}

pub fn segment(start_ms: u64, end_ms: u64, text: &str) -> Segment {
    Segment {
        id: 0,
        start_ms,
        end_ms,
        text: text.to_owned(),
        language: "en".to_owned(),
        avg_logprob: 0.0,
        no_speech_prob: 0.0,
        speaker: None,
        words: Vec::new(),
        tokens: Vec::new(),
    }
}

pub fn transcript_of(segments: impl IntoIterator<Item = Segment>) -> Transcript {
    Transcript::stitch("en".to_owned(), "base".to_owned(), 0, segments)
}

fn transcript(said: &[(u64, u64, &str)]) -> Transcript {
    transcript_of(said.iter().map(|(start, end, text)| segment(*start, *end, text)))
}

fn shown(transcript: &Transcript, style: &Style) -> Vec<(std::ops::Range<u64>, String)> {
    Captions::new(transcript, style).shown(str::to_owned)
}

fn texts(transcript: &Transcript) -> Vec<String> {
    shown(transcript, &Style::default()).into_iter().map(|(_, text)| text).collect()
}

#[test]
fn captions_are_numbered_timed_and_separated() {
    let said = transcript(&[(0, 1_000, " Hello."), (9_500, 3_723_004, "A long\n\none. ")]);
    let expected = "1\n00:00:00,000 --> 00:00:01,000\nHello.\n\n\
         2\n00:00:09,500 --> 00:00:11,300\nA long one.\n\n";
    assert_eq!(srt(&said), expected);
    let expected = "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello.\n\n\
         00:00:09.500 --> 00:00:11.300\nA long one.\n\n";
    assert_eq!(vtt(&said), expected);
    assert_eq!(text(&said), "Hello.\nA long one.\n");
    assert_eq!(tsv(&said), "start\tend\ttext\n0\t1000\tHello.\n9500\t3723004\tA long one.\n");
}

#[test]
fn what_is_said_is_never_taken_for_markup() {
    let said = transcript(&[(0, 1, "a --> b & <i>c</i>")]);
    assert!(vtt(&said).ends_with("\na --&gt; b &amp; &lt;i&gt;c&lt;/i&gt;\n\n"));
    assert!(srt(&said).ends_with("\na -> b & <i>c</i>\n\n"));
    assert_eq!(text(&said), "a --> b & <i>c</i>\n");
    assert!(markdown(&said).contains("**0:00** a --> b & \\<i>c\\</i>\n"), "{}", markdown(&said));
}

#[test]
fn silence_and_moments_without_length_break_no_player() {
    assert_eq!((srt(&transcript(&[])).as_str(), text(&transcript(&[])).as_str()), ("", ""));
    assert_eq!(vtt(&transcript(&[])), "WEBVTT\n\n");
    let said = transcript(&[(0, 5, "  "), (7, 7, "now")]);
    assert_eq!(srt(&said), "1\n00:00:00,007 --> 00:00:00,840\nnow\n\n");
}

#[test]
fn more_than_a_day_still_has_its_hours() {
    assert_eq!(time(100 * 3_600_000, ','), "100:00:00,000");
}

#[test]
fn a_long_segment_is_divided_where_its_thoughts_end() {
    let said = transcript(&[(
        0,
        9_000,
        "And so, my fellow Americans, ask not what your country can do for you, \
         ask what you can do for your country.",
    )]);
    let expected = [
        "And so, my fellow Americans,",
        "ask not what your country can do for you,\nask what you can do for your country.",
    ];
    assert_eq!(texts(&said), expected);
}

#[test]
fn a_sentence_over_two_segments_leaves_no_orphan() {
    let said = transcript(&[
        (0, 4_000, "We walked along the river until the sun was nearly"),
        (4_000, 4_400, "down."),
        (4_500, 7_000, "Then Anna Karenina called from Berlin."),
    ]);
    let expected = [
        "We walked along the river\nuntil the sun was nearly down.",
        "Then Anna Karenina called from Berlin.",
    ];
    assert_eq!(texts(&said), expected);
}

#[test]
fn writing_without_spaces_is_broken_as_well() {
    let text = "今日は朝から雨が降っていたので、家で本を読んでいました。夕方になってやっと晴れたので、公園まで散歩に行きました。";
    let mut said = segment(0, 14_000, text);
    said.language = "ja".to_owned();
    let shown = texts(&transcript_of([said]));
    assert!(shown.len() >= 2, "{shown:?}");
    assert_eq!(shown.concat().replace('\n', ""), text);
    assert!(shown.iter().flat_map(|t| t.lines()).all(|line| columns(line) <= 42), "{shown:?}");
    assert!(shown.iter().flat_map(|t| t.lines()).all(|line| !line.starts_with(['、', '。'])));
}

#[test]
fn each_word_is_lit_in_its_turn() {
    let mut said = segment(0, 2_000, "one two");
    said.words = vec![word("one", 0, 900), word("two", 1_000, 2_000)];
    let said = transcript_of([said]);
    let style = Style { highlight: true, ..Style::default() };
    let expected =
        [(0..1_000, "<u>one</u> two".to_owned()), (1_000..2_000, "one <u>two</u>".to_owned())];
    assert_eq!(shown(&said, &style), expected);
}

#[test]
fn a_transcript_to_read_has_paragraphs_with_their_times() {
    let mut said = transcript(&[
        (0, 2_000, "First thing."),
        (2_100, 4_000, "Second *thing*."),
        (65_000, 66_000, "Much later."),
    ]);
    said.duration_ms = 70_000;
    said.gaps.push(Gap { start_ms: 10_000, end_ms: 20_000, reason: "damaged".into() });
    let expected = "*1:10, en, base*\n\n**0:00** First thing. Second \\*thing\\*.\n\n\
         **1:05** Much later.\n\n*0:10–0:20 could not be heard: damaged*\n";
    assert_eq!(markdown(&said), expected);
}

/// Segments as Whisper may deliver them: with and without word times, fast, slow, empty, at one moment.
fn spoken() -> impl Strategy<Value = Transcript> {
    let said = prop_oneof![
        8 => "[A-Za-z]{1,12}[,.?!]?",
        1 => "[0-9]{1,4}",
        1 => "[a-z]{30,70}",
        1 => "[一-三ぁ-お]{1,30}[。、]?",
    ];
    let one = (proptest::collection::vec(said, 0..40), 0u64..20_000, 0u64..3_000, any::<bool>());
    proptest::collection::vec(one, 0..8).prop_map(|parts| {
        let mut at = 0;
        transcript_of(parts.into_iter().map(|(words, length, pause, timed)| {
            let start = at + pause;
            at = start + length;
            let mut made = segment(start, at, &words.join(" "));
            if timed && !words.is_empty() {
                let each = length / words.len() as u64;
                let timed = words.iter().zip(0u64..);
                made.words = timed
                    .map(|(text, n)| word(text, start + n * each, start + (n + 1) * each))
                    .collect();
            }
            made
        }))
    })
}

fn style() -> impl Strategy<Value = Style> {
    let widths = LINE_WIDTH_MIN..60usize;
    (widths, 1..4usize, proptest::option::of(1..8usize), any::<bool>()).prop_map(
        |(line_width, line_count, words_per_line, highlight)| Style {
            line_width,
            line_count,
            words_per_line,
            highlight,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_word_is_kept_in_its_order(said in spoken(), style in style()) {
        let style = Style { highlight: false, ..style };
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let captions: String = shown(&said, &style).iter().map(|(_, text)| bare(text)).collect();
        prop_assert_eq!(captions, bare(&said.text));
    }

    #[test]
    fn no_time_goes_back_or_overlaps(said in spoken(), style in style()) {
        let mut free = 0;
        for (shown, _) in shown(&said, &style) {
            prop_assert!(shown.start >= free && shown.end > shown.start, "{shown:?} after {free}");
            free = shown.end;
        }
    }

    #[test]
    fn the_limits_hold(said in spoken(), style in style()) {
        let style = Style { highlight: false, ..style };
        let all = shown(&said, &style);
        for (at, (shown, text)) in all.iter().enumerate() {
            prop_assert!(text.lines().count() <= style.line_count, "{text}");
            for line in text.lines() {
                prop_assert!(columns(line) <= style.line_width, "{line}");
                let words = line.split_whitespace().count();
                prop_assert!(style.words_per_line.is_none_or(|most| words <= most), "{line}");
            }
            let length = shown.end - shown.start;
            prop_assert!(length <= 7_000, "{shown:?}");
            let next = all.get(at + 1).map_or(u64::MAX, |(next, _)| next.start);
            let could = next.saturating_sub(shown.start);
            prop_assert!(length >= 833.min(could.saturating_sub(GAP_MS)), "{shown:?} before {next}");
        }
    }

    #[test]
    fn words_of_a_line_are_never_cut(said in spoken()) {
        let all = shown(&said, &Style::default());
        let shown: Vec<String> = all
            .iter()
            .flat_map(|(_, text)| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let whole = |w: &&str| w.is_ascii() && w.len() <= Style::default().line_width;
        for said in said.text.split_whitespace().filter(whole) {
            prop_assert!(shown.iter().any(|word| word == said), "{said} is cut");
        }
    }
}

#[test]
fn the_defaults_are_those_of_the_guide() {
    let Style { line_width, line_count, .. } = Style::default();
    assert_eq!((line_width, line_count), (42, 2));
    let said = transcript(&[(0, 30_000, &"word ".repeat(90))]);
    let captions = shown(&said, &Style::default());
    let slow = captions
        .iter()
        .all(|(shown, text)| columns(text) as u64 * 1_000 / (shown.end - shown.start) <= 20);
    assert!(slow, "{captions:?}");
    assert_eq!(captions.iter().map(|(_, text)| text.split_whitespace().count()).sum::<usize>(), 90);
    assert!(captions.last().unwrap().1.split_whitespace().count() > 1);
}
