//! The same recording once more, heard in another way.

use super::options::{JobOptions, Task};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be different. Whatever is left out stays as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rerun {
    /// Name of an installed model.
    pub model: Option<String>,
    /// ISO 639-1 code, or `auto` to let Whisper listen for it.
    pub language: Option<String>,
    pub task: Option<Task>,
    pub word_timestamps: Option<bool>,
}

impl Rerun {
    /// The options of the new job; `model` is what the old one was heard with.
    pub fn of(self, old: &JobOptions, model: &str) -> JobOptions {
        JobOptions {
            model: Some(self.model.unwrap_or_else(|| model.to_owned())),
            language: self.language.unwrap_or_else(|| old.language.clone()),
            task: self.task.unwrap_or(old.task),
            word_timestamps: self.word_timestamps.unwrap_or(old.word_timestamps),
            run_at: None,
            force: false,
            ..old.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_stays_as_it_was() {
        let old = JobOptions {
            language: "de".to_owned(),
            tags: vec!["family".to_owned()],
            force: true,
            ..JobOptions::default()
        };
        let same = JobOptions { model: Some("base".to_owned()), force: false, ..old.clone() };
        assert_eq!(Rerun::default().of(&old, "base"), same);
        let other = Rerun {
            model: Some("small".to_owned()),
            word_timestamps: Some(true),
            ..Rerun::default()
        };
        let told = other.of(&old, "base");
        assert_eq!((told.model.as_deref(), told.word_timestamps), (Some("small"), true));
        assert_eq!((told.language, told.tags), (old.language, old.tags));
    }
}
