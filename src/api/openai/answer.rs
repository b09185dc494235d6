//! What OpenAI's clients read: text, captions, and JSON short or verbose.

use super::refusal::Refusal;
use super::wish::{Format, Wish};
use crate::actors::engine::language_name;
use crate::api::router::Api;
use crate::domain::captions;
use crate::domain::job::Job;
use crate::domain::options::Task;
use crate::domain::transcript::{Segment, Token, Transcript};
use crate::store::{chunks, transcripts};
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::Serialize;
use std::io::Write;
use utoipa::ToSchema;

/// A window of Whisper moves in steps of 10 ms.
const SAMPLES_PER_STEP: u64 = 160;
/// Positions that Whisper's encoder makes of a second of sound.
const AUDIO_TOKENS_PER_SECOND: u64 = 50;

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiTranscription)]
pub struct TextView {
    pub text: String,
    /// The language that was heard, for the model `gpt-transcribe`; empty where nobody spoke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub languages: Option<Vec<LanguageView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Vec<LogprobView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<UsageView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiLanguage)]
pub struct LanguageView {
    pub code: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = OpenAiLogprob)]
pub struct LogprobView {
    pub token: String,
    pub bytes: Vec<u8>,
    pub logprob: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = OpenAiUsage)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum UsageView {
    Duration {
        seconds: f64,
    },
    Tokens {
        input_tokens: u64,
        output_tokens: u64,
        total_tokens: u64,
        input_token_details: InputView,
    },
}

/// The sound alone: a prompt costs nothing here.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = OpenAiInputTokens)]
pub struct InputView {
    pub audio_tokens: u64,
    pub text_tokens: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiVerboseTranscription)]
pub struct VerboseView {
    pub task: Task,
    /// In English, such as `english`.
    pub language: String,
    pub duration: f64,
    pub text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segments: Option<Vec<SegmentView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<Vec<WordView>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<UsageView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiSegment)]
pub struct SegmentView {
    pub id: u32,
    pub seek: u64,
    pub start: f64,
    pub end: f64,
    pub text: String,
    pub tokens: Vec<i32>,
    pub temperature: f64,
    pub avg_logprob: f64,
    pub compression_ratio: f64,
    pub no_speech_prob: f64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenAiWord)]
pub struct WordView {
    pub word: String,
    pub start: f64,
    pub end: f64,
}

/// The answer to a call whose job is done.
pub async fn answer(api: &Api, job: &Job, wish: &Wish) -> Result<Response, Refusal> {
    let transcript = transcripts::heard(api.engine.store(), job).await?;
    Ok(match wish.format {
        Format::Json => Json(text_view(job, wish, transcript)).into_response(),
        Format::VerboseJson => {
            Json(verbose_view(api, job, wish, transcript).await?).into_response()
        }
        Format::Text => plain(transcript.text + "\n"),
        Format::Srt => plain(captions::srt(&transcript)),
        Format::Vtt => plain(captions::vtt(&transcript)),
    })
}

