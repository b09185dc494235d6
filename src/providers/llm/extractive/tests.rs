//! Whole memos through the composer: what must be in the note, and what must never be.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{DateTime, FixedOffset};
use proptest::prelude::*;

use super::compose;
use crate::domain::note::Note;
use crate::domain::note::markdown::render;
use crate::domain::transcript::{Segment, Transcript};

const SUNDAY: &str = "2026-05-03T21:14:00+02:00";

fn at(time: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(time).unwrap()
}

/// Segments of three seconds each.
fn transcript(language: &str, texts: &[&str]) -> Transcript {
    let segment = |(text, id): (&&str, u64)| Segment {
        id: 0,
        start_ms: id * 3_000,
        end_ms: id * 3_000 + 3_000,
        text: (*text).to_owned(),
        language: language.to_owned(),
        avg_logprob: -0.2,
        no_speech_prob: 0.0,
        speaker: None,
        words: Vec::new(),
        tokens: Vec::new(),
    };
    let segments = texts.iter().zip(0..).map(segment);
    Transcript::stitch(language.to_owned(), "base".to_owned(), texts.len() as u64 * 3_000, segments)
}

fn note(texts: &[&str]) -> Note {
    compose(&transcript("en", texts), at(SUNDAY))
}

/// Each to-do as "text | due".
fn todos(text: &str) -> Vec<String> {
    let due = |day: chrono::NaiveDate| format!(" | {day}");
    let todos = note(&[text]).todos.into_iter();
    todos.map(|todo| format!("{}{}", todo.text, todo.due.map_or(String::new(), due))).collect()
}

const WORK: &[&str] = &[
    " Okay, so, today was a long day at work. The sprint planning dragged on for almost",
    " two hours because nobody could agree on the payment project. I was frustrated.",
    " Then I had lunch with Maria, and she told me that she is leaving the company",
    " at the end of June. That really hit me. I promised Maria I'd read her letter before Wednesday.",
    " After lunch I finally fixed the bug in the invoice export. It was a rounding error, at 4.5 percent.",
    " In the evening I called Mum from Hamburg station. She sounded tired, but Dr. Weber says",
    " that her blood pressure is better. I need to ask Tom whether he can water the plants.",
    " I'm tired, but somehow also content. Why do I never call her earlier? Good night.",
];

#[test]
fn a_working_day_becomes_a_note_worth_keeping() {
    let note = note(WORK);
    assert!(note.title.starts_with("Sunday, 3 May 2026: "), "{}", note.title);
    assert!(note.title.chars().count() <= 80, "{}", note.title);
    assert_eq!(note.people, ["Maria", "Mum", "Dr. Weber", "Tom"]);
    assert_eq!(note.mood.as_deref(), Some("tired"));
    assert_eq!(note.open_questions, ["Why do I never call her earlier?"]);
    assert!((note.coverage - 1.0).abs() < f64::EPSILON);
    assert!(note.sections.len() >= 2, "{:?}", note.sections);
    assert!(!note.summary.contains("Good night") && note.summary.len() > 60, "{}", note.summary);
    let due: Vec<_> = note.todos.iter().map(|todo| (todo.text.as_str(), todo.due)).collect();
    let wednesday = chrono::NaiveDate::from_ymd_opt(2026, 5, 6);
    let promise = "I promised Maria I'd read her letter before Wednesday";
    assert_eq!(due, [(promise, wednesday), ("ask Tom whether he can water the plants", None)]);
}

#[test]
fn a_sentence_keeps_the_segments_and_times_that_carry_it() {
    let note = note(WORK);
    let all: Vec<_> = note.sections.iter().flat_map(|section| &section.sentences).collect();
    let lunch = all.iter().find(|sentence| sentence.text.contains("lunch with")).unwrap();
    assert_eq!((lunch.segments.as_slice(), lunch.start_ms), (&[2, 3][..], 6_000));
    assert!((9_000..12_000).contains(&lunch.end_ms), "{}", lunch.end_ms);
    assert!(all.iter().any(|sentence| sentence.text.ends_with("at 4.5 percent.")));
    assert!(all.iter().any(|sentence| sentence.text.contains("Dr. Weber says that her")));
}

