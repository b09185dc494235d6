//! The models that Diarist knows by name, and where each can be had.

use serde::{Deserialize, Serialize};

use super::error::ModelError;
use super::library::check_name;
use super::quantization::Quantize;

const BUILTIN: &str = include_str!("../../../config/models.toml");

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    #[serde(rename = "model")]
    pub models: Vec<ModelEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    pub name: String,
    /// What it is and whom it suits, in words.
    pub family: String,
    /// Size on disk once installed.
    pub bytes: u64,
    /// Estimate of the memory of a worker that has it loaded and runs two slots.
    pub ram_bytes: u64,
    /// Processor milliseconds that a second of speech takes, on a machine of today.
    pub cpu_ms_per_s: u32,
    pub languages: Languages,
    pub quantize: Quantize,
    /// Tried in this order.
    #[serde(rename = "source")]
    pub sources: Vec<ModelSource>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Languages {
    /// English only, and better at it than a multilingual model of the same size.
    En,
    Multilingual,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ModelSource {
    Hub(HubFile),
    Packages(Packages),
}

/// One ggml file behind a URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubFile {
    pub url: String,
    pub bytes: u64,
    pub sha256: String,
}

/// A CTranslate2 model in Python packages, cut into parts where it was too large for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    /// Of the joined `model.bin`.
    pub bytes: u64,
    pub sha256: String,
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub wheel_bytes: u64,
    pub wheel_sha256: String,
    /// The member that holds `model.bin` or the next part of it.
    pub part: String,
    /// The member that holds `tokenizer.json`, in one of the packages.
    pub tokenizer: Option<String>,
}

impl Catalog {
    /// Reads the list that is compiled into the program.
    pub fn builtin() -> Result<Self, ModelError> {
        Self::parse(BUILTIN)
    }

    pub fn find(&self, name: &str) -> Result<&ModelEntry, ModelError> {
        let unknown = || ModelError::UnknownModel { name: name.to_owned(), known: self.names() };
        self.models.iter().find(|model| model.name == name).ok_or_else(unknown)
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.models.iter().map(|model| model.name.as_str()).collect();
        names.join(", ")
    }

    fn parse(text: &str) -> Result<Self, ModelError> {
        let catalog: Self =
            toml::from_str(text).map_err(|source| ModelError::ReadCatalog { source })?;
        for (index, model) in catalog.models.iter().enumerate() {
            check_name(&model.name)?;
            let twice = catalog.models[..index].iter().any(|other| other.name == model.name);
            if twice || model.sources.is_empty() {
                let reason = format!("`{}` stands there twice or has no source", model.name);
                return Err(ModelError::WrongCatalog { reason });
            }
            model.sources.iter().try_for_each(|source| source.check(&model.name))?;
        }
        Ok(catalog)
    }
}

impl ModelEntry {
    pub fn is_multilingual(&self) -> bool {
        self.languages == Languages::Multilingual
    }

    /// What the first source sends.
    pub fn download_bytes(&self) -> u64 {
        self.sources.first().map_or(self.bytes, |source| match source {
            ModelSource::Hub(file) => file.bytes,
            ModelSource::Packages(source) => {
                source.packages.iter().map(|package| package.wheel_bytes).sum()
            }
        })
    }
}

impl ModelSource {
    /// The source in words, for progress and for the manifest.
    pub fn label(&self) -> String {
        match self {
            Self::Hub(file) => file.url.clone(),
            Self::Packages(source) => {
                let packages: Vec<String> = source.packages.iter().map(Package::label).collect();
                format!("Python package {}", packages.join(" + "))
            }
        }
    }

    fn check(&self, model: &str) -> Result<(), ModelError> {
        let (hashes, whole) = match self {
            Self::Hub(file) => (vec![&file.sha256], file.bytes > 0),
            Self::Packages(source) => {
                let wheels = source.packages.iter().map(|package| &package.wheel_sha256);
                let words = source.packages.iter().filter(|package| package.tokenizer.is_some());
                (wheels.chain([&source.sha256]).collect(), words.count() == 1)
            }
        };
        let is_hash =
            |hash: &&String| hash.len() == 64 && hash.chars().all(|c| c.is_ascii_hexdigit());
        if whole && hashes.iter().all(is_hash) {
            return Ok(());
        }
        let reason = format!("a source of `{model}` lacks a hash, a size or its one tokenizer");
        Err(ModelError::WrongCatalog { reason })
    }
}

impl Package {
    pub fn label(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn the_builtin_list_is_whole() {
        let catalog = Catalog::builtin().unwrap();
        let names = "tiny, tiny.en, base, base.en, small, small.en, medium, large-v3-turbo";
        assert_eq!(catalog.names(), names);
        for model in &catalog.models {
            assert!(matches!(model.sources[0], ModelSource::Hub(_)), "{}", model.name);
            let english = model.name.ends_with(".en");
            assert_eq!(model.languages == Languages::En, english, "{}", model.name);
            assert!(model.ram_bytes > model.bytes, "{}", model.name);
        }
        for name in ["tiny.en", "base"] {
            let sources = &catalog.find(name).unwrap().sources;
            assert!(matches!(sources[1], ModelSource::Packages(_)), "{name}");
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = Catalog::builtin().unwrap().find("huge").unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("no model is called `huge`"), "{text}");
        assert!(text.contains("tiny.en, base"), "{text}");
    }

    #[test]
    fn a_wrong_list_is_refused() {
        assert!(matches!(Catalog::parse("[[model]]"), Err(ModelError::ReadCatalog { .. })));
        let short = BUILTIN.replacen("921e4cf8", "921e4cf", 1);
        assert!(matches!(Catalog::parse(&short), Err(ModelError::WrongCatalog { .. })));
        let twice = format!("{BUILTIN}\n{BUILTIN}");
        assert!(matches!(Catalog::parse(&twice), Err(ModelError::WrongCatalog { .. })));
    }
}
