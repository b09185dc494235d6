//! One chunk of sound to text: always the same text for the same samples and options.

use super::abort::full_unless_aborted;
use super::doubt;
use super::protocol::ChunkRequest;
use crate::domain::job::{SAMPLE_RATE_HZ, samples_to_ms};
use crate::domain::options::Task;
use crate::domain::transcript::{Segment, Word};
use std::sync::atomic::{AtomicBool, Ordering};
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperError, WhisperSegment};

/// Whisper's encoder makes 50 positions of each second, 1,500 of its full window of 30 s.
const POSITIONS_PER_SECOND: u64 = 50;
const POSITIONS_MAX: u64 = 1_500;
/// Positions beyond the end of the sound, so that the last word has its silence behind it.
const POSITIONS_MARGIN: u64 = 64;
/// A shorter window is quicker, but makes Whisper loop and lose words (docs/benchmarks.md).
const POSITIONS_MIN: u64 = 640;
/// whisper.cpp refuses sound under 100 ms and hears little under a second: such a chunk is padded.
const SAMPLES_MIN: usize = 17_600;

/// How one pass listens: the first is quick, the second is thorough.
#[derive(Clone, Copy, PartialEq)]
enum Care {
    /// A window that fits the sound, no random draws.
    Fitted,
    /// The full window, and whisper.cpp's own rise of temperature where it is unsure.
    Full,
}

/// Decodes `pcm`, which begins at `request.range.start_sample` of the recording.
///
/// Each pass has a fresh state: a used one keeps sound of earlier chunks in its padding, and random numbers.
pub fn transcribe(
    context: &WhisperContext,
    request: &ChunkRequest,
    mut pcm: Vec<f32>,
    abort: &AtomicBool,
) -> Result<Vec<Segment>, WhisperError> {
    if pcm.len() < SAMPLES_MIN {
        pcm.resize(SAMPLES_MIN, 0.0);
    }
    let quick = pass(context, request, &pcm, Care::Fitted, abort)?;
    if !doubt::in_doubt(&quick, request.range.duration_ms()) || abort.load(Ordering::Relaxed) {
        return Ok(quick);
    }
    pass(context, request, &pcm, Care::Full, abort)
}

/// The language of the beginning of `pcm`, as an ISO 639-1 code.
pub fn detect(context: &WhisperContext, pcm: &[f32]) -> Result<String, WhisperError> {
    let mut state = context.create_state()?;
    state.pcm_to_mel(pcm, 1)?;
    let (id, _probabilities) = state.lang_detect(0, 1)?;
    Ok(whisper_rs::get_lang_str(id).unwrap_or("en").to_owned())
}

fn pass(
    context: &WhisperContext,
    request: &ChunkRequest,
    pcm: &[f32],
    care: Care,
    abort: &AtomicBool,
) -> Result<Vec<Segment>, WhisperError> {
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    params.set_n_threads(1);
    params.set_no_context(true);
    params.set_language(Some(&request.language));
    params.set_translate(request.task == Task::Translate);
    params.set_token_timestamps(request.word_timestamps);
    if let Some(prompt) = &request.prompt {
        params.set_initial_prompt(prompt);
    }
    params.set_suppress_nst(true);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_timestamps(false);
    if care == Care::Fitted {
        params.set_temperature_inc(0.0);
        params.set_audio_ctx(positions(pcm.len()));
    }
    let mut state = context.create_state()?;
    full_unless_aborted(&mut state, params, pcm, abort)?;
    let heard = state.as_iter().map(|segment| to_segment(&segment, request));
    Ok(heard.filter(|segment| !doubt::is_silence(segment)).collect())
}

fn positions(samples: usize) -> i32 {
    let fitted = (samples as u64 * POSITIONS_PER_SECOND).div_ceil(SAMPLE_RATE_HZ);
    let padded = (fitted + POSITIONS_MARGIN).next_multiple_of(64);
    padded.clamp(POSITIONS_MIN, POSITIONS_MAX) as i32
}

fn to_segment(segment: &WhisperSegment<'_>, request: &ChunkRequest) -> Segment {
    let tokens: Vec<_> = (0..segment.n_tokens()).filter_map(|n| segment.get_token(n)).collect();
    let logprobs: Vec<f64> = tokens.iter().map(|t| f64::from(t.token_data().plog)).collect();
    let avg_logprob = match logprobs.len() {
        0 => 0.0,
        n => logprobs.iter().sum::<f64>() / n as f64,
    };
    let text = segment.to_str_lossy().map(|text| text.trim().to_owned()).unwrap_or_default();
    let translated = request.task == Task::Translate;
    Segment {
        id: 0,
        start_ms: in_recording(request, segment.start_timestamp()),
        end_ms: in_recording(request, segment.end_timestamp()),
        text,
        language: if translated { "en".to_owned() } else { request.language.clone() },
        avg_logprob: rounded(avg_logprob),
        no_speech_prob: rounded(f64::from(segment.no_speech_probability())),
        speaker: None,
        words: if request.word_timestamps { words(segment, request) } else { Vec::new() },
    }
}

/// Joins tokens to words: a word begins with a space, and a token may hold half a character.
fn words(segment: &WhisperSegment<'_>, request: &ChunkRequest) -> Vec<Word> {
    struct Open {
        bytes: Vec<u8>,
        start_ms: u64,
        end_ms: u64,
        probabilities: Vec<f64>,
    }
    let mut open: Vec<Open> = Vec::new();
    for token in (0..segment.n_tokens()).filter_map(|n| segment.get_token(n)) {
        let (data, bytes) = (token.token_data(), token.to_bytes().unwrap_or_default());
        if bytes.starts_with(b"[_") || bytes.starts_with(b"<|") {
            continue;
        }
        let (start_ms, end_ms) = (in_recording(request, data.t0), in_recording(request, data.t1));
        match open.last_mut() {
            Some(word) if !bytes.starts_with(b" ") => {
                word.bytes.extend_from_slice(bytes);
                word.end_ms = end_ms;
                word.probabilities.push(f64::from(data.p));
            }
            _ => open.push(Open {
                bytes: bytes.to_vec(),
                start_ms,
                end_ms,
                probabilities: vec![f64::from(data.p)],
            }),
        }
    }
    let mean = |of: &[f64]| rounded(of.iter().sum::<f64>() / of.len() as f64);
    let close = |word: Open| Word {
        text: String::from_utf8_lossy(&word.bytes).trim().to_owned(),
        start_ms: word.start_ms,
        end_ms: word.end_ms.max(word.start_ms),
        probability: mean(&word.probabilities),
    };
    open.into_iter().map(close).filter(|word| !word.text.is_empty()).collect()
}

/// A time of whisper.cpp, in hundredths of a second from the chunk's start, as one of the recording.
fn in_recording(request: &ChunkRequest, centiseconds: i64) -> u64 {
    let within = centiseconds.max(0).unsigned_abs() * 10;
    let range = request.range;
    samples_to_ms(range.start_sample) + within.min(range.duration_ms())
}

/// Four digits are all that these figures are good for, and they keep rows and events small.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
