//! Lays the sources over each other: defaults, profile, file, environment, flags; each key knows where it came from.

use super::Config;
use super::faults::{ConfigError, Fault, Faults};
use super::fit::{fitting, place, read};
use super::folders;
use super::server::{ServerConfig, Tls};
use crate::domain::llm::ProviderId;
use figment::providers::{Env, Format, Serialized, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Source};
use std::path::{Path, PathBuf};

pub(super) const DEFAULTS: &str = include_str!("../../config/default.toml");

/// What the command line says; it wins over everything else.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// The file of `--config`.
    pub file: Option<PathBuf>,
    /// `section.key` and value.
    pub values: Vec<(&'static str, Value)>,
}

/// A usable configuration that still knows where each value came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    pub config: Config,
    figment: Figment,
    flags: Vec<&'static str>,
}

/// One effective value, for `config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    pub key: String,
    pub value: String,
    pub source: String,
}

/// Reads all sources. Whatever is wrong is reported at once.
pub fn load(overrides: &Overrides) -> Result<Loaded, ConfigError> {
    let mut figment = Figment::from(Toml::string(DEFAULTS));
    if let Some(file) = overrides.file.clone().or_else(folders::default_config_file) {
        if !file.is_file() {
            return Err(only(Fault {
                key: "--config".to_owned(),
                value: file.display().to_string(),
                reason: "there is no such file".to_owned(),
            }));
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    figment = figment.merge(usual_keys()).merge(Env::prefixed("DIARIST__").split("__"));
    for (key, value) in &overrides.values {
        figment = figment.merge(Serialized::global(key, value.clone()));
    }
    let mut faults = Faults::default();
    let given = fitting(figment.extract().map_err(not_toml)?, &mut faults);
    let Some(config) = read(&figment, given, &mut faults) else {
        return Err(ConfigError::Invalid(faults.0));
    };
    let flags = overrides.values.iter().map(|(key, _)| *key).collect();
    let mut loaded = Loaded { config, figment, flags };
    let bound = loaded.is_set("server.bind");
    let config = &mut loaded.config;
    if config.server.tls != Tls::Off && !bound {
        config.server.bind = ServerConfig::WITH_TLS;
    }
    config.validate(&mut faults);
    if !faults.0.is_empty() {
        return Err(ConfigError::Invalid(faults.0));
    }
    default_to(&mut config.storage.data_dir, folders::default_data_dir);
    default_to(&mut config.storage.models_dir, folders::default_models_dir);
    Ok(loaded)
}

/// The variables under which everybody keeps their keys already.
fn usual_keys() -> Env {
    let names = ProviderId::ALL.map(|id| format!("{}_API_KEY", id.as_str().to_uppercase()));
    let named: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| folders::is_set(name)).collect();
    Env::raw().only(&named).map(|name| {
        let provider = name.as_str().to_lowercase().replace("_api_key", "");
        format!("llm.{provider}.api_key").into()
    })
}

fn default_to(path: &mut PathBuf, default: fn() -> PathBuf) {
    if path.as_os_str().is_empty() {
        *path = default();
    }
}

impl Loaded {
    /// Whether somebody has set this key, rather than left it at its default.
    pub fn is_set(&self, key: &str) -> bool {
        !self.source(key).starts_with("default")
    }

    /// Every key with its effective value and its source, in the order of the sections.
    pub fn settings(&self) -> Vec<Setting> {
        let Ok(Value::Dict(_, sections)) = Value::serialize(&self.config) else {
            return Vec::new();
        };
        let mut settings = Vec::new();
        for (section, value) in &sections {
            let Some(keys) = value.as_dict() else { continue };
            self.collect(section, keys, &mut settings);
        }
        settings
    }

    fn collect(&self, section: &str, keys: &Dict, settings: &mut Vec<Setting>) {
        for (name, value) in keys {
            let key = format!("{section}.{name}");
            if let Some(inner) = value.as_dict() {
                self.collect(&key, inner, settings);
                continue;
            }
            let source = self.source(&key);
            let value = serde_json::to_string(value).unwrap_or_default();
            settings.push(Setting { key, value, source });
        }
    }

    fn source(&self, key: &str) -> String {
        let unset = key.starts_with("storage.")
            && self.figment.extract_inner::<PathBuf>(key).is_ok_and(|p| p == Path::new(""));
        let Some(metadata) = self.figment.find_metadata(key) else { return "default".to_owned() };
        match &metadata.source {
            _ if self.flags.contains(&key) => "flag".to_owned(),
            _ if unset => "default (XDG)".to_owned(),
            Some(Source::File(path)) => path.display().to_string(),
            _ if metadata.name.contains("environment") && !metadata.name.contains("DIARIST") => {
                let provider = key.split('.').nth(1).unwrap_or_default();
                format!("environment {}_API_KEY", provider.to_uppercase())
            }
            _ if metadata.name.contains("environment") => {
                format!("environment DIARIST__{}", key.to_uppercase().replace('.', "__"))
            }
            _ => "default".to_owned(),
        }
    }
}

/// figment gathers several errors in one; each is told.
fn not_toml(error: figment::Error) -> ConfigError {
    let fault = |error: figment::Error| {
        let key = error.metadata.as_ref().map_or_else(|| "the configuration".to_owned(), place);
        Fault { key, value: String::new(), reason: error.kind.to_string() }
    };
    ConfigError::Invalid(error.into_iter().map(fault).collect())
}

fn only(fault: Fault) -> ConfigError {
    ConfigError::Invalid(vec![fault])
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn with(values: &[(&'static str, Value)]) -> Result<Loaded, ConfigError> {
        load(&Overrides { file: None, values: values.to_vec() })
    }

    #[test]
    fn the_defaults_are_usable_and_say_that_they_are_defaults() {
        let loaded = with(&[]).unwrap();
        assert_eq!(loaded.config.whisper.model, "base");
        let bind = loaded.settings().into_iter().find(|s| s.key == "server.bind").unwrap();
        assert_eq!((bind.value.as_str(), bind.source.as_str()), ("\"127.0.0.1:8000\"", "default"));
    }

    #[test]
    fn a_flag_wins_and_says_so() {
        let loaded = with(&[("whisper.model", Value::from("tiny.en"))]).unwrap();
        assert_eq!(loaded.config.whisper.model, "tiny.en");
        let model = loaded.settings().into_iter().find(|s| s.key == "whisper.model").unwrap();
        assert_eq!(model.source, "flag");
    }

    #[test]
    fn every_fault_is_told_with_key_value_and_reason() {
        let values = [
            ("server.bind", Value::from("0.0.0.0:8000")),
            ("whisper.nice", Value::from(20)),
            ("engine.max_active_jobs", Value::from(0)),
        ];
        let told = with(&values).unwrap_err().to_string();
        for part in [
            "server.bind = 0.0.0.0:8000: only loopback",
            "whisper.nice = 20",
            "max_active_jobs = 0",
        ] {
            assert!(told.contains(part), "{part} is missing in {told}");
        }
    }

    #[test]
    fn other_devices_are_let_in_over_tls_alone() {
        let bind = ("server.bind", Value::from("0.0.0.0:9000"));
        let tls = |how: &str| ("server.tls", Value::from(how));
        let told = with(std::slice::from_ref(&bind)).unwrap_err().to_string();
        assert!(told.contains("--tls self-signed"), "{told}");
        let bound = |values: &[_]| with(values).unwrap().config.server.bind.to_string();
        assert_eq!(bound(&[tls("off")]), "127.0.0.1:8000");
        assert_eq!(bound(&[tls("self-signed")]), "0.0.0.0:8443");
        assert_eq!(bound(&[tls("self-signed"), bind]), "0.0.0.0:9000");
        let told = with(&[tls("files")]).unwrap_err().to_string();
        assert!(told.contains("server.tls_cert") && told.contains("server.tls_key"), "{told}");
        for (name, good) in [("my-host.lan", true), ("fd00::1", true), ("a:80", false), ("", false)]
        {
            let names = ("server.names", Value::from(vec![name]));
            assert_eq!(with(&[names]).is_ok(), good, "{name}");
        }
    }

    #[test]
    fn unknown_keys_and_wrong_kinds_are_all_named_at_once() {
        let values = [
            ("whisper.modle", Value::from("base")),
            ("server.bind", Value::from(5)),
            ("nonsense.x", Value::from(1)),
        ];
        let told = with(&values).unwrap_err().to_string();
        for part in ["whisper.modle", "server.bind = 5: this has to be text", "nonsense"] {
            assert!(told.contains(part), "{part} is missing in {told}");
        }
    }

    #[test]
    fn one_kind_of_fault_hides_no_other() {
        let values = [
            ("whisper.modle", Value::from("base")),
            ("server.tls", Value::from("perhaps")),
            ("telemetry.log_format", Value::from("poem")),
            ("engine.max_active_jobs", Value::from(0)),
        ];
        let told = with(&values).unwrap_err().to_string();
        for part in [
            "whisper.modle",
            "server.tls",
            "perhaps",
            "telemetry.log_format",
            "max_active_jobs = 0",
        ] {
            assert!(told.contains(part), "{part} is missing in {told}");
        }
    }

    #[test]
    fn a_file_that_is_no_toml_is_named() {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        std::fs::write(file.path(), "[server\nbind = 1").unwrap();
        let told = load(&Overrides { file: Some(file.path().to_owned()), values: Vec::new() });
        let told = told.unwrap_err().to_string();
        assert!(told.contains(&file.path().display().to_string()), "{told}");
    }

    #[test]
    fn keys_are_masked_and_the_settings_of_a_provider_are_listed() {
        let loaded = with(&[("llm.openai.api_key", Value::from("sk-hidden"))]).unwrap();
        let settings = loaded.settings();
        let shown = |key: &str| settings.iter().find(|s| s.key == key).map(|s| s.value.as_str());
        assert_eq!(shown("llm.openai.api_key"), Some("\"***\""));
        assert_eq!(shown("llm.mistral.api_key"), Some("\"\""));
        assert_eq!(shown("llm.anthropic.timeout"), Some("\"180s\""));
        assert!(!format!("{:?}", loaded.config).contains("sk-hidden"));
        let told = with(&[("llm.openai.api_key", Value::from(17))]).unwrap_err().to_string();
        assert!(told.contains("llm.openai.api_key = ***") && !told.contains("17"), "{told}");
    }

    #[test]
    fn limits_hold_at_their_edge() {
        for (key, good, bad) in [
            ("whisper.nice", 19, 20),
            ("whisper.slots_max", 256, 257),
            ("engine.max_active_jobs", 1_000, 1_001),
            ("engine.poll_ms", 10, 9),
            ("supervision.drain_ms", 100, 99),
            ("supervision.watchdog_ms", 10, 9),
            ("supervision.patience_percent", 10_000, 10_001),
            ("audio.decode_memory_bytes", 64 * 1024 * 1024, 64 * 1024 * 1024 - 1),
            ("whisper.chunk_timeout_ms", 1_000, 999),
            ("server.max_upload_bytes", 1, 0),
            ("database.writers", 500, 501),
            ("database.lock_timeout_ms", 100, 99),
            ("llm.tries_max", 1, 0),
            ("llm.max_answer_bytes", 1_024, 1_023),
            ("llm.openai.max_concurrency", 1, 0),
            ("llm.openai.max_input_tokens", 1, 0),
            ("llm.mistral.max_output_tokens", 1, 0),
            ("llm.local.connect_timeout_ms", 1, 0),
            ("llm.anthropic.first_token_timeout_ms", 180_000, 180_001),
            ("llm.anthropic.timeout", 60, 59),
        ] {
            assert!(with(&[(key, Value::from(good))]).is_ok(), "{key} = {good}");
            assert!(with(&[(key, Value::from(bad))]).is_err(), "{key} = {bad}");
        }
        for (alias, good) in [("my-model", true), ("", false), ("two words", false), ("a/b", false)]
        {
            let aliases = Value::from(vec![alias]);
            assert_eq!(with(&[("openai.aliases", aliases)]).is_ok(), good, "{alias}");
        }
    }

    #[test]
    fn ffmpeg_is_found_named_or_done_without() {
        let ffmpeg = |value: &str| with(&[("audio.ffmpeg", Value::from(value))]);
        assert_eq!(ffmpeg("off").unwrap().config.audio.ffmpeg(), None);
        assert_eq!(ffmpeg("/bin/sh").unwrap().config.audio.ffmpeg(), Some("/bin/sh".into()));
        let found = ffmpeg("auto").unwrap().config.audio.ffmpeg();
        assert!(found.is_none_or(|path| path.ends_with("ffmpeg")));
        for wrong in ["bin/sh", "/no/such/program", "yes"] {
            assert!(ffmpeg(wrong).is_err(), "{wrong}");
        }
    }
}
