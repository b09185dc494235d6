//! Corrections: no time goes back, words join to their text, equal words keep their times, and nothing edited is nothing changed.

use super::*;
use crate::domain::captions;
use crate::domain::transcript::Word;
use proptest::prelude::*;

/// Words of 300 ms with a pause of 100 ms behind each.
fn segment(id: u32, start_ms: u64, text: &str) -> Segment {
    let words: Vec<Word> = (start_ms..)
        .step_by(400)
        .zip(text.split_whitespace())
        .map(|(start_ms, text)| Word {
            text: text.to_owned(),
            start_ms,
            end_ms: start_ms + 300,
            probability: 0.5,
        })
        .collect();
    let end_ms = words.last().map_or(start_ms, |word| word.end_ms);
    let text = text.to_owned();
    Segment { id, start_ms, end_ms, text, language: "en".to_owned(), words, ..Segment::default() }
}

fn heard(texts: &[&str]) -> Transcript {
    let segments = (0u32..).zip(texts).map(|(id, text)| segment(id, u64::from(id) * 20_000, text));
    Transcript::stitch("en".to_owned(), "base".to_owned(), 60_000, segments)
}

fn revision(version: u32, edits: &[(u32, &str)]) -> Revision {
    let edits = edits.iter().map(|(id, text)| Edit { id: *id, text: (*text).to_owned() });
    Revision { version, created_at: Timestamp::UNIX_EPOCH, edits: edits.collect() }
}

fn timed(segment: &Segment) -> Vec<(&str, u64, u64)> {
    segment.words.iter().map(|word| (word.text.as_str(), word.start_ms, word.end_ms)).collect()
}

#[test]
fn a_corrected_word_stands_where_the_wrong_one_stood() {
    let revised =
        revise(heard(&["I met Ana yesterday"]), &[revision(1, &[(0, "I met Anna yesterday")])]);
    let expected =
        [("I", 0, 300), ("met", 400, 700), ("Anna", 800, 1_100), ("yesterday", 1_200, 1_500)];
    assert_eq!(timed(&revised.transcript.segments[0]), expected);
    assert_eq!(revised.transcript.text, "I met Anna yesterday");
    assert_eq!((revised.version, revised.edited), (1, true));
    let sure = revised.transcript.segments[0].words.iter().map(|word| word.probability);
    assert_eq!(sure.collect::<Vec<_>>(), [0.5, 0.5, 1.0, 0.5]);
}

#[test]
fn words_put_in_share_the_pause_and_words_taken_out_leave_theirs() {
    let two =
        revise(heard(&["I met yesterday"]), &[revision(1, &[(0, "I met Anna B. yesterday")])]);
    let expected = [
        ("I", 0, 300),
        ("met", 400, 700),
        ("Anna", 700, 766),
        ("B.", 766, 800),
        ("yesterday", 800, 1_100),
    ];
    assert_eq!(timed(&two.transcript.segments[0]), expected);
    let none = revise(heard(&["um well I met Anna"]), &[revision(1, &[(0, "I met Anna")])]);
    let expected = [("I", 800, 1_100), ("met", 1_200, 1_500), ("Anna", 1_600, 1_900)];
    assert_eq!(timed(&none.transcript.segments[0]), expected);
    let empty = revise(heard(&["um", "I met Anna"]), &[revision(1, &[(0, " ")])]);
    assert_eq!(empty.transcript.text, "I met Anna");
    assert_eq!(captions::text(&empty.transcript), "I met Anna\n");
}

#[test]
fn case_and_signs_change_no_time_and_a_correction_taken_back_leaves_no_trace() {
    let first = heard(&["we met anna in paris"]);
    let signs = revision(1, &[(0, "We met Anna, in Paris.")]);
    let revised = revise(first.clone(), std::slice::from_ref(&signs));
    let times = |transcript: &Transcript| {
        let words = transcript.segments[0].words.iter();
        words.map(|word| (word.start_ms, word.end_ms)).collect::<Vec<_>>()
    };
    assert_eq!(times(&revised.transcript), times(&first));
    let back = revise(first.clone(), &[signs, revision(2, &[(0, "we met anna in paris")])]);
    assert_eq!(back, Revised { version: 2, edited: false, transcript: first });
}

