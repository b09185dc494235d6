//! The configuration as a JSON Schema: every key with its type, its default and what it is for.
//!
//! It is made of `config/default.toml` itself: the comment above a key is its description.

use serde_json::{Map, Value, json};

const DEFAULTS: &str = include_str!("../../config/default.toml");

/// A JSON Schema (2020-12) of a configuration file.
pub fn schema() -> Value {
    let defaults: Value = toml::from_str(DEFAULTS).unwrap_or_default();
    let mut root = section(&defaults, "", &descriptions());
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("Diarist configuration");
    root["description"] = json!(
        "A TOML file for --config or DIARIST_CONFIG. Each key is also an environment variable: \
         whisper.model is DIARIST__WHISPER__MODEL."
    );
    root
}

fn section(value: &Value, path: &str, described: &Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let mut property = match value {
            Value::Object(_) => section(value, &path, described),
            value => json!({ "type": kind(value), "default": value }),
        };
        if let Some(text) = described.get(&path) {
            property["description"] = text.clone();
        }
        properties.insert(name.clone(), property);
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::String(_) | Value::Null => "string",
    }
}

/// The comment above each key; keys that follow each other share it.
fn descriptions() -> Map<String, Value> {
    let (mut described, mut section, mut comment) = (Map::new(), String::new(), String::new());
    let mut fresh = false;
    for line in DEFAULTS.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix('#') {
            if !fresh {
                comment.clear();
            }
            fresh = true;
            let space = if comment.is_empty() { "" } else { " " };
            comment = format!("{comment}{space}{}", text.trim());
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            name.clone_into(&mut section);
            comment.clear();
        } else if let Some((key, _)) = line.split_once('=').filter(|_| !comment.is_empty()) {
            described.insert(format!("{section}.{}", key.trim()), Value::from(comment.clone()));
        }
        fresh = false;
    }
    described
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::config::{Overrides, load};

    #[test]
    fn every_setting_is_described_with_its_type_and_default() {
        let schema = schema();
        let loaded = load(&Overrides::default()).unwrap();
        for setting in loaded.settings() {
            let path = setting.key.replace('.', "/properties/");
            let property = schema.pointer(&format!("/properties/{path}"));
            let property = property.unwrap_or(&Value::Null);
            assert!(property["type"].is_string(), "{} has no type", setting.key);
            let described = property["description"].as_str().is_some_and(|text| text.len() > 10);
            assert!(described || property["type"] == "object", "{} has no words", setting.key);
        }
        let model = schema.pointer("/properties/whisper/properties/model").unwrap();
        assert_eq!((&model["type"], &model["default"]), (&json!("string"), &json!("base")));
    }
}