/// OpenAI calls captions plain text as well.
fn plain(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

fn text_view(job: &Job, wish: &Wish, transcript: Transcript) -> TextView {
    if wish.options.task == Task::Translate {
        return TextView { text: transcript.text, languages: None, logprobs: None, usage: None };
    }
    let languages = languages(wish, &transcript.segments);
    let logprobs = wish.logprobs.then(|| logprobs(&transcript.segments, true));
    let seconds = seconds(job.audio.duration_ms.unwrap_or(0));
    let usage = Some(UsageView::Duration { seconds });
    TextView { text: transcript.text, languages, logprobs, usage }
}

/// Only `gpt-transcribe` names the languages.
pub fn languages(wish: &Wish, segments: &[Segment]) -> Option<Vec<LanguageView>> {
    let mut codes: Vec<String> = segments.iter().map(|segment| segment.language.clone()).collect();
    codes.dedup();
    let views = codes.into_iter().map(|code| LanguageView { code }).collect();
    (wish.model == "gpt-transcribe").then_some(views)
}

/// The tokens of segments as they stand in the text: joined, they are the text.
pub fn logprobs(segments: &[Segment], at_start: bool) -> Vec<LogprobView> {
    let tokens = segments.iter().flat_map(|segment| &segment.tokens);
    let mut views: Vec<LogprobView> = tokens.map(logprob).collect();
    if let Some(first) = views.first_mut().filter(|_| at_start)
        && let Some(rest) = first.token.strip_prefix(' ')
    {
        first.token = rest.to_owned();
        first.bytes.remove(0);
    }
    views
}

fn logprob(token: &Token) -> LogprobView {
    let text = String::from_utf8_lossy(&token.bytes).into_owned();
    LogprobView { token: text, bytes: token.bytes.clone(), logprob: token.logprob }
}

/// What a stream says at its end: its type there is tokens, whatever the model.
pub fn usage_in_tokens(job: &Job, segments: &[Segment]) -> UsageView {
    let duration_ms = job.audio.duration_ms.unwrap_or(0);
    let audio_tokens = (duration_ms * AUDIO_TOKENS_PER_SECOND).div_ceil(1_000);
    let output_tokens = segments.iter().map(|segment| segment.tokens.len() as u64).sum();
    UsageView::Tokens {
        input_tokens: audio_tokens,
        output_tokens,
        total_tokens: audio_tokens + output_tokens,
        input_token_details: InputView { audio_tokens, text_tokens: 0 },
    }
}

async fn verbose_view(
    api: &Api,
    job: &Job,
    wish: &Wish,
    transcript: Transcript,
) -> Result<VerboseView, Refusal> {
    let translated = wish.options.task == Task::Translate;
    let heard = job
        .language
        .as_deref()
        .or_else(|| transcript.segments.first().map(|segment| segment.language.as_str()));
    let code = if translated { Some("en") } else { heard };
    let language = code.and_then(language_name).unwrap_or("english").to_owned();
    let chunks = chunks::list(api.engine.store(), &job.tenant, job.id).await?;
    let steps = chunks.iter().flat_map(|chunk| {
        let step = chunk.range.start_sample / SAMPLES_PER_STEP;
        chunk.segments.iter().flatten().map(move |_| step)
    });
    let temperature = f64::from(wish.options.temperature);
    let segments = transcript.segments.iter().zip(steps);
    let segments = segments.map(|(segment, seek)| segment_view(segment, seek, temperature));
    let words = transcript.segments.iter().flat_map(|segment| &segment.words);
    let words = words.map(|word| WordView {
        word: word.text.clone(),
        start: seconds(word.start_ms),
        end: seconds(word.end_ms),
    });
    let duration = seconds(job.audio.duration_ms.unwrap_or(0));
    Ok(VerboseView {
        task: wish.options.task,
        language,
        duration,
        segments: wish.segments.then(|| segments.collect()),
        words: wish.words.then(|| words.collect()),
        usage: (!translated).then_some(UsageView::Duration { seconds: duration }),
        text: transcript.text,
    })
}

fn segment_view(segment: &Segment, seek: u64, temperature: f64) -> SegmentView {
    SegmentView {
        id: segment.id,
        seek,
        start: seconds(segment.start_ms),
        end: seconds(segment.end_ms),
        // As OpenAI has it: the texts of all segments, joined, are the text.
        text: format!(" {}", segment.text),
        tokens: segment.tokens.iter().map(|token| token.id).collect(),
        temperature,
        avg_logprob: segment.avg_logprob,
        compression_ratio: compression_ratio(&segment.text),
        no_speech_prob: segment.no_speech_prob,
    }
}

/// How much shorter zlib makes a text: a loop is far above a manner of speaking.
fn compression_ratio(text: &str) -> f64 {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    let packed = zlib.write_all(text.as_bytes()).and_then(|()| zlib.finish());
    packed.map_or(1.0, |packed| text.len() as f64 / packed.len().max(1) as f64)
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_is_told_by_its_compression() {
        assert!(compression_ratio("He was not an ill-disposed young man.") < 1.2);
        assert!(compression_ratio(&"I know. ".repeat(30)) > 2.4);
        assert!(compression_ratio("").abs() < f64::EPSILON);
    }

    #[test]
    fn the_first_token_of_a_text_has_no_space_before_it() {
        let token = |text: &str| Token { id: 1, logprob: -0.1, bytes: text.as_bytes().to_vec() };
        let segments =
            [Segment { tokens: vec![token(" And"), token(" so")], ..Segment::default() }];
        let joined = |at_start| {
            logprobs(&segments, at_start).iter().map(|view| view.token.clone()).collect::<String>()
        };
        assert_eq!((joined(true).as_str(), joined(false).as_str()), ("And so", " And so"));
    }
}
