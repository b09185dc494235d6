//! Whether what is written keeps to its schema, and tells the transcript.

use super::*;

fn told() -> Vec<Segment> {
    let segment = |id: &str, text: &str| Segment { id: id.into(), text: text.into() };
    vec![
        segment("3", "I walked to the lake this morning."),
        segment("5", "Call Anna about the boat."),
    ]
}

#[track_caller]
fn writes(schema: Value, expected: Value) {
    assert_eq!(write(&schema, &told()), expected);
}

#[test]
fn sentences_quote_the_segments_that_they_name() {
    let sentence = json!({
        "type": "object", "additionalProperties": false, "required": ["text", "segments"],
        "properties": {
            "text": { "type": "string" },
            "segments": { "type": "array", "items": { "type": "integer" } },
        },
    });
    let schema = json!({
        "type": "object",
        "properties": {
            "title": { "type": "string" },
            "sections": { "type": "array", "items": { "$ref": "#/$defs/section" } },
        },
        "$defs": { "section": { "type": "object", "properties": {
            "sentences": { "type": "array", "items": sentence },
        } } },
    });
    let walked = json!({ "text": "I walked to the lake this morning.", "segments": [3] });
    let called = json!({ "text": "Call Anna about the boat.", "segments": [5] });
    let section = json!({ "sentences": [walked, called] });
    writes(schema, json!({ "title": "I walked to the lake", "sections": [section, section] }));
}

#[test]
fn values_keep_to_their_bounds() {
    writes(json!({ "type": "integer", "minimum": 3, "multipleOf": 4 }), json!(4));
    writes(json!({ "type": "integer", "exclusiveMaximum": -2 }), json!(-3));
    writes(json!({ "type": "number", "minimum": 0, "maximum": 1 }), json!(0.5));
    writes(json!({ "type": "string", "maxLength": 6 }), json!("I walk"));
    writes(json!({ "type": "string", "format": "date" }), json!("2026-05-03"));
    writes(json!({ "type": "string", "pattern": "^[A-Z]{2}$" }), json!("AA"));
    writes(json!({ "enum": ["calm", "tense"] }), json!("calm"));
    let moods = json!({ "enum": ["calm", "tense", "glad"] });
    let schema = json!({ "type": "array", "items": moods, "minItems": 3, "uniqueItems": true });
    writes(schema, json!(["calm", "tense", "glad"]));
    writes(json!({ "type": "array", "items": { "const": 1 }, "maxItems": 1 }), json!([1]));
}

#[test]
fn what_may_be_null_says_something_until_it_would_never_end() {
    writes(json!({ "type": ["null", "boolean"] }), json!(true));
    writes(json!({ "anyOf": [{ "type": "null" }, { "const": "calm" }] }), json!("calm"));
    let tree = json!({
        "$defs": { "node": { "type": "object", "required": ["left"], "properties": {
            "left": { "anyOf": [{ "$ref": "#/$defs/node" }, { "type": "null" }] },
        } } },
        "$ref": "#/$defs/node",
    });
    let text = write(&tree, &[]).to_string();
    assert!(text.contains("null") && text.len() < 200, "{text}");
}

#[test]
fn all_parts_of_a_schema_hold_at_once() {
    let schema = json!({ "allOf": [
        { "type": "object", "required": ["a"], "properties": { "a": { "const": 1 } } },
        { "type": "object", "required": ["b", "c"], "properties": { "b": { "const": 2 } } },
    ], "additionalProperties": { "type": "null" } });
    writes(schema, json!({ "a": 1, "b": 2, "c": null }));
}

#[test]
fn what_is_spoilt_differs_in_names_or_in_type() {
    let spoilt = spoil(&json!({ "title": "A day", "mood": "calm" }));
    assert!(spoilt.get("mood").is_none() && spoilt.get("unasked_for").is_some());
    assert!(spoil(&json!([1])).is_string() && spoil(&json!("text")).is_array());
}
