//! What a call costs, by a list that came with this version or one of the person's own.

use crate::domain::llm::{Price, ProviderId, Usage};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const BUILT_IN: &str = include_str!("../../../config/prices.toml");

/// By provider, then by model.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct PriceList(BTreeMap<String, BTreeMap<String, Price>>);

#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    #[error("cannot read the price list {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the price list {} is no list of prices", path.display())]
    Parse { path: PathBuf, source: Box<toml::de::Error> },
}

impl PriceList {
    /// The list in a file, or the built-in one where no file is named.
    pub fn load(path: &Path) -> Result<Self, PriceError> {
        let text = match path.as_os_str().is_empty() {
            true => BUILT_IN.to_owned(),
            false => std::fs::read_to_string(path)
                .map_err(|source| PriceError::Read { path: path.to_owned(), source })?,
        };
        toml::from_str(&text)
            .map_err(|source| PriceError::Parse { path: path.to_owned(), source: Box::new(source) })
    }

    /// `None` where the price is not known: that is not the same as nothing.
    pub fn cost(&self, provider: ProviderId, model: &str, usage: Usage) -> Option<i64> {
        if provider == ProviderId::Local {
            return Some(0);
        }
        let models = self.0.get(provider.as_str())?;
        models.get(model).or_else(|| models.get(undated(model))).map(|price| price.of(usage))
    }
}

/// `gpt-5.4-mini-2026-03-17` and `claude-haiku-4-5-20251001` cost what their family costs.
fn undated(model: &str) -> &str {
    for length in [11, 9] {
        let Some(at) = model.len().checked_sub(length).filter(|at| model.is_char_boundary(*at))
        else {
            continue;
        };
        let (family, tail) = model.split_at(at);
        let digits = tail.chars().filter(char::is_ascii_digit).count();
        if tail.starts_with('-')
            && digits == 8
            && tail.chars().all(|c| c == '-' || c.is_ascii_digit())
        {
            return family;
        }
    }
    model
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    const USAGE: Usage = Usage { input_tokens: 1_000, output_tokens: 100 };

    #[test]
    fn a_known_model_has_a_cost_and_an_unknown_one_has_none() {
        let prices = PriceList::load(Path::new("")).unwrap();
        let cost = |provider, model| prices.cost(provider, model, USAGE);
        assert_eq!(cost(ProviderId::Anthropic, "claude-haiku-4-5"), Some(1_500));
        assert_eq!(cost(ProviderId::Anthropic, "claude-haiku-4-5-20251001"), Some(1_500));
        assert_eq!(cost(ProviderId::Openai, "gpt-5.4-mini-2026-03-17"), Some(1_200));
        assert_eq!(cost(ProviderId::Openai, "gpt-5.4-minimal"), None);
        assert_eq!(cost(ProviderId::Local, "anything"), Some(0));
    }

    #[test]
    fn a_list_of_ones_own_takes_the_place_of_ours() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("prices.toml");
        std::fs::write(&path, "[openai]\nmine = { input = 1_000_000, output = 0 }\n").unwrap();
        let prices = PriceList::load(&path).unwrap();
        assert_eq!(prices.cost(ProviderId::Openai, "mine", USAGE), Some(1_000));
        assert_eq!(prices.cost(ProviderId::Openai, "gpt-5.4-mini", USAGE), None);
        std::fs::write(&path, "[openai]\nmine = 3\n").unwrap();
        assert!(PriceList::load(&path).is_err());
        assert!(PriceList::load(&dir.path().join("none")).is_err());
    }
}
