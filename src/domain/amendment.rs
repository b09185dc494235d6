//! What a person changes of a job afterwards: its title and its tags, within the limits of an upload.

use super::options::{Fault, tag_faults};
use serde::Deserialize;
use utoipa::ToSchema;

pub const TITLE_CHARS_MAX: usize = 200;

/// What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Amendment {
    /// Takes the place of the note's title.
    #[schema(max_length = 200)]
    pub title: Option<String>,
    /// Take the place of all tags, those of the note as well.
    #[schema(max_items = 20)]
    pub tags: Option<Vec<String>>,
}

impl Amendment {
    /// Without spaces around the title, and each tag once.
    pub fn tidy(self) -> Self {
        let title = self.title.map(|title| title.trim().to_owned());
        let tags = self.tags.map(|tags| {
            let mut once: Vec<String> = Vec::new();
            for tag in tags {
                if !once.contains(&tag) {
                    once.push(tag);
                }
            }
            once
        });
        Self { title, tags }
    }

    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = tag_faults(self.tags.as_deref().unwrap_or_default());
        if let Some(title) = &self.title {
            let chars = title.chars().count();
            if chars == 0 || chars > TITLE_CHARS_MAX || title.contains(char::is_control) {
                let detail = format!("a title has 1 to {TITLE_CHARS_MAX} characters, on one line");
                faults.push(Fault { pointer: "/title".to_owned(), detail });
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_tags_keep_their_limits_and_are_tidied() {
        let pointers = |title: &str, tags: &[&str]| {
            let tags = Some(tags.iter().map(|&tag| tag.to_owned()).collect());
            let tidy = Amendment { title: Some(title.to_owned()), tags }.tidy();
            tidy.faults().into_iter().map(|fault| fault.pointer).collect::<Vec<_>>()
        };
        assert!(pointers(&"t".repeat(TITLE_CHARS_MAX), &["a", "b", "a"]).is_empty());
        assert_eq!(pointers(" ", &["a", "two words"]), ["/tags/1", "/title"]);
        assert_eq!(pointers(&"t".repeat(TITLE_CHARS_MAX + 1), &[]), ["/title"]);
        assert_eq!(pointers("two\nlines", &[""]), ["/tags/0", "/title"]);
        let tags = Some(["b", "a", "b"].map(str::to_owned).to_vec());
        let tidy = Amendment { title: Some(" Lunch ".to_owned()), tags }.tidy();
        assert_eq!(tidy.title.as_deref(), Some("Lunch"));
        assert_eq!(tidy.tags, Some(["b", "a"].map(str::to_owned).to_vec()));
    }
}
