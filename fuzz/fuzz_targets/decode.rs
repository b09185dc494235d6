//! A whole recording to sound and cuts: what the report says is what lies on the disk, and a refusal leaves nothing.
#![no_main]

use diarist::providers::audio::DecodeReport;
use diarist::providers::audio::decode::decode;
use diarist::providers::audio::source::Source;
use diarist_fuzz::blame::Blame;
use diarist_fuzz::scratch::Scratch;
use libfuzzer_sys::{Corpus, fuzz_target};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

/// Long enough for several chunks; a sanitizer is slow.
const LONGEST: Duration = Duration::from_secs(40);
const CHUNK_SAMPLES_MAX: u64 = 30 * 16_000;

static BENCH: LazyLock<Mutex<(Blame, Scratch)>> =
    LazyLock::new(|| Mutex::new((Blame::watch("decode"), Scratch::make())));

fuzz_target!(init: { LazyLock::force(&BENCH); }, |bytes: &[u8]| -> Corpus {
    let mut bench = BENCH.lock().expect("one try at a time");
    let (blame, scratch) = &mut *bench;
    let (input, output) = (scratch.holding(bytes), scratch.output());
    let mut told_ms = 0;
    let mut tell = |done_ms: u64, _declared: Option<u64>| {
        assert!(done_ms >= told_ms, "{done_ms} ms after {told_ms} ms");
        told_ms = done_ms;
    };
    let mut run = || decode(Source::open(&input, None)?, &output, LONGEST, &mut tell);
    match blame.call(bytes, &mut run) {
        Some(Ok(report)) => holds(&report, scratch.written()),
        Some(Err(refusal)) => {
            let failure = refusal.to_failure();
            assert!(!failure.message.is_empty() && !failure.hint.is_empty(), "{failure:?}");
            assert_eq!(scratch.written(), None, "refused, and yet there");
        }
        None => {}
    }
    scratch.clear();
    Corpus::Keep
});

fn holds(report: &DecodeReport, written: Option<u64>) {
    assert_eq!(written, Some(report.samples * 2), "{report:?}");
    assert!(report.samples <= (LONGEST.as_secs() + 1) * 16_000, "{report:?}");
    let mut end = 0;
    for chunk in &report.chunks {
        assert!(end <= chunk.start_sample && chunk.start_sample < chunk.end_sample, "{report:?}");
        assert!(chunk.end_sample - chunk.start_sample <= CHUNK_SAMPLES_MAX, "{report:?}");
        end = chunk.end_sample;
    }
    assert!(end <= report.samples, "{report:?}");
}