#[test]
fn intentions_and_promises_become_to_dos_with_their_day() {
    for (said, expected) in [
        ("Don't forget to call the bank tomorrow.", "call the bank tomorrow | 2026-05-04"),
        (
            "I have to renew my passport by the 12th of May.",
            "renew my passport by the 12th of May | 2026-05-12",
        ),
        ("We should book the hotel for April 2nd.", "book the hotel for April 2nd | 2027-04-02"),
        ("On Friday I need to see the dentist.", "see the dentist | 2026-05-08"),
        (
            "Remind me to pay the rent at the end of the month.",
            "pay the rent at the end of the month | 2026-05-31",
        ),
        (
            "I'll email Priya the report in two weeks.",
            "email Priya the report in two weeks | 2026-05-17",
        ),
        (
            "Let's invite Tom and Sarah next Sunday.",
            "invite Tom and Sarah next Sunday | 2026-05-10",
        ),
        ("I want to write to Grandma tonight.", "write to Grandma tonight | 2026-05-03"),
        ("I really must fix the bike, because it squeaks.", "fix the bike"),
        ("Buy milk and bread.", "Buy milk and bread"),
        ("The day after tomorrow I have to collect the keys.", "collect the keys | 2026-05-05"),
    ] {
        assert_eq!(todos(said), [expected], "{said}");
    }
}

#[test]
fn what_is_past_denied_or_only_thought_is_no_to_do() {
    for said in [
        "I didn't have to go to the meeting today.",
        "I had to call the plumber yesterday.",
        "I should have visited him in January.",
        "If I have to do another year of this I'll go mad.",
        "I used to have to write those reports every week.",
        "I don't need to bring a cake.",
        "I have to admit that it was a good film.",
        "Should we sell the old car?",
        "She has to finish the slides by Friday.",
        "I'm going to miss her so much.",
        "I don't think I need to see a doctor.",
    ] {
        assert_eq!(todos(said), Vec::<String>::new(), "{said}");
    }
}

#[test]
fn a_wish_is_a_to_do_only_with_its_day() {
    for (said, expected) in [
        (
            "Tomorrow I want to get up early and swim before work.",
            "get up early and swim before work | 2026-05-04",
        ),
        ("I'm planning to see the physio on Tuesday.", "see the physio on Tuesday | 2026-05-05"),
        ("We'd like to paint the fence this weekend.", "paint the fence this weekend | 2026-05-09"),
    ] {
        assert_eq!(todos(said), [expected], "{said}");
    }
    for said in [
        "I want to get up early and swim.",
        "I want to run Berlin one day.",
        "Tomorrow I want to relax.",
        "I wanted to call her on Friday.",
    ] {
        assert_eq!(todos(said), Vec::<String>::new(), "{said}");
    }
}

const SUNDAY_NIGHT: &[&str] = &[
    "It's Sunday night and the kitchen is finally clean.",
    "We took the train to the sea this morning because my aunt turned 70 today.",
    "Tom brought a cheese tart and she sang the song about the two bakers again.",
    "Everybody clapped and I nearly dropped the plates.",
    "On the way home the bus broke down, and we walked the last hour through the wet fields.",
    "I promised Tom that I'd pay the garage on Friday.",
    "I also have to send the forms to Nadia by the 14th of May.",
    "The best part came this evening.",
    "The hospital called and said that Oscar's test results are clear.",
    "I was so relieved that I dropped the phone into the sink.",
    "Here's an idea.",
    "We could collect my aunt's songs, one every month, and print them for her next birthday.",
    "Would she mind a camera on the piano?",
    "Tomorrow I want to get up early and run before work.",
    "Good night.",
];

