//! What a form asks for, checked as a whole: options of a job, and the shape of the answer.

use super::form::Fields;
use super::refusal::Refusal;
use crate::actors::engine::{Installed, knows_language};
use crate::api::problem::Problem;
use crate::api::router::Api;
use crate::domain::options::{JobOptions, PROMPT_CHARS_MAX, Task, Temperature};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Text,
    Srt,
    Vtt,
    VerboseJson,
}

/// A call that can be answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// The model as the caller names it.
    pub model: String,
    pub format: Format,
    pub stream: bool,
    pub words: bool,
    pub segments: bool,
    pub logprobs: bool,
    pub options: JobOptions,
}

const FORMATS: &str = "'json', 'text', 'srt', 'verbose_json', 'vtt'";

pub fn read(fields: &Fields, task: Task) -> Result<Wish, Refusal> {
    let missing =
        || Refusal::of("model", "missing_required_parameter", "you must provide a model parameter");
    let model = fields.one("model").ok_or_else(missing)?.to_owned();
    let format = format(fields)?;
    let (words, segments) = granularities(fields, format)?;
    let logprobs = logprobs(fields, format)?;
    chunking(fields)?;
    speakers(fields)?;
    let stream = task == Task::Transcribe && is_true(fields.one("stream"))?;
    if stream && !matches!(format, Format::Json | Format::Text) {
        let message = "a stream carries plain text: use response_format 'json' or 'text' with it";
        return Err(Refusal::of("stream", "unsupported_value", message));
    }
    let verbose = format == Format::VerboseJson;
    let prompt = fields.one("prompt").map(last_of);
    let options = JobOptions {
        language: language(fields)?,
        languages: fields
            .all("languages")
            .map(|code| iso(code, "languages"))
            .collect::<Result<_, _>>()?,
        task,
        temperature: temperature(fields)?,
        initial_prompt: prompt,
        vocabulary: fields.all("keywords").map(str::to_owned).collect(),
        word_timestamps: words,
        tokens: logprobs || stream || (verbose && segments),
        note: false,
        ..JobOptions::default()
    };
    Ok(Wish { model, format, stream, words, segments, logprobs, options })
}

/// The model of a name: an installed one, or what an alias stands for. Fits the options to it.
pub fn resolve(api: &Api, wish: &mut Wish) -> Result<Installed, Refusal> {
    let config = api.engine.config();
    let find = |name: &str| api.engine.model(name).ok().flatten();
    let found = match find(&wish.model) {
        Some(installed) => {
            wish.options.model = Some(installed.name.clone());
            installed
        }
        None if config.openai.is_alias(&wish.model) => {
            let default = &config.whisper.model;
            let missing = || {
                Refusal::unknown_model(&format!(
                    "{}` ({default}), which is not installed, `diarist models pull {default}",
                    wish.model
                ))
            };
            find(default).ok_or_else(missing)?
        }
        None => return Err(Refusal::unknown_model(&wish.model)),
    };
    let options = &wish.options;
    let english = |code: &String| code == "en";
    let name = &found.name;
    if !found.multilingual && options.task == Task::Translate {
        let message = format!(
            "the model {name} knows English only and cannot translate; choose a multilingual one"
        );
        return Err(Refusal::of("model", "unsupported_value", message));
    }
    let foreign = !options.languages.is_empty() && !options.languages.iter().any(english);
    if !found.multilingual && (foreign || !matches!(options.language.as_str(), "auto" | "en")) {
        let param = if foreign { "languages" } else { "language" };
        let message = format!("the model {name} knows English only; choose a multilingual one");
        return Err(Refusal::of(param, "unsupported_value", message));
    }
    Ok(found)
}

fn format(fields: &Fields) -> Result<Format, Refusal> {
    Ok(match fields.one("response_format").unwrap_or("json") {
        "json" => Format::Json,
        "text" => Format::Text,
        "srt" => Format::Srt,
        "vtt" => Format::Vtt,
        "verbose_json" => Format::VerboseJson,
        "diarized_json" => {
            let message =
                format!("this server cannot tell speakers apart yet; use one of {FORMATS}");
            return Err(Refusal::of("response_format", "unsupported_value", message));
        }
        other => {
            let message = format!("Invalid value: '{other}'. Supported values are: {FORMATS}.");
            return Err(Refusal::of("response_format", "invalid_value", message));
        }
    })
}

/// Whether words, and whether segments are wanted.
fn granularities(fields: &Fields, format: Format) -> Result<(bool, bool), Refusal> {
    const NAME: &str = "timestamp_granularities";
    let (mut words, mut segments, mut any) = (false, false, false);
    for value in fields.all(NAME) {
        any = true;
        match value {
            "word" => words = true,
            "segment" => segments = true,
            other => {
                let message = format!(
                    "Invalid value: '{other}'. Supported values are: 'word' and 'segment'."
                );
                return Err(Refusal::of(NAME, "invalid_value", message));
            }
        }
    }
    if any && format != Format::VerboseJson {
        let message = "timestamp granularities are given with response_format 'verbose_json' only";
        return Err(Refusal::of(NAME, "unsupported_value", message));
    }
    Ok((words, segments || !any))
}

