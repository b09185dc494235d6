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
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    if words.len() < 12 {
        return false;
    }
    let triples: Vec<&[String]> = words.windows(3).collect();
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
            speaker: None,
            words: Vec::new(),
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
    fn descriptions_of_sound_are_silence() {
        for text in ["[BLANK_AUDIO]", "(wind blowing)", " ...", "*sighs*"] {
            assert!(is_silence(&segment(text, 1_000, -0.1, 0.0)), "{text}");
        }
        assert!(is_silence(&segment("Thank you.", 1_000, -1.1, 0.7)));
        assert!(!is_silence(&segment("Thank you.", 1_000, -0.3, 0.7)));
        assert!(!is_silence(&segment("(Laughing) Well, yes.", 1_000, -0.3, 0.1)));
    }
}