#[test]
fn what_mattered_carries_the_note() {
    let note = note(SUNDAY_NIGHT);
    assert_eq!(note.title, "Sunday, 3 May 2026: my aunt turned 70, Oscar's test results");
    for said in ["my aunt turned 70 today", "Oscar's test results are clear"] {
        assert!(note.summary.contains(said), "{}", note.summary);
    }
    for left in ["It's Sunday", "best part came", "Tomorrow", "Good night"] {
        assert!(!note.summary.contains(left), "{}", note.summary);
    }
    let quotes: Vec<&str> = note.quotes.iter().map(|quote| quote.text.as_str()).collect();
    assert_eq!(quotes, ["I was so relieved that I dropped the phone into the sink."]);
    assert!(note.tags.contains(&"idea".to_owned()), "{:?}", note.tags);
}

#[test]
fn turns_of_speech_open_sections_with_short_headings() {
    let note = note(SUNDAY_NIGHT);
    let firsts: Vec<&str> =
        note.sections.iter().map(|section| section.sentences[0].text.as_str()).collect();
    let turns = [0, 4, 7, 10].map(|index| SUNDAY_NIGHT[index]);
    assert_eq!(firsts, turns);
    let headings: Vec<&str> =
        note.sections.iter().map(|section| section.heading.as_str()).collect();
    assert_eq!(headings[0], "My aunt turned 70");
    assert_eq!(headings[2..], ["Oscar's test results", "Idea: my aunt's songs"]);
    assert!(headings.iter().all(|heading| heading.split(' ').count() <= 6), "{headings:?}");
}

#[test]
fn a_quote_is_never_a_task() {
    let mut said = SUNDAY_NIGHT.to_vec();
    said[9] = "I'm so afraid of Monday that I have to call the clinic tomorrow.";
    let note = note(&said);
    assert!(note.todos.iter().any(|todo| todo.text.contains("call the clinic")));
    assert!(note.quotes.iter().all(|quote| quote.text != said[9]), "{:?}", note.quotes);
}

#[test]
fn many_turns_do_not_shred_a_memo() {
    let said: Vec<&str> = ["Another thing.", "We sat.", "Anyway, it rained.", "Here's an idea."]
        .into_iter()
        .cycle()
        .take(20)
        .collect();
    let note = note(&said);
    for section in &note.sections {
        let words: usize = section.sentences.iter().map(|said| said.text.split(' ').count()).sum();
        assert!(words >= 15 || note.sections.len() == 1, "{section:?}");
    }
    assert!(note.sections.len() <= 7);
}

#[test]
fn names_are_found_and_none_is_invented() {
    let note = note(&[
        " Dinner with my sister Anna and her friend Marek was lovely. Monday is a holiday in England.",
        " We drove to Lisbon last year, Anna said. I paid with PayPal. Everything was German and Work was far.",
    ]);
    assert_eq!(note.people, ["Anna", "Marek"]);
    assert_eq!(note.places, ["England", "Lisbon"]);
}

#[test]
fn a_name_at_the_head_of_a_sentence_counts_where_others_bear_it_out() {
    let said = ["Orla and I went swimming.", "Then we met Zdenek with Orla. Zdenek asked why."];
    assert_eq!(note(&said).people, ["Orla", "Zdenek"]);
    assert_eq!(note(&["Breakfast and coffee were fine. Traffic was slow."]).people, [""; 0]);
}

#[test]
fn speech_without_punctuation_is_cut_where_segments_are() {
    let note = note(&[
        "day three of the flu and i feel awful",
        "the fever was thirty nine last night and it went down a bit",
        "i didn't have to go to the pharmacy because sam brought me soup",
        "and i have to send the sick note to the insurance by friday",
        "mostly i just watched old episodes of that show and slept",
    ]);
    let sentences: usize = note.sections.iter().map(|section| section.sentences.len()).sum();
    assert!((3..=5).contains(&sentences), "{sentences}");
    assert_eq!(note.todos.len(), 1);
    assert_eq!(note.todos[0].text, "send the sick note to the insurance by friday");
    assert_eq!(note.mood.as_deref(), Some("awful"));
}