#[test]
fn faults_are_told_all_at_once_and_what_changes_nothing_is_no_change() {
    let heard = heard(&["one two", "three"]);
    let long = "a".repeat(TEXT_CHARS_MAX + 1);
    let edits = revision(1, &[(7, "x"), (0, &long), (0, "a\u{7}")]).edits;
    let pointers: Vec<String> = faults(&heard, &edits).into_iter().map(|f| f.pointer).collect();
    let expected = ["/segments/0/id", "/segments/1/text", "/segments/2/id", "/segments/2/text"];
    assert_eq!(pointers, expected);
    let edits = revision(1, &[(0, " one\n two "), (1, "three\tfour")]).edits;
    assert_eq!(faults(&heard, &edits), []);
    assert_eq!(changes(&heard, &edits), revision(1, &[(1, "three four")]).edits);
}

#[test]
fn captions_show_the_corrected_words_when_they_are_spoken() {
    let revised =
        revise(heard(&["it is a nice day"]), &[revision(1, &[(0, "It was a very nice day.")])]);
    let srt = captions::srt(&revised.transcript);
    assert_eq!(srt, "1\n00:00:00,000 --> 00:00:01,900\nIt was a very nice day.\n\n");
    assert_eq!(
        captions::tsv(&revised.transcript),
        "start\tend\ttext\n0\t1900\tIt was a very nice day.\n"
    );
}

/// Words of a small vocabulary, so that old and new text have much in common.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec("[ab]{1,2}|[Cc],?|日本|é", 0..12).prop_map(|words| words.join(" "))
}

/// A segment as Whisper gives it: words in order, overlapping nowhere, pauses of any length.
fn spoken() -> impl Strategy<Value = Segment> {
    let word = ("[ab]{1,2}|[Cc],?|日本|é", 0u64..500, 0u64..500);
    prop::collection::vec(word, 0..12).prop_map(|said| {
        let mut reached = 1_000;
        let words: Vec<Word> = said
            .into_iter()
            .map(|(text, pause, length)| {
                let start_ms = reached + pause;
                reached = start_ms + length;
                Word { text, start_ms, end_ms: reached, probability: 0.5 }
            })
            .collect();
        let text = words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let end_ms = reached + 100;
        Segment { start_ms: 1_000, end_ms, text, words, ..Segment::default() }
    })
}

fn edit(segment: &Segment, text: &str) -> Revised {
    let heard = Transcript::stitch("en".into(), "base".into(), 60_000, [segment.clone()]);
    revise(heard, &[revision(1, &[(0, text)])])
}

proptest! {
    #[test]
    fn words_join_to_the_text_and_no_time_goes_back(heard in spoken(), text in text()) {
        let revised = edit(&heard, &text).transcript.segments.remove(0);
        let joined = revised.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        prop_assert_eq!(&revised.text, &text);
        if !heard.words.is_empty() {
            prop_assert_eq!(joined, text);
        }
        let mut reached = heard.start_ms;
        for word in &revised.words {
            prop_assert!(reached <= word.start_ms && word.start_ms <= word.end_ms, "{:?}", revised.words);
            reached = word.end_ms;
        }
        prop_assert!(reached <= heard.end_ms, "{:?}", revised.words);
    }

    #[test]
    fn all_words_but_the_changed_one_keep_their_times(heard in spoken(), at in any::<prop::sample::Index>()) {
        prop_assume!(!heard.words.is_empty());
        let at = at.index(heard.words.len());
        let mut said: Vec<&str> = heard.words.iter().map(|word| word.text.as_str()).collect();
        said[at] = "entirely new";
        let revised = edit(&heard, &said.join(" ")).transcript.segments.remove(0);
        prop_assert_eq!(&revised.words[..at], &heard.words[..at]);
        prop_assert_eq!(&revised.words[at + 2..], &heard.words[at + 1..]);
    }

    #[test]
    fn editing_nothing_changes_nothing(heard in spoken()) {
        let whole = Transcript::stitch("en".into(), "base".into(), 60_000, [heard.clone()]);
        let same = Edit { id: 0, text: format!(" {} ", heard.text.replace(' ', "\n")) };
        prop_assert_eq!(changes(&whole, std::slice::from_ref(&same)), vec![]);
        let revised = edit(&heard, &same.text);
        prop_assert_eq!(revised, Revised { version: 1, edited: false, transcript: whole.clone() });
        prop_assert_eq!(revise(whole.clone(), &[]).transcript, whole);
    }

    #[test]
    fn captions_of_any_correction_hold_all_its_words(heard in spoken(), text in text()) {
        let revised = edit(&heard, &text).transcript;
        let srt = captions::srt(&revised);
        let shown: String = srt.split("\n\n").flat_map(|cue| cue.lines().skip(2)).collect();
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        prop_assert_eq!(bare(&shown), bare(&text));
    }
}
