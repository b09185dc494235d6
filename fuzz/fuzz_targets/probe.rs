//! The look at an upload: any bytes are a report or a typed refusal.
#![no_main]

use diarist::providers::audio::probe::probe;
use diarist_fuzz::blame::Blame;
use diarist_fuzz::scratch::Scratch;
use libfuzzer_sys::{Corpus, fuzz_target};
use std::sync::{LazyLock, Mutex};

static BENCH: LazyLock<Mutex<(Blame, Scratch)>> =
    LazyLock::new(|| Mutex::new((Blame::watch("probe"), Scratch::make())));

fuzz_target!(init: { LazyLock::force(&BENCH); }, |bytes: &[u8]| -> Corpus {
    let mut bench = BENCH.lock().expect("one try at a time");
    let (blame, scratch) = &mut *bench;
    let path = scratch.holding(bytes);
    if let Some(Err(refusal)) = blame.call(bytes, || probe(&path, None)) {
        let failure = refusal.to_failure();
        assert!(!failure.message.is_empty() && !failure.hint.is_empty(), "{failure:?}");
        assert!(!bytes.is_empty() || failure.code.as_str() == "empty_file", "{failure:?}");
    }
    Corpus::Keep
});
