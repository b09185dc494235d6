//! Which of the given values can be used; whatever cannot be is told, all of it at once.

use super::Config;
use super::faults::Faults;
use super::load::DEFAULTS;
use figment::providers::{Format, Serialized, Toml};
use figment::value::{Dict, Value};
use figment::{Figment, Metadata, Source};

/// What is left without keys that are none of ours, and values of another kind than the default's.
pub fn fitting(mut given: Dict, faults: &mut Faults) -> Dict {
    let ours: Dict = Figment::from(Toml::string(DEFAULTS)).extract().unwrap_or_default();
    given.retain(|section, value| match (ours.get(section).and_then(Value::as_dict), value) {
        (Some(known), Value::Dict(_, given)) => {
            keep_fitting(section, known, given, faults);
            true
        }
        (Some(_), _) => {
            faults.check(false, section, "", "this is a section, with settings of its own")
        }
        (None, _) => faults.check(false, section, "", "there is no such section"),
    });
    given
}

fn keep_fitting(section: &str, known: &Dict, given: &mut Dict, faults: &mut Faults) {
    given.retain(|key, value| {
        let path = format!("{section}.{key}");
        let shown = |value: &Value| match key.as_str() {
            "api_key" => "***".to_owned(),
            "url" if section == "database" => "***".to_owned(),
            _ => serde_json::to_string(value).unwrap_or_default(),
        };
        match (known.get(key), value) {
            (None, value) => faults.check(false, &path, shown(value), "there is no such setting"),
            (Some(Value::Dict(_, known)), Value::Dict(_, given)) => {
                keep_fitting(&path, known, given, faults);
                true
            }
            // A bare number is a time in seconds.
            (Some(_), Value::Num(..)) if key == "timeout" => true,
            (Some(wanted), value) => {
                let reason = format!("this has to be {}", kind(wanted));
                faults.check(kind(wanted) == kind(value), &path, shown(value), &reason)
            }
        }
    });
}

/// Reads what fits. What cannot be read is told, and left at its default so that the rest is looked at as well.
pub fn read(figment: &Figment, mut given: Dict, faults: &mut Faults) -> Option<Config> {
    loop {
        let defaults = Figment::from(Toml::string(DEFAULTS));
        let error = match defaults.merge(Serialized::defaults(&given)).extract() {
            Ok(config) => return Some(config),
            Err(error) => error,
        };
        let mut is_mended = true;
        for error in error {
            let key = error.path.join(".");
            let reason = match figment.find_metadata(&key) {
                Some(metadata) => format!("{} (in {})", error.kind, place(metadata)),
                None => error.kind.to_string(),
            };
            faults.check(false, &key, "", &reason);
            is_mended &= remove(&mut given, &error.path);
        }
        if !is_mended {
            return None;
        }
    }
}

/// Where a value stands: the path of its file, or what figment calls its source.
pub fn place(metadata: &Metadata) -> String {
    match &metadata.source {
        Some(Source::File(path)) => path.display().to_string(),
        _ => metadata.name.to_string(),
    }
}

/// Says whether it was there.
fn remove(given: &mut Dict, path: &[String]) -> bool {
    match path {
        [] => false,
        [key] => given.remove(key).is_some(),
        [section, rest @ ..] => match given.get_mut(section) {
            Some(Value::Dict(_, inner)) => remove(inner, rest),
            _ => false,
        },
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::String(..) | Value::Char(..) => "text",
        Value::Bool(..) => "true or false",
        Value::Num(..) => "a number",
        Value::Dict(..) => "a section",
        Value::Array(..) => "a list",
        Value::Empty(..) => "something",
    }
}
