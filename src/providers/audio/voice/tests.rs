//! Where speech is found, and where it is not, however it is pushed.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use std::path::Path;

use proptest::prelude::*;

use super::*;

const CLIPS: [&str; 7] = [
    "jfk",
    "austen-0870",
    "lj050-0131",
    "austen-0880",
    "austen-0890",
    "austen-0920",
    "austen-0930",
];

fn clip(name: &str) -> Vec<i16> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/speech");
    let bytes = std::fs::read(root.join(name).with_extension("wav")).unwrap();
    let data = bytes.windows(4).position(|word| word == b"data").unwrap() + 8;
    bytes[data..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

fn chunks(samples: &[i16]) -> Vec<Chunk> {
    let mut cutter = Cutter::new(CutOptions::default());
    cutter.push(samples);
    cutter.finish()
}

fn silence(seconds: f64) -> Vec<i16> {
    vec![0; (seconds * 16_000.0) as usize]
}

/// Two speakers' clips with pauses between them, about a minute and a half.
fn long_memo() -> Vec<i16> {
    let mut memo = silence(1.0);
    for name in CLIPS.iter().chain(&CLIPS) {
        memo.extend(clip(name));
        memo.extend(silence(0.7));
    }
    memo
}

fn noise(seconds: f64, loud: f32) -> Vec<i16> {
    let mut state = 1_u32;
    silence(seconds)
        .iter()
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) as f32 / 8_388_608.0 - 1.0).mul_add(loud * 32_767.0, 0.0) as i16
        })
        .collect()
}

fn hum(seconds: f64) -> Vec<i16> {
    let step = 2.0 * std::f64::consts::PI * 50.0 / 16_000.0;
    (0..(seconds * 16_000.0) as usize)
        .map(|n| ((n as f64 * step).sin() * 6000.0 + (n as f64 * step * 3.0).sin() * 2000.0) as i16)
        .collect()
}

#[test]
fn silence_noise_and_hum_are_no_speech() {
    assert_eq!(chunks(&[]), []);
    assert_eq!(chunks(&silence(20.0)), []);
    for loud in [0.0005, 0.05, 0.5] {
        assert_eq!(chunks(&noise(20.0, loud)), [], "noise at {loud}");
    }
    assert_eq!(chunks(&hum(20.0)), []);
}

#[test]
fn a_short_memo_is_one_chunk_from_first_to_last_word() {
    let mut memo = silence(3.0);
    memo.extend(clip("jfk"));
    memo.extend(silence(4.0));
    let [chunk] = chunks(&memo)[..] else { unreachable!("one chunk") };
    assert!((2_900..=3_300).contains(&chunk.start_ms()), "{chunk:?}");
    assert!((13_600..=14_400).contains(&chunk.end_ms()), "{chunk:?}");
}

#[test]
fn a_quiet_or_shifted_recording_is_found_as_well() {
    let whole = chunks(&clip("jfk"));
    for (scale, offset) in [(0.02, 0.0), (0.01, 0.0), (0.3, 9000.0)] {
        let changed: Vec<i16> =
            clip("jfk").iter().map(|s| (f32::from(*s) * scale + offset) as i16).collect();
        let found = chunks(&changed);
        assert_eq!(found.len(), 1, "{scale} {offset}");
        assert!(found[0].start_ms().abs_diff(whole[0].start_ms()) < 200, "{scale} {offset}");
        assert!(found[0].end_ms().abs_diff(whole[0].end_ms()) < 400, "{scale} {offset}");
    }
}

#[test]
fn a_long_memo_is_cut_in_its_pauses_into_good_lengths() {
    let memo = long_memo();
    let found = chunks(&memo);
    let mut before = 0;
    for chunk in &found {
        let ms = chunk.end_ms() - chunk.start_ms();
        assert!((14_000..=28_000).contains(&ms), "{chunk:?}");
        assert!(chunk.start_sample >= before);
        before = chunk.end_sample;
        for edge in [chunk.start_sample, chunk.end_sample] {
            let at = usize::try_from(edge).unwrap();
            let around = &memo[at.saturating_sub(400)..(at + 400).min(memo.len())];
            let loudest = around.iter().map(|s| s.unsigned_abs()).max().unwrap();
            assert!(loudest < 1500, "a cut at {edge} where it is {loudest} loud");
        }
    }
}

#[test]
fn speech_without_a_pause_is_cut_at_a_quiet_moment() {
    let spoken: Vec<i16> = clip("lj050-0131")[16_000..48_000].to_vec();
    let found = chunks(&spoken.repeat(30));
    let longest = found.iter().map(|chunk| chunk.end_sample - chunk.start_sample).max().unwrap();
    assert!(longest <= 28 * 16_000);
    let covered: u64 = found.iter().map(|chunk| chunk.end_sample - chunk.start_sample).sum();
    assert!(covered > 55 * 16_000, "{covered}");
}

#[test]
fn a_long_silence_is_dropped() {
    let mut memo = clip("jfk");
    memo.extend(silence(60.0));
    memo.extend(clip("lj050-0131"));
    let found = chunks(&memo);
    assert_eq!(found.len(), 2);
    assert!(found[0].end_ms() < 12_000 && found[1].start_ms() > 70_000);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn the_size_of_the_pushes_changes_nothing(sizes in prop::collection::vec(1_usize..90_000, 1..40)) {
        let memo: Vec<i16> = clip("jfk").repeat(3);
        let mut cutter = Cutter::new(CutOptions::default());
        let mut rest = memo.as_slice();
        for size in sizes.iter().cycle() {
            let (now, later) = rest.split_at((*size).min(rest.len()));
            cutter.push(now);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(cutter.finish(), chunks(&memo));
    }
}
