//! `[openai]`: under which names OpenAI's clients find the server's own model.

use super::faults::Faults;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenAiConfig {
    pub aliases: Vec<String>,
}

impl OpenAiConfig {
    /// Whether this name stands for the model of `whisper.model`.
    pub fn is_alias(&self, name: &str) -> bool {
        self.aliases.iter().any(|alias| alias == name)
    }

    pub(super) fn validate(&self, faults: &mut Faults) {
        for alias in &self.aliases {
            let plain =
                !alias.is_empty() && !alias.contains(|c: char| c.is_whitespace() || c == '/');
            let reason = "a name has at least one character, and neither spaces nor `/`";
            faults.check(plain, "openai.aliases", alias, reason);
        }
    }
}
