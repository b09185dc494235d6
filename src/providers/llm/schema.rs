//! The JSON schema of an answer: the few words of the language that all providers take.

use serde_json::{Map, Value, json};

/// Every field is required, nothing may be added, and nothing is nullable: an empty text or list says "none".
pub fn schema() -> Value {
    let sentence = object(&[("text", text()), ("segments", list(number()))]);
    let section = object(&[("heading", text()), ("sentences", list(sentence.clone()))]);
    let todo = object(&[("text", text()), ("due", text()), ("segments", list(number()))]);
    object(&[
        ("title", text()),
        ("summary", list(sentence.clone())),
        ("sections", list(section)),
        ("mood", text()),
        ("people", list(text())),
        ("places", list(text())),
        ("todos", list(todo)),
        ("tags", list(text())),
        ("quotes", list(sentence)),
        ("open_questions", list(text())),
    ])
}

fn object(fields: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    })
}

fn list(of: Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn number() -> Value {
    json!({ "type": "integer" })
}
