//! The child: loads one model, shares it over k threads with a state each, and ends when its pipe closes.

use super::decode;
use super::protocol::{
    ChunkRequest, ChunkText, DetectRequest, FromWorker, Hello, ToWorker, VERSION, read_frame,
    write_frame,
};
use crate::clock;
use crate::domain::job::{ChunkRange, SAMPLE_RATE_HZ};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use whisper_rs::{WhisperContext, WhisperContextParameters};

/// A chunk is at most one window of Whisper; a longer range is a broken peer.
const SAMPLES_MAX: u64 = 30 * SAMPLE_RATE_HZ;

/// Whisper listens to at most one window to tell the language; ten seconds tell as much.
const DETECT_SAMPLES: u64 = 10 * SAMPLE_RATE_HZ;

enum Work {
    Transcribe(ChunkRequest),
    Detect(DetectRequest),
}

/// What reader and slots share: the way out, and the abort flag of each piece of work.
struct Shared<W> {
    out: Mutex<W>,
    aborts: Mutex<HashMap<u64, Arc<AtomicBool>>>,
}

/// Serves the parent until it closes the pipe.
pub fn run(mut input: impl Read, output: impl Write + Send) -> io::Result<()> {
    let Some(ToWorker::Hello(hello)) = read_frame(&mut input)? else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the parent did not say hello"));
    };
    let shared = Shared { out: Mutex::new(output), aborts: Mutex::default() };
    if let Err(error) = rustix::process::nice(hello.nice) {
        tracing::debug!(%error, "cannot lower the priority");
    }
    whisper_rs::install_logging_hooks();
    let begun = clock::tick();
    let context = match load(&hello) {
        Ok(context) => context,
        Err(message) => return shared.tell(&FromWorker::Broken { message }),
    };
    let load_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    shared.tell(&FromWorker::Ready { version: VERSION, load_ms })?;
    serve(input, &shared, &context, hello.slots.max(1))
}

fn load(hello: &Hello) -> Result<WhisperContext, String> {
    if hello.version != VERSION {
        return Err(format!("protocol version {} is not {VERSION}", hello.version));
    }
    let mut params = WhisperContextParameters::default();
    // On a processor flash attention is slower, and pads the sound with what stood there before.
    params.use_gpu(false).flash_attn(false);
    WhisperContext::new_with_params(&hello.model, params).map_err(|error| error.to_string())
}

fn serve<W: Write + Send>(
    mut input: impl Read,
    shared: &Shared<W>,
    context: &WhisperContext,
    slots: usize,
) -> io::Result<()> {
    let (give, take) = sync_channel::<Work>(slots);
    let take = Mutex::new(take);
    std::thread::scope(|threads| {
        for _ in 0..slots {
            threads.spawn(|| slot(&take, shared, context));
        }
        while let Some(message) = read_frame::<ToWorker>(&mut input)? {
            let work = match message {
                ToWorker::Transcribe(request) => Work::Transcribe(request),
                ToWorker::Detect(request) => Work::Detect(request),
                ToWorker::Cancel { id } => {
                    shared.abort(id);
                    continue;
                }
                ToWorker::Hello(_) => continue,
            };
            shared.aborts().insert(work.id(), Arc::default());
            if give.send(work).is_err() {
                break;
            }
        }
        shared.aborts().values().for_each(|flag| flag.store(true, Ordering::Relaxed));
        drop(give);
        Ok(())
    })
}

/// One slot: takes work until there is none to come.
fn slot<W: Write>(take: &Mutex<Receiver<Work>>, shared: &Shared<W>, context: &WhisperContext) {
    loop {
        let next = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        let id = work.id();
        let abort = shared.aborts().get(&id).cloned().unwrap_or_default();
        // A pipe that is broken is found with the answer.
        let tell = |text| drop(shared.tell(&FromWorker::Partial { id, text }));
        let answer = perform(work, context, &abort, &tell);
        shared.aborts().remove(&id);
        let answer = match answer {
            _ if abort.load(Ordering::Relaxed) => FromWorker::Cancelled { id },
            Ok(answer) => answer,
            Err(message) => FromWorker::Refused { id, message },
        };
        if shared.tell(&answer).is_err() {
            return;
        }
    }
}

fn perform(
    work: Work,
    context: &WhisperContext,
    abort: &AtomicBool,
    tell: &dyn Fn(String),
) -> Result<FromWorker, String> {
    let (id, begun) = (work.id(), clock::thread_cpu());
    let cpu_ms = || u64::try_from((clock::thread_cpu() - begun).as_millis()).unwrap_or(0);
    match work {
        Work::Transcribe(request) => {
            let pcm = read_pcm(&request.pcm, request.range)?;
            let segments = decode::transcribe(context, &request, &pcm, abort, tell)
                .map_err(|error| error.to_string())?;
            Ok(FromWorker::Heard { id, chunk: ChunkText { segments, cpu_ms: cpu_ms() } })
        }
        Work::Detect(request) => {
            if !context.is_multilingual() {
                return Ok(FromWorker::Detected { id, language: "en".into(), cpu_ms: 0 });
            }
            let end_sample =
                request.range.end_sample.min(request.range.start_sample + DETECT_SAMPLES);
            let pcm = read_pcm(&request.pcm, ChunkRange { end_sample, ..request.range })?;
            let language =
                decode::detect(context, &pcm, &request.among).map_err(|error| error.to_string())?;
            Ok(FromWorker::Detected { id, language, cpu_ms: cpu_ms() })
        }
    }
}

fn read_pcm(path: &Path, range: ChunkRange) -> Result<Vec<f32>, String> {
    if range.samples() == 0 || range.samples() > SAMPLES_MAX {
        return Err(format!("a chunk of {} samples", range.samples()));
    }
    let mut bytes = vec![0; range.samples() as usize * 2];
    File::open(path)
        .and_then(|file| file.read_exact_at(&mut bytes, range.start_sample * 2))
        .map_err(|error| format!("cannot read the decoded sound: {error}"))?;
    let (pairs, _) = bytes.as_chunks::<2>();
    Ok(pairs.iter().map(|pair| f32::from(i16::from_le_bytes(*pair)) / 32_768.0).collect())
}

impl Work {
    fn id(&self) -> u64 {
        match self {
            Self::Transcribe(request) => request.id,
            Self::Detect(request) => request.id,
        }
    }
}

impl<W: Write> Shared<W> {
    fn tell(&self, message: &FromWorker) -> io::Result<()> {
        write_frame(&mut *self.out.lock().unwrap_or_else(PoisonError::into_inner), message)
    }
}

impl<W> Shared<W> {
    fn aborts(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<AtomicBool>>> {
        self.aborts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn abort(&self, id: u64) {
        if let Some(flag) = self.aborts().get(&id) {
            flag.store(true, Ordering::Relaxed);
        }
    }
}
