//! What a person may ask of a job, checked as a whole before anything is stored.

use super::Timestamp;
use chrono::{DateTime, Datelike, FixedOffset};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The `options` of an upload. Whatever is left out takes the server's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobOptions {
    /// ISO 639-1 code, or `auto` to let Whisper listen for it.
    pub language: String,
    /// Name of an installed model; the server's default where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    pub task: Task,
    pub word_timestamps: bool,
    /// Languages that may be spoken, as ISO 639-1 codes: where `language` is `auto`, the likeliest of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// 0 takes the likeliest word each time; up to 1 the draw is freer, and the same every time.
    #[serde(skip_serializing_if = "Temperature::is_zero")]
    pub temperature: Temperature,
    /// Keeps each token with its log probability in the transcript.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tokens: bool,
    /// Text that Whisper takes for what was said before: names, spelling and style follow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_prompt: Option<String>,
    /// Names and terms that may be spoken, as they are written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vocabulary: Vec<String>,
    /// Whether to compose a diary note from the transcript.
    pub note: bool,
    pub priority: Priority,
    pub tags: Vec<String>,
    /// When the memo was spoken, with the speaker's offset; found in the file where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_at: Option<DateTime<FixedOffset>>,
    /// Not to be worked on before then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_at: Option<DateTime<FixedOffset>>,
    /// Makes a new job even where the same upload has been done before.
    pub force: bool,
}

