//! One chunk of sound to text: always the same text for the same samples and options.

use super::apart::{self, Part};
use super::callbacks::full_unless_aborted;
use super::partial::Partial;
use super::protocol::ChunkRequest;
use super::{doubt, prompted, reading};
use crate::domain::job::SAMPLE_RATE_HZ;
use crate::domain::options::Task;
use crate::domain::transcript::Segment;
use std::sync::atomic::{AtomicBool, Ordering};
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperError};

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
    /// A window that fits the sound, no random draws but those that were asked for.
    Fitted,
    /// The full window, and whisper.cpp's own rise of temperature where it is unsure.
    Full,
}

/// Decodes `pcm`, which begins at `request.range.start_sample` of the recording.
///
/// A prompt makes Whisper skip what it has "heard" there already, or repeat it: the prompted text is kept
/// only where nothing is missing of the text without a prompt.
pub fn transcribe(
    context: &WhisperContext,
    request: &ChunkRequest,
    pcm: &[f32],
    abort: &AtomicBool,
    tell: &dyn Fn(String),
) -> Result<Vec<Segment>, WhisperError> {
    let listener = Listener { context, request, abort, tell };
    let whole = Part { pcm, range: request.range };
    let plain = listener.hear(whole, None)?;
    let Some(prompt) = request.prompt.as_deref().filter(|_| !listener.is_aborted()) else {
        return Ok(plain);
    };
    let told = listener.hear(whole, Some(prompt))?;
    Ok(if prompted::is_faithful(&told, &plain, prompt) { told } else { plain })
}

/// The language of the beginning of `pcm`, as an ISO 639-1 code; the likeliest of `among`, where given.
pub fn detect(
    context: &WhisperContext,
    pcm: &[f32],
    among: &[String],
) -> Result<String, WhisperError> {
    let mut state = context.create_state()?;
    state.pcm_to_mel(pcm, 1)?;
    let (id, probabilities) = state.lang_detect(0, 1)?;
    let likely = |code: &String| {
        let id = whisper_rs::get_lang_id(code).and_then(|id| usize::try_from(id).ok());
        id.and_then(|id| probabilities.get(id).copied()).unwrap_or(0.0)
    };
    let best = among.iter().max_by(|a, b| likely(a).total_cmp(&likely(b)));
    Ok(match best {
        Some(code) => code.clone(),
        None => whisper_rs::get_lang_str(id).unwrap_or("en").to_owned(),
    })
}

struct Listener<'a> {
    context: &'a WhisperContext,
    request: &'a ChunkRequest,
    abort: &'a AtomicBool,
    tell: &'a dyn Fn(String),
}

impl Listener<'_> {
    fn is_aborted(&self) -> bool {
        self.abort.load(Ordering::Relaxed)
    }

    /// Quickly at first. Where the text may be a phrase that was spoken again and again, phrase by phrase;
    /// where it may be invented or lost, thoroughly.
    fn hear(&self, sound: Part<'_>, prompt: Option<&str>) -> Result<Vec<Segment>, WhisperError> {
        let quick = self.pass(sound, prompt, Care::Fitted)?;
        let spoken = apart::spoken(sound);
        let may_repeat = doubt::may_repeat(&quick, spoken.duration_ms);
        if may_repeat && let Some(refrain) = self.hear_apart(&spoken.parts, prompt)? {
            return Ok(refrain);
        }
        let doubtful = may_repeat || doubt::in_doubt(&quick, sound.range.duration_ms());
        if !doubtful || self.is_aborted() {
            return Ok(quick);
        }
        let full = self.pass(sound, prompt, Care::Full)?;
        if !may_repeat
            && doubt::may_repeat(&full, spoken.duration_ms)
            && let Some(refrain) = self.hear_apart(&spoken.parts, prompt)?
        {
            return Ok(refrain);
        }
        Ok(full)
    }

    /// The text of the parts, if it turns out to be a refrain: no loop of the decoder reaches over from one
    /// part to the next, so what repeats itself there was spoken so.
    fn hear_apart(
        &self,
        parts: &[Part<'_>],
        prompt: Option<&str>,
    ) -> Result<Option<Vec<Segment>>, WhisperError> {
        let mut heard = Vec::new();
        for part in parts.iter().filter(|_| parts.len() > 1) {
            if self.is_aborted() {
                return Ok(None);
            }
            let mut segments = self.pass(*part, prompt, Care::Fitted)?;
            if doubt::in_doubt(&segments, part.range.duration_ms()) {
                segments = self.pass(*part, prompt, Care::Full)?;
            }
            heard.push(segments);
        }
        Ok(doubt::is_refrain(&heard).then(|| heard.into_iter().flatten().collect()))
    }

    /// Each pass has a fresh state: a used one keeps sound of earlier chunks in its padding, and random
    /// numbers.
    fn pass(
        &self,
        sound: Part<'_>,
        prompt: Option<&str>,
        care: Care,
    ) -> Result<Vec<Segment>, WhisperError> {
        let request = self.request;
        let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        params.set_no_context(true);
        params.set_language(Some(&request.language));
        params.set_translate(request.task == Task::Translate);
        params.set_token_timestamps(request.word_timestamps);
        params.set_temperature(f64::from(request.temperature) as f32);
        if let Some(prompt) = prompt {
            params.set_initial_prompt(prompt);
        }
        params.set_suppress_nst(true);
        params.set_print_progress(false);
        params.set_print_realtime(false);
        params.set_print_timestamps(false);
        let mut pcm = std::borrow::Cow::Borrowed(sound.pcm);
        if pcm.len() < SAMPLES_MIN {
            pcm.to_mut().resize(SAMPLES_MIN, 0.0);
        }
        if care == Care::Fitted {
            params.set_temperature_inc(0.0);
            params.set_audio_ctx(positions(pcm.len()));
        }
        let mut state = self.context.create_state()?;
        // What is heard a second time, or in parts, is told when it is done.
        let is_first = care == Care::Fitted && sound.range == request.range;
        let mut partial = is_first.then(|| Partial::new(self.context, self.tell));
        full_unless_aborted(&mut state, params, &pcm, self.abort, |tokens| {
            partial.iter_mut().for_each(|partial| partial.step(tokens));
        })?;
        let end_of_text = self.context.token_eot();
        let segments = reading::segments(&state, request, sound.range, end_of_text);
        Ok(segments.into_iter().filter(|segment| !doubt::is_silence(segment)).collect())
    }
}

fn positions(samples: usize) -> i32 {
    let fitted = (samples as u64 * POSITIONS_PER_SECOND).div_ceil(SAMPLE_RATE_HZ);
    let padded = (fitted + POSITIONS_MARGIN).next_multiple_of(64);
    padded.clamp(POSITIONS_MIN, POSITIONS_MAX) as i32
}
