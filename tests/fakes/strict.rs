//! Which JSON schemas a provider refuses to hold its model to, in the provider's words.

use serde_json::Value;

const LEVELS: usize = 10;
const PROPERTIES: usize = 5_000;
/// Keywords that strict mode knows nothing of.
const FOREIGN: &[&str] = &[
    "allOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "dependentRequired",
    "dependentSchemas",
    "patternProperties",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "default",
];
const FORMATS: &[&str] =
    &["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"];

/// OpenAI's strict mode.
pub fn openai(schema: &Value) -> Result<(), String> {
    if schema["type"] != "object" {
        let found = schema["type"].as_str().unwrap_or("None");
        return Err(format!(
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{found}\"'."
        ));
    }
    let mut properties = 0;
    visit(schema, &mut Vec::new(), &mut |schema, path| {
        properties += schema["properties"].as_object().map_or(0, serde_json::Map::len);
        let nested = path.iter().filter(|step| *step == "properties" || *step == "items").count();
        if properties > PROPERTIES || nested > LEVELS {
            return Err(format!(
                "exceeds the limit of {PROPERTIES} properties or {LEVELS} levels of nesting."
            ));
        }
        openai_node(schema).map_err(|fault| format!("In context={}, {fault}", context(path)))
    })
}

fn openai_node(schema: &Value) -> Result<(), String> {
    let Some(fields) = schema.as_object() else {
        return Err("schema must be an object.".into());
    };
    if fields.contains_key("$ref") {
        let beside = fields.keys().find(|name| !matches!(name.as_str(), "$ref" | "$defs"));
        return match beside {
            Some(name) => Err(format!("$ref cannot have keywords {{'{name}'}}.")),
            None => Ok(()),
        };
    }
    if let Some(word) = FOREIGN.iter().find(|word| fields.contains_key(**word)) {
        return Err(format!("'{word}' is not permitted."));
    }
    if !["type", "anyOf", "enum", "const"].iter().any(|word| fields.contains_key(*word)) {
        return Err("schema must have a 'type' key.".into());
    }
    if let Some(format) = schema["format"].as_str().filter(|format| !FORMATS.contains(format)) {
        return Err(format!("'{format}' is not a valid format."));
    }
    if is(schema, "array") && !fields.contains_key("items") {
        return Err("array schema missing items.".into());
    }
    if is(schema, "object") { closed_object(schema) } else { Ok(()) }
}

fn closed_object(schema: &Value) -> Result<(), String> {
    if schema["additionalProperties"] != false {
        return Err("'additionalProperties' is required to be supplied and to be false.".into());
    }
    let wanted = "'required' is required to be supplied and to be an array including every key in properties.";
    let required = |name: &str| {
        schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name))
    };
    for name in schema["properties"].as_object().into_iter().flat_map(serde_json::Map::keys) {
        if !required(name) {
            return Err(format!("{wanted} Missing '{name}'."));
        }
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if schema["properties"].get(name).is_none() {
            return Err(format!("{wanted} Extra required key '{name}' supplied."));
        }
    }
    Ok(())
}

/// Anthropic's structured outputs and strict tools: `additionalProperties` closed, few bounds, no recursion.
pub fn anthropic(schema: &Value) -> Result<(), String> {
    if recurs(schema) {
        return Err("Recursive schemas are not supported".into());
    }
    visit(schema, &mut Vec::new(), &mut |schema, _| {
        if is(schema, "object") && schema["additionalProperties"] != false {
            return Err(
                "For 'object' type, 'additionalProperties' must be explicitly set to false".into(),
            );
        }
        for (kind, words) in [
            (
                "integer",
                &["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"][..],
            ),
            (
                "number",
                &["exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"],
            ),
            ("string", &["maxLength", "minLength"]),
            ("array", &["maxItems", "uniqueItems"]),
        ] {
            let found: Vec<&str> =
                words.iter().copied().filter(|word| schema.get(word).is_some()).collect();
            match found[..] {
                _ if !is(schema, kind) => {}
                [] => {}
                [word] => {
                    return Err(format!("For '{kind}' type, property '{word}' is not supported"));
                }
                [..] => {
                    let words = found.join(", ");
                    return Err(format!("For '{kind}' type, properties {words} are not supported"));
                }
            }
        }
        if schema["minItems"].as_u64().is_some_and(|fewest| fewest > 1) {
            return Err(
                "For 'array' type, 'minItems' values other than 0 or 1 are not supported".into()
            );
        }
        Ok(())
    })
}

fn is(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|found| found == kind),
        found => found == kind,
    }
}

/// Whether a definition leads back to itself.
fn recurs(root: &Value) -> bool {
    fn leads_back(root: &Value, node: &Value, open: &mut Vec<String>) -> bool {
        let children = || node.as_object().map(|o| o.values()).into_iter().flatten();
        if let Some(path) = node["$ref"].as_str() {
            if open.iter().any(|seen| seen == path) {
                return true;
            }
            let target = path.strip_prefix('#').and_then(|path| root.pointer(path));
            open.push(path.to_owned());
            let found = target.is_some_and(|target| leads_back(root, target, open));
            open.pop();
            return found;
        }
        match node {
            Value::Array(items) => items.iter().any(|item| leads_back(root, item, open)),
            Value::Object(_) => {
                let defs = &node["$defs"];
                children().filter(|c| *c != defs).any(|child| leads_back(root, child, open))
            }
            _ => false,
        }
    }
    leads_back(root, root, &mut Vec::new())
}

