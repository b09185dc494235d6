//! Tells a text that Whisper may have invented or lost from one that can be kept.

use crate::domain::transcript::Segment;

/// Below this mean log probability OpenAI's reference decoder tries again as well.
const LOGPROB_MIN: f64 = -1.0;
/// Whisper's own threshold for "nobody speaks here", which counts only with a low probability.
const NO_SPEECH_MAX: f64 = 0.6;
/// More than this share of repeated word triples is a loop, not a manner of speaking.
const REPEATED_MAX: f64 = 0.4;
/// Fast speech is about 25 characters a second; beyond this the text was not spoken in that time.
const CHARS_PER_SECOND_MAX: f64 = 45.0;

/// Slower than this nobody speaks, pauses not counted: a refrain may have been written down once.
const CHARS_PER_SECOND_MIN: f64 = 6.0;
/// A phrase that is heard so often, and at least in half of the parts, is a refrain.
const REFRAIN_MIN: usize = 3;

/// Why a decoded chunk should be decoded once more, with full context.
pub fn in_doubt(segments: &[Segment], duration_ms: u64) -> bool {
    let text = joined(segments);
    let seconds = duration_ms as f64 / 1_000.0;
    let heard_ms = match (segments.first(), segments.last()) {
        (Some(first), Some(last)) => last.end_ms.saturating_sub(first.start_ms),
        _ => 0,
    };
    let lost = duration_ms > 4_000 && heard_ms * 2 < duration_ms;
    lost || repeats(&text)
        || text.chars().count() as f64 > 10.0 + CHARS_PER_SECOND_MAX * seconds
        || mean(segments, |s| s.avg_logprob) < LOGPROB_MIN
}

/// Whether a phrase may have been spoken again and again: then Whisper writes it down too often, or once.
pub fn may_repeat(segments: &[Segment], spoken_ms: u64) -> bool {
    let text = joined(segments);
    let sparse = spoken_ms > 3_000
        && letters(&text) as f64 * 1_000.0 < CHARS_PER_SECOND_MIN * spoken_ms as f64;
    sparse || repeats(&text)
}

/// Whether parts of a chunk that were heard one by one say the same again and again.
pub fn is_refrain(parts: &[Vec<Segment>]) -> bool {
    let texts: Vec<String> = parts.iter().map(|part| plain(&joined(part))).collect();
    let said = texts.iter().filter(|text| !text.is_empty());
    let times = said.map(|text| texts.iter().filter(|other| *other == text).count()).max();
    let often = times.is_some_and(|times| times >= REFRAIN_MIN && times * 2 >= parts.len());
    often || repeats(&texts.join(" "))
}

/// Words in lower case, without punctuation.
fn plain(text: &str) -> String {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// A sign of Chinese, Japanese or Korean takes about as long to say as three letters.
fn letters(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{2e80}' { 3 } else { 1 }).sum()
}

/// Nobody spoke: Whisper says so itself, and is unsure of every word that it wrote nevertheless.
pub fn is_silence(segment: &Segment) -> bool {
    let words = segment.text.trim();
    let only_signs = !words.chars().any(char::is_alphanumeric);
    only_signs
        || is_stage_direction(words)
        || (segment.no_speech_prob > NO_SPEECH_MAX && segment.avg_logprob < LOGPROB_MIN)
}

/// `[BLANK_AUDIO]`, `(wind blowing)`, `*sighs*`: descriptions of sound, not speech.
fn is_stage_direction(text: &str) -> bool {
    [('[', ']'), ('(', ')'), ('*', '*')].iter().any(|(open, close)| {
        text.len() > 1
            && text.starts_with(*open)
            && text.ends_with(*close)
            && text.matches(*open).count() <= 2
    })
}

/// The share of word triples that stand in the text more than once.
fn repeats(text: &str) -> bool {
    let text = plain(text);
    let words: Vec<&str> = text.split(' ').collect();
    if words.len() < 12 {
        return false;
    }
    let triples: Vec<&[&str]> = words.windows(3).collect();
    let mut unique = triples.clone();
    unique.sort_unstable();
    unique.dedup();
    1.0 - unique.len() as f64 / triples.len() as f64 > REPEATED_MAX
}

fn joined(segments: &[Segment]) -> String {
    segments.iter().map(|s| s.text.trim()).collect::<Vec<_>>().join(" ")
}

fn mean(segments: &[Segment], of: impl Fn(&Segment) -> f64) -> f64 {
    match segments.len() {
        0 => 0.0,
        n => segments.iter().map(of).sum::<f64>() / n as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(text: &str, end_ms: u64, avg_logprob: f64, no_speech_prob: f64) -> Segment {
        Segment {
            id: 0,
            start_ms: 0,
            end_ms,
            text: text.into(),
            language: "en".into(),
            avg_logprob,
            no_speech_prob,
            ..Segment::default()
        }
    }

    #[test]
    fn a_loop_a_lost_half_and_a_flood_are_in_doubt_and_plain_speech_is_not() {
        let plain = "ask not what your country can do for you ask what you can do for your country";
        assert!(!in_doubt(&[segment(plain, 10_000, -0.2, 0.0)], 11_000));
        assert!(in_doubt(&[segment(&"I know. ".repeat(20), 10_000, -0.2, 0.0)], 11_000));
        assert!(in_doubt(&[segment(plain, 4_000, -0.2, 0.0)], 11_000));
        assert!(in_doubt(&[segment(plain, 1_000, -0.2, 0.0)], 1_000));
        assert!(in_doubt(&[segment(plain, 10_000, -1.2, 0.0)], 11_000));
        assert!(in_doubt(&[], 11_000));
    }

    #[test]
    fn a_refrain_is_told_from_its_parts() {
        let parts = |texts: &[&str]| -> Vec<Vec<Segment>> {
            texts.iter().map(|text| vec![segment(text, 1_000, -0.2, 0.0)]).collect()
        };
        assert!(is_refrain(&parts(&["Ask not.", "Ask not!", "ask not"])));
        assert!(!is_refrain(&parts(&["Ask not.", "Ask not.", "What?", "Nothing.", "Well."])));
        assert!(!is_refrain(&parts(&["", "", "", ""])));
        assert!(!is_refrain(&[]));
        let once = [segment("What your country can do for you?", 12_000, -0.2, 0.0)];
        assert!(may_repeat(&once, 12_000) && !may_repeat(&once, 2_400));
        assert!(!may_repeat(&[segment("他不是一个坏脾气的年轻人他不是", 4_000, -0.2, 0.0)], 4_000));
    }

    #[test]
    fn descriptions_of_sound_are_silence() {
        for text in ["[BLANK_AUDIO]", "(wind blowing)", " ...", "*sighs*"] {
            assert!(is_silence(&segment(text, 1_000, -0.1, 0.0)), "{text}");
        }
        assert!(is_silence(&segment("Thank you.", 1_000, -1.1, 0.7)));
        assert!(!is_silence(&segment("Thank you.", 1_000, -0.3, 0.7)));
        assert!(!is_silence(&segment("(Laughing) Well, yes.", 1_000, -0.3, 0.1)));
    }
}