fn logprobs(fields: &Fields, format: Format) -> Result<bool, Refusal> {
    if let Some(other) = fields.all("include").find(|value| *value != "logprobs") {
        let message = format!("Invalid value: '{other}'. Supported values are: 'logprobs'.");
        return Err(Refusal::of("include", "invalid_value", message));
    }
    let wanted = fields.all("include").next().is_some();
    if wanted && format != Format::Json {
        let message = "logprobs are given with response_format 'json' only";
        return Err(Refusal::of("include", "unsupported_value", message));
    }
    Ok(wanted)
}

/// `auto`, or the settings of a detector of voice, as JSON or field by field. Only checked: this server
/// always cuts at pauses, and a chunk's text does not depend on who asks.
fn chunking(fields: &Fields) -> Result<(), Refusal> {
    const NAME: &str = "chunking_strategy";
    let refused = |message: String| Err(Refusal::of(NAME, "invalid_value", message));
    let mut settings: Vec<(String, String)> =
        fields.within(NAME).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    match fields.one(NAME) {
        None if settings.is_empty() => return Ok(()),
        Some("auto" | "null") => return Ok(()),
        Some(json) => match serde_json::from_str::<serde_json::Map<_, serde_json::Value>>(json) {
            Ok(object) => settings.extend(object.into_iter().map(|(key, value)| {
                let text = value.as_str().map(str::to_owned);
                (key, text.unwrap_or_else(|| value.to_string()))
            })),
            Err(_) => {
                return refused(format!(
                    "Invalid value: '{json}'. Use 'auto' or an object of type 'server_vad'."
                ));
            }
        },
        None => {}
    }
    if !settings.iter().any(|(key, value)| key == "type" && value == "server_vad") {
        return refused("the type of a chunking strategy is 'server_vad'".to_owned());
    }
    for (key, value) in &settings {
        let good = match key.as_str() {
            "threshold" => value.parse().is_ok_and(|share: f64| (0.0..=1.0).contains(&share)),
            "prefix_padding_ms" | "silence_duration_ms" => value.parse::<u32>().is_ok(),
            _ => true,
        };
        if !good {
            return refused(format!("Invalid value for {key}: '{value}'."));
        }
    }
    Ok(())
}

fn speakers(fields: &Fields) -> Result<(), Refusal> {
    for name in ["known_speaker_names", "known_speaker_references"] {
        if fields.all(name).next().is_some() {
            let message =
                "this server cannot tell speakers apart yet; leave the known speakers out";
            return Err(Refusal::of(name, "unsupported_parameter", message));
        }
    }
    Ok(())
}

fn language(fields: &Fields) -> Result<String, Refusal> {
    match fields.one("language") {
        None => Ok(JobOptions::default().language),
        Some("auto") => Ok("auto".to_owned()),
        Some(code) => iso(code, "language"),
    }
}

fn iso(code: &str, param: &str) -> Result<String, Refusal> {
    let lower = code.to_lowercase();
    if knows_language(&lower) {
        return Ok(lower);
    }
    let message = format!(
        "Invalid language '{code}'. Language parameter must be specified in ISO-639-1 format."
    );
    Err(Refusal::of(param, "invalid_language_format", message))
}

fn temperature(fields: &Fields) -> Result<Temperature, Refusal> {
    let Some(given) = fields.one("temperature") else { return Ok(Temperature::default()) };
    let read = given.parse::<f64>().ok().and_then(|value| Temperature::try_from(value).ok());
    read.ok_or_else(|| {
        let message = format!("Invalid value: '{given}'. The temperature is a number from 0 to 1.");
        Refusal::of("temperature", "invalid_value", message)
    })
}

fn is_true(value: Option<&str>) -> Result<bool, Refusal> {
    match value.map(str::to_lowercase).as_deref() {
        None | Some("false" | "0" | "null") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => {
            let message = format!("Invalid value: '{other}'. Use 'true' or 'false'.");
            Err(Refusal::of("stream", "invalid_value", message))
        }
    }
}

/// Whisper reads the end of a long prompt only, as OpenAI's server does.
fn last_of(prompt: &str) -> String {
    let excess = prompt.chars().count().saturating_sub(PROMPT_CHARS_MAX);
    prompt.chars().skip(excess).filter(|c| *c != '\0').collect()
}