type Check<'a> = dyn FnMut(&Value, &[String]) -> Result<(), String> + 'a;

/// Shows every schema inside a schema, with the way to it, parents first.
fn visit(schema: &Value, path: &mut Vec<String>, check: &mut Check) -> Result<(), String> {
    check(schema, path)?;
    let mut inside = Vec::new();
    for group in ["properties", "$defs", "definitions"] {
        for (name, child) in schema[group].as_object().into_iter().flatten() {
            inside.push((vec![group.to_owned(), name.clone()], child));
        }
    }
    if let Some(items) = schema.get("items") {
        inside.push((vec!["items".to_owned()], items));
    }
    for group in ["anyOf", "oneOf", "allOf", "prefixItems"] {
        for (at, child) in schema[group].as_array().into_iter().flatten().enumerate() {
            inside.push((vec![group.to_owned(), at.to_string()], child));
        }
    }
    for (steps, child) in inside {
        let depth = path.len();
        path.extend(steps);
        visit(child, path, check)?;
        path.truncate(depth);
    }
    Ok(())
}

/// A way as Python prints a tuple.
fn context(path: &[String]) -> String {
    let steps: Vec<_> = path.iter().map(|step| format!("'{step}'")).collect();
    match &steps[..] {
        [only] => format!("({only},)"),
        steps => format!("({})", steps.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn closed(properties: Value) -> Value {
        let names: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
        json!({ "type": "object", "properties": properties, "required": names, "additionalProperties": false })
    }

    #[track_caller]
    fn refused(schema: &Value, words: &str) {
        assert_eq!(openai(schema), Err(words.to_owned()));
    }

    #[test]
    fn strict_mode_takes_a_closed_schema_with_every_key_required() {
        let inner = closed(json!({ "id": { "type": "integer", "minimum": 0 } }));
        let schema = json!({ "type": "array", "items": { "$ref": "#/$defs/inner" } });
        let mut schema = closed(json!({ "items": schema, "mood": { "type": ["string", "null"] } }));
        schema["$defs"] = json!({ "inner": inner });
        assert_eq!(openai(&schema), Ok(()));
    }

    #[test]
    fn strict_mode_refuses_in_openai_s_words() {
        let open = json!({ "type": "object", "properties": {} });
        refused(
            &open,
            "In context=(), 'additionalProperties' is required to be supplied and to be false.",
        );
        refused(
            &closed(json!({ "a": open })),
            "In context=('properties', 'a'), 'additionalProperties' is required to be supplied and to be false.",
        );
        let mut schema = closed(json!({ "a": { "type": "string" }, "b": { "type": "string" } }));
        schema["required"] = json!(["a"]);
        refused(
            &schema,
            "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'b'.",
        );
        schema["required"] = json!(["a", "b", "c"]);
        refused(
            &schema,
            "In context=(), 'required' is required to be supplied and to be an array including every key in properties. Extra required key 'c' supplied.",
        );
        refused(
            &json!({ "type": "array", "items": open }),
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.",
        );
        for (property, words) in [
            (json!({ "oneOf": [] }), "'oneOf' is not permitted."),
            (json!({ "type": "string", "default": "" }), "'default' is not permitted."),
            (json!({ "description": "what?" }), "schema must have a 'type' key."),
            (json!({ "type": "array" }), "array schema missing items."),
            (json!({ "type": "string", "format": "uri" }), "'uri' is not a valid format."),
            (
                json!({ "$ref": "#/$defs/a", "description": "" }),
                "$ref cannot have keywords {'description'}.",
            ),
        ] {
            let words = format!("In context=('properties', 'x'), {words}");
            refused(&closed(json!({ "x": property })), &words);
        }
    }

    #[test]
    fn strict_mode_counts_ten_levels() {
        let nested = |levels: usize| {
            (0..levels).fold(json!({ "type": "string" }), |inner, _| closed(json!({ "in": inner })))
        };
        assert_eq!(openai(&nested(10)), Ok(()));
        assert!(openai(&nested(11)).is_err());
    }

    #[test]
    fn anthropic_refuses_open_objects_bounds_and_recursion() {
        let refused = |schema: &Value| anthropic(schema).unwrap_err();
        assert!(refused(&json!({ "type": "object" })).contains("'additionalProperties'"));
        let count = json!({ "type": "integer", "minimum": 0, "maximum": 9 });
        let words = "For 'integer' type, properties maximum, minimum are not supported";
        assert_eq!(refused(&closed(json!({ "n": count }))), words);
        let text = json!({ "type": ["string", "null"], "maxLength": 80 });
        let words = "For 'string' type, property 'maxLength' is not supported";
        assert_eq!(refused(&closed(json!({ "t": text }))), words);
        let many = json!({ "type": "array", "items": { "type": "string" }, "minItems": 2 });
        assert!(refused(&many).contains("'minItems'"));
        let node =
            closed(json!({ "next": { "anyOf": [{ "$ref": "#/$defs/n" }, { "type": "null" }] } }));
        let schema = json!({ "$ref": "#/$defs/n", "$defs": { "n": node } });
        assert_eq!(refused(&schema), "Recursive schemas are not supported");
    }

    #[test]
    fn anthropic_takes_optional_keys_and_definitions_used_twice() {
        let mut schema =
            closed(json!({ "a": { "$ref": "#/$defs/s" }, "b": { "$ref": "#/$defs/s" } }));
        schema["$defs"] = json!({ "s": { "type": "string" } });
        schema["required"] = json!(["a"]);
        assert_eq!(anthropic(&schema), Ok(()));
    }
}