impl Default for JobOptions {
    fn default() -> Self {
        Self {
            language: "auto".to_owned(),
            model: None,
            task: Task::Transcribe,
            word_timestamps: false,
            languages: Vec::new(),
            temperature: Temperature::default(),
            tokens: false,
            initial_prompt: None,
            vocabulary: Vec::new(),
            note: true,
            priority: Priority::Normal,
            tags: Vec::new(),
            recorded_at: None,
            run_at: None,
            force: false,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    #[default]
    Transcribe,
    /// Whisper's own translation into English.
    Translate,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    High,
    #[default]
    Normal,
    Low,
}

impl Priority {
    /// Smaller is sooner: the order of the queue.
    pub fn rank(self) -> i64 {
        match self {
            Self::High => 0,
            Self::Normal => 1,
            Self::Low => 2,
        }
    }
}

/// How freely Whisper draws its words, from 0 to 1, in thousandths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "f64", into = "f64")]
#[schema(value_type = f64, minimum = 0, maximum = 1)]
pub struct Temperature(u16);

impl Temperature {
    pub fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl TryFrom<f64> for Temperature {
    type Error = &'static str;

    fn try_from(value: f64) -> Result<Self, Self::Error> {
        // No number at all is in no range.
        let fits = (0.0..=1.0).contains(&value);
        if fits { Ok(Self((value * 1_000.0).round() as u16)) } else { Err("must be from 0 to 1") }
    }
}

impl From<Temperature> for f64 {
    fn from(temperature: Temperature) -> Self {
        Self::from(temperature.0) / 1_000.0
    }
}

/// One fault of the options, with a JSON pointer to its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    pub pointer: String,
    pub detail: String,
}

/// At most this many tags, and at most this many characters in each.
pub const TAGS_MAX: usize = 20;
pub const TAG_CHARS_MAX: usize = 50;

/// RFC 3339 has no later one.
pub const RUN_AT_YEAR_MAX: i32 = 9_999;

/// Whisper keeps the last 224 tokens of a prompt; what is longer than this was given by mistake.
pub const PROMPT_CHARS_MAX: usize = 4_000;
pub const VOCABULARY_MAX: usize = 200;
pub const TERM_CHARS_MAX: usize = 100;

impl JobOptions {
    /// When its turn can come at the earliest, seen from `now`.
    pub fn not_before(&self, now: Timestamp) -> Timestamp {
        self.run_at.map_or(now, |at| at.to_utc().max(now))
    }

    /// What Whisper is told before it listens: the terms, then the person's own words.
    pub fn prompt(&self) -> Option<String> {
        let terms = self.vocabulary.join(", ");
        let own = self.initial_prompt.as_deref().unwrap_or_default().trim();
        let prompt = match (terms.is_empty(), own.is_empty()) {
            (true, true) => return None,
            (true, false) => own.to_owned(),
            (false, true) => format!("{terms}."),
            (false, false) => format!("{terms}. {own}"),
        };
        Some(prompt)
    }

    /// All faults at once; `languages` are the codes that Whisper knows.
    pub fn faults(&self, languages: impl Fn(&str) -> bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |pointer: String, detail: String| faults.push(Fault { pointer, detail });
        if self.language != "auto" && !languages(&self.language) {
            let code = &self.language;
            let detail =
                format!("`{code}` is no language of Whisper; give a code such as `en`, or `auto`");
            fault("/language".into(), detail);
        }
        for (index, code) in self.languages.iter().enumerate().filter(|(_, code)| !languages(code))
        {
            let detail = format!("`{code}` is no language of Whisper; give a code such as `en`");
            fault(format!("/languages/{index}"), detail);
        }
        for Fault { pointer, detail } in tag_faults(&self.tags) {
            fault(pointer, detail);
        }
        if self.run_at.is_some_and(|at| at.year() > RUN_AT_YEAR_MAX) {
            fault("/run_at".into(), format!("no later than the year {RUN_AT_YEAR_MAX}"));
        }
        let prompt = self.initial_prompt.as_deref().unwrap_or_default();
        if prompt.chars().count() > PROMPT_CHARS_MAX || prompt.contains('\0') {
            let detail = format!("at most {PROMPT_CHARS_MAX} characters of text");
            fault("/initial_prompt".into(), detail);
        }
        if self.vocabulary.len() > VOCABULARY_MAX {
            fault("/vocabulary".into(), format!("more than {VOCABULARY_MAX} terms"));
        }
        for (index, term) in self.vocabulary.iter().enumerate() {
            let chars = term.chars().count();
            if chars == 0 || chars > TERM_CHARS_MAX || term.contains(char::is_control) {
                let detail = format!("a term has 1 to {TERM_CHARS_MAX} characters, on one line");
                fault(format!("/vocabulary/{index}"), detail);
            }
        }
        faults
    }
}

/// All faults of tags at once.
pub fn tag_faults(tags: &[String]) -> Vec<Fault> {
    let mut faults = Vec::new();
    if tags.len() > TAGS_MAX {
        let detail = format!("more than {TAGS_MAX} tags");
        faults.push(Fault { pointer: "/tags".to_owned(), detail });
    }
    for (index, tag) in tags.iter().enumerate() {
        let chars = tag.chars().count();
        let odd = |c: char| c.is_whitespace() || c.is_control() || c == ',' || c == '#';
        if chars == 0 || chars > TAG_CHARS_MAX || tag.contains(odd) {
            let detail =
                format!("a tag has 1 to {TAG_CHARS_MAX} characters, without spaces, commas or `#`");
            faults.push(Fault { pointer: format!("/tags/{index}"), detail });
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn what_is_left_out_takes_its_default_and_what_is_unknown_is_refused() {
        let options: JobOptions = serde_json::from_str(r#"{"language":"de"}"#).unwrap();
        assert_eq!(options, JobOptions { language: "de".into(), ..JobOptions::default() });
        let refused = serde_json::from_str::<JobOptions>(r#"{"diarise":true}"#).unwrap_err();
        assert!(refused.to_string().contains("unknown field `diarise`"), "{refused}");
    }

    #[test]
    fn all_faults_are_told_at_once_and_limits_hold_at_their_edge() {
        let mut options = JobOptions {
            language: "xx".into(),
            tags: vec!["t".repeat(TAG_CHARS_MAX); TAGS_MAX],
            ..JobOptions::default()
        };
        let pointers = |o: &JobOptions| {
            o.faults(|code| code == "en").into_iter().map(|f| f.pointer).collect::<Vec<_>>()
        };
        assert_eq!(pointers(&options), ["/language"]);
        options.tags.push("two words".into());
        assert_eq!(pointers(&options), ["/language", "/tags", "/tags/20"]);
        options.tags = vec!["t".repeat(TAG_CHARS_MAX + 1)];
        assert_eq!(pointers(&options), ["/language", "/tags/0"]);
        let mut options = JobOptions {
            initial_prompt: Some("p".repeat(PROMPT_CHARS_MAX)),
            vocabulary: vec!["t".repeat(TERM_CHARS_MAX); VOCABULARY_MAX],
            ..JobOptions::default()
        };
        assert!(pointers(&options).is_empty());
        options.vocabulary.push(String::new());
        options.initial_prompt = Some("p".repeat(PROMPT_CHARS_MAX + 1));
        assert_eq!(pointers(&options), ["/initial_prompt", "/vocabulary", "/vocabulary/200"]);
    }

    #[test]
    fn a_temperature_is_from_0_to_1() {
        for (given, kept) in [("0", 0.0), ("0.2", 0.2), ("1", 1.0), ("1.0", 1.0)] {
            let temperature: Temperature = serde_json::from_str(given).unwrap();
            assert_eq!(f64::from(temperature), kept);
        }
        for bad in ["-0.1", "1.01", "\"0.5\"", "null"] {
            assert!(serde_json::from_str::<Temperature>(bad).is_err(), "{bad}");
        }
        assert!(Temperature::try_from(f64::NAN).is_err());
        let plain = serde_json::to_value(JobOptions::default()).unwrap();
        assert!(plain.get("temperature").is_none() && plain.get("tokens").is_none());
    }

    #[test]
    fn terms_and_a_prompt_become_one_text_and_none_stays_none() {
        let told = |terms: &[&str], own: &str| {
            let vocabulary = terms.iter().map(|&term| term.to_owned()).collect();
            let initial_prompt = Some(own.to_owned());
            JobOptions { vocabulary, initial_prompt, ..JobOptions::default() }.prompt()
        };
        assert_eq!(told(&[], " "), None);
        assert_eq!(told(&["Zoë", "Tromsø"], "").unwrap(), "Zoë, Tromsø.");
        assert_eq!(told(&["Zoë"], "Hello. ").unwrap(), "Zoë. Hello.");
    }
}