impl Wish {
    /// Refuses whatever the options of a job forbid.
    pub fn check(&self) -> Result<(), Refusal> {
        use crate::api::problem::kinds::INVALID_OPTIONS;
        let faults = self.options.faults(knows_language);
        let Some(fault) = faults.first() else { return Ok(()) };
        let problem = Problem::new(&INVALID_OPTIONS, "the form cannot be used");
        Err(problem.error(&fault.pointer, &fault.detail).into())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn wish<const N: usize>(
        fields: [(&str, &str); N],
    ) -> Result<Wish, (Option<String>, Option<&'static str>)> {
        let mut all = Fields::from(fields);
        if all.one("model").is_none() {
            all = Fields::from([("model", "whisper-1")]).and(all);
        }
        read(&all, Task::Transcribe).map_err(|refusal| (refusal.param, refusal.code))
    }

    fn at<T>(param: &str, code: &'static str) -> Result<T, (Option<String>, Option<&'static str>)> {
        Err((Some(param.to_owned()), Some(code)))
    }

    #[test]
    fn what_is_asked_for_becomes_options_of_a_job() {
        let plain = wish([]).unwrap();
        assert_eq!((plain.format, plain.stream, plain.options.note), (Format::Json, false, false));
        let all = wish([
            ("language", "DE"),
            ("prompt", "Zoë"),
            ("keywords[]", "Tromsø"),
            ("temperature", "0.2"),
            ("stream", "True"),
            ("include[]", "logprobs"),
            ("vad_filter", "true"),
        ])
        .unwrap();
        assert!(all.stream && all.logprobs && all.options.tokens);
        assert_eq!(all.options.language, "de");
        assert_eq!(all.options.prompt().unwrap(), "Tromsø. Zoë");
        assert_eq!(f64::from(all.options.temperature), 0.2);
        let long = wish([("prompt", &"p".repeat(PROMPT_CHARS_MAX + 1))]).unwrap();
        assert!(long.check().is_ok());
    }

    #[test]
    fn granularities_give_words_or_segments_or_both_and_want_verbose_json() {
        let given = |values: &[&str]| {
            let mut fields = Fields::from([("model", "m"), ("response_format", "verbose_json")]);
            for value in values {
                fields = fields.and(Fields::from([("timestamp_granularities[]", *value)]));
            }
            let wish = read(&fields, Task::Transcribe).unwrap();
            (wish.words, wish.segments)
        };
        assert_eq!(given(&[]), (false, true));
        assert_eq!(given(&["segment"]), (false, true));
        assert_eq!(given(&["word"]), (true, false));
        assert_eq!(given(&["word", "segment"]), (true, true));
        let word = ("timestamp_granularities[]", "word");
        assert_eq!(wish([word]), at("timestamp_granularities", "unsupported_value"));
    }

    #[test]
    fn what_cannot_be_used_is_refused_at_its_field() {
        assert_eq!(wish([("response_format", "yaml")]), at("response_format", "invalid_value"));
        assert_eq!(
            wish([("response_format", "diarized_json")]),
            at("response_format", "unsupported_value")
        );
        assert_eq!(wish([("temperature", "1.01")]), at("temperature", "invalid_value"));
        assert_eq!(wish([("temperature", "warm")]), at("temperature", "invalid_value"));
        assert_eq!(wish([("language", "english-ish")]), at("language", "invalid_language_format"));
        assert_eq!(wish([("include[]", "pitch")]), at("include", "invalid_value"));
        assert_eq!(
            wish([("include[]", "logprobs"), ("response_format", "srt")]),
            at("include", "unsupported_value")
        );
        assert_eq!(
            wish([("stream", "true"), ("response_format", "srt")]),
            at("stream", "unsupported_value")
        );
        assert_eq!(wish([("stream", "maybe")]), at("stream", "invalid_value"));
        assert_eq!(
            wish([("known_speaker_names[]", "Zoë")]),
            at("known_speaker_names", "unsupported_parameter")
        );
        let none = read(&Fields::default(), Task::Transcribe)
            .map_err(|refusal| (refusal.param, refusal.code));
        assert_eq!(none, at("model", "missing_required_parameter"));
    }

    #[test]
    fn a_chunking_strategy_is_auto_or_a_detector_however_it_is_written() {
        let fields =
            [("chunking_strategy[type]", "server_vad"), ("chunking_strategy[threshold]", "0.5")];
        assert!(wish([("chunking_strategy", "auto")]).is_ok() && wish(fields).is_ok());
        assert!(
            wish([("chunking_strategy", r#"{"type":"server_vad","silence_duration_ms":200}"#)])
                .is_ok()
        );
        for bad in
            ["sometimes", "{}", r#"{"type":"other"}"#, r#"{"type":"server_vad","threshold":2}"#]
        {
            assert_eq!(
                wish([("chunking_strategy", bad)]),
                at("chunking_strategy", "invalid_value"),
                "{bad}"
            );
        }
    }
}