#[test]
fn other_languages_are_structured_without_guessing() {
    let german = compose(
        &transcript(
            "de",
            &[
                " Heute waren wir am Bodensee. Meine Schwester Anna kam am 3. Mai vorbei.",
                " Das Dach ist undicht. Ich muss den Handwerker wegen dem Dach anrufen. Warum immer das Dach?",
            ],
        ),
        at(SUNDAY),
    );
    assert!(german.title.starts_with("Sonntag, 3. Mai 2026: "), "{}", german.title);
    assert!(german.title.contains("Dach"), "{}", german.title);
    assert_eq!(german.people, ["Anna"]);
    assert!(german.todos.is_empty() && german.mood.is_none());
    let japanese =
        compose(&transcript("ja", &["今日は京都に行きました。お寺がきれいでした。"]), at(SUNDAY));
    assert_eq!(japanese.sections[0].sentences.len(), 2);
}

#[test]
fn silence_is_said_to_be_silence() {
    let note = note(&["[BLANK_AUDIO]"]);
    assert_eq!(note.title, "Sunday, 3 May 2026: nothing said");
    assert!(note.sections.is_empty());
    assert!(render(&note).contains("Nothing was said in this recording."));
}

#[test]
fn the_day_is_that_of_the_speaker() {
    let late = compose(&transcript("en", &["Buy milk tomorrow."]), at("2026-05-03T00:30:00+10:00"));
    assert!(late.title.starts_with("Sunday, 3 May 2026"), "{}", late.title);
    assert_eq!(late.todos[0].due.unwrap().to_string(), "2026-05-04");
}

fn word_salad() -> impl Strategy<Value = Vec<String>> {
    let word = prop_oneof![
        4 => "[a-zA-Z]{1,9}",
        2 => prop::sample::select(vec![
            "I", "need", "to", "call", "Anna", "tomorrow", "the", "12th", "of", "May", "um,", "so",
            "promised", "in", "two", "weeks", "Dr.", "3.5", "p.m.", "…", "why?", "don't", "forget",
            "end", "month", "feel", "sad.", "told", "i'd", "first,", "by", "[x]", "next", "Friday.",
        ]).prop_map(str::to_owned),
        1 => "\\PC{1,5}",
        1 => prop::sample::select(vec!["。", "ß", "İ", "'s", "’", "\"", "日本", "---", "\t", "é"])
            .prop_map(str::to_owned),
    ];
    let segment = prop::collection::vec(word, 0..14).prop_map(|words| words.join(" "));
    prop::collection::vec(segment, 0..14)
}

proptest! {
    #[test]
    fn every_sentence_is_the_speakers(
        texts in word_salad(),
        language in prop::sample::select(vec!["en", "de", "es", "fr", "it", "ja", "und", "xx"]),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let transcript = transcript(language, &texts);
        let note = compose(&transcript, at(SUNDAY));
        let said = |text: &str| transcript.text.contains(text);
        for sentence in note.sections.iter().flat_map(|section| &section.sentences) {
            prop_assert!(said(&sentence.text), "{:?}", sentence);
            prop_assert!(sentence.start_ms <= sentence.end_ms && !sentence.segments.is_empty());
        }
        prop_assert!(note.todos.iter().all(|todo| said(&todo.text)), "{:?}", note.todos);
        prop_assert!(note.quotes.iter().all(|quote| said(&quote.text)));
        prop_assert!(note.open_questions.iter().all(|question| said(question)));
        prop_assert!(note.title.chars().count() <= 80);
        prop_assert!(note.sections.iter().all(|section| !section.heading.is_empty()));
        let page = render(&note);
        prop_assert!(page.starts_with("---\ntitle: "));
        prop_assert_eq!(page.lines().filter(|line| line.starts_with("# ")).count(), 1);
        prop_assert_eq!(page.lines().filter(|line| *line == "---").count(), 2);
        prop_assert_eq!(note, compose(&transcript, at(SUNDAY)));
    }
}
