//! What the node and its children say to each other: any bytes are a message or an error, the same on both ends.
//!
//! The first byte chooses the reader, the others are what came through the pipe.
#![no_main]

use diarist::providers::audio::{child, worker};
use diarist::providers::whisper::protocol::{
    FromWorker, ToWorker, read_frame, receive, write_frame,
};
use diarist_fuzz::blame::Blame;
use futures::executor::block_on;
use libfuzzer_sys::{Corpus, fuzz_target};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::io;
use std::sync::{LazyLock, Mutex};

static BLAME: LazyLock<Mutex<Blame>> = LazyLock::new(|| Mutex::new(Blame::watch("worker")));

fuzz_target!(init: { LazyLock::force(&BLAME); }, |bytes: &[u8]| -> Corpus {
    let Some((reader, pipe)) = bytes.split_first() else { return Corpus::Reject };
    let mut blame = BLAME.lock().expect("one try at a time");
    let _ = blame.call(bytes, || match reader % 4 {
        0 => frames::<ToWorker>(pipe, |message| match message {
            ToWorker::Transcribe(asked) => assert!(asked.range.duration_ms() <= u64::MAX / 16),
            ToWorker::Detect(asked) => assert!(asked.range.duration_ms() <= u64::MAX / 16),
            ToWorker::Hello(_) | ToWorker::Cancel { .. } => {}
        }),
        1 => frames::<FromWorker>(pipe, |_| {}),
        2 => request(pipe),
        _ => answer(pipe),
    });
    Corpus::Keep
});

/// Both readers hear the same, up to the same error, and what was heard can be said again.
fn frames<T: Serialize + DeserializeOwned + Debug>(pipe: &[u8], look: impl Fn(&T)) {
    let (mut blocking, mut waiting) = (pipe, pipe);
    loop {
        let heard: io::Result<Option<T>> = read_frame(&mut blocking);
        let other: io::Result<Option<T>> = block_on(receive(&mut waiting));
        // The words of an error differ between the two libraries, what it is must not.
        let alike = |of: &io::Result<Option<T>>| match of {
            Ok(message) => format!("{message:?}"),
            Err(error) => format!("{:?}", error.kind()),
        };
        assert_eq!(alike(&heard), alike(&other));
        let Ok(Some(message)) = heard else { return };
        assert_eq!(blocking, waiting);
        look(&message);
        let mut again = Vec::new();
        // Bytes that are escaped in JSON may take more room than they came in.
        if write_frame(&mut again, &message).is_ok() {
            let again: Option<T> = read_frame(&mut again.as_slice()).expect("our own frame");
            assert!(again.is_some(), "{message:?}");
        }
    }
}

/// The line that a decoding child is told what to do by.
fn request(pipe: &[u8]) {
    if let Ok(request) = worker::receive(&mut &*pipe) {
        let mut line = serde_json::to_vec(&request).expect("a request that was read");
        line.push(b'\n');
        // Escaped for JSON, it may have outgrown what is read.
        if line.len() <= 64 << 10 {
            let again = worker::receive(&mut line.as_slice()).expect("our own line");
            assert_eq!(again, request);
        }
    }
}

/// The lines that a decoding child answers by.
fn answer(pipe: &[u8]) {
    let mut told = 0_u32;
    let last = block_on(child::last_line(pipe, |_progress| told += 1));
    let lines = pipe.split(|byte| *byte == b'\n').count();
    assert!(told as usize <= lines, "{told} times progress in {lines} lines");
    if let Err(error) = last {
        assert_eq!(error.code(), "decoder_broken");
    }
}
