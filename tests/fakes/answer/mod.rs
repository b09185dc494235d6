//! Writes a value that keeps to any JSON schema, out of the segments of a transcript where there are some.

mod pattern;

use super::material::Segment;
use serde_json::{Map, Number, Value, json};

/// From this depth on a value is as small as its schema lets it be, so that recursion ends.
const DEEP: usize = 7;
const ITEMS: usize = 2;

pub struct Author<'a> {
    root: &'a Value,
    segments: &'a [Segment],
    /// The segment that is being told.
    turn: usize,
    /// The segment that the next quoting object tells.
    next: usize,
}

/// A value of `schema`; the same for the same arguments.
pub fn write(schema: &Value, segments: &[Segment]) -> Value {
    Author { root: schema, segments, turn: 0, next: 0 }.value(schema, "", 0)
}

/// A valid value made invalid, still JSON: something is missing, something is foreign, a type is wrong.
pub fn spoil(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut spoilt: Map<_, _> =
                fields.iter().skip(1).map(|(name, value)| (name.clone(), value.clone())).collect();
            spoilt.insert("unasked_for".into(), json!({ "surprise": [true, null] }));
            Value::Object(spoilt)
        }
        Value::Array(_) | Value::Null => json!("not what was asked for"),
        _ => json!([value]),
    }
}

impl Author<'_> {
    fn value(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        let schema = self.resolved(schema, depth);
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            let at = self.turn % values.len().max(1);
            return values.get(at).cloned().unwrap_or_default();
        }
        match kind(&schema) {
            "object" => self.object(&schema, depth),
            "array" => self.array(&schema, name, depth),
            "integer" => self.integer(&schema, name),
            "number" => number(&schema),
            "boolean" => json!(self.turn.is_multiple_of(2)),
            "null" => Value::Null,
            _ => Value::from(self.string(&schema, name)),
        }
    }

    /// Follows references, merges `allOf`, and decides between `anyOf` and `oneOf`.
    fn resolved(&self, schema: &Value, depth: usize) -> Value {
        let mut schema = schema.clone();
        for _ in 0..16 {
            let Some(fields) = schema.as_object_mut() else { return schema };
            if let Some(reference) = fields.remove("$ref") {
                let path = reference.as_str().and_then(|path| path.strip_prefix('#'));
                let target = path.and_then(|path| self.root.pointer(path)).cloned();
                overlay(fields, target.unwrap_or_default());
            } else if let Some(Value::Array(parts)) = fields.remove("allOf") {
                parts.into_iter().for_each(|part| overlay(fields, part));
            } else if let Some(variants) = fields.remove("anyOf").or(fields.remove("oneOf")) {
                let variants = variants.as_array().cloned().unwrap_or_default();
                overlay(fields, self.choice(variants, depth));
            } else {
                break;
            }
        }
        schema
    }

    /// The first variant that says something; deep down the smallest.
    fn choice(&self, variants: Vec<Value>, depth: usize) -> Value {
        let weight = |variant: &Value| {
            let target = variant.get("$ref").and_then(Value::as_str);
            let target = target.and_then(|path| self.root.pointer(path.strip_prefix('#')?));
            match kind(target.unwrap_or(variant)) {
                "null" if depth < DEEP => 9,
                "null" => 0,
                "object" => 3 * usize::from(depth >= DEEP),
                "array" => 2 * usize::from(depth >= DEEP),
                _ => usize::from(depth >= DEEP),
            }
        };
        variants.into_iter().min_by_key(weight).unwrap_or_default()
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let none = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let required: Vec<&str> = match schema.get("required").and_then(Value::as_array) {
            Some(names) => names.iter().filter_map(Value::as_str).collect(),
            None => Vec::new(),
        };
        if properties.keys().any(|name| is_quote(name)) && !self.segments.is_empty() {
            self.turn = self.next % self.segments.len();
            self.next += 1;
        }
        let mut fields = Map::new();
        for (name, property) in properties {
            if depth < DEEP || required.contains(&name.as_str()) {
                fields.insert(name.clone(), self.value(property, name, depth + 1));
            }
        }
        let further = schema.get("additionalProperties").cloned().unwrap_or(json!({}));
        for name in required {
            if !fields.contains_key(name) {
                fields.insert(name.to_owned(), self.value(&further, name, depth + 1));
            }
        }
        let fewest = limit(schema, "minProperties").unwrap_or(0);
        for n in 1..=fewest.saturating_sub(fields.len()) {
            let name = format!("key_{n}");
            fields.insert(name.clone(), self.value(&further, &name, depth + 1));
        }
        Value::Object(fields)
    }

    fn array(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        let first: &[Value] = match schema.get("prefixItems").and_then(Value::as_array) {
            Some(items) => items,
            None => &[],
        };
        let anything = json!({});
        let items = schema.get("items").unwrap_or(&anything);
        let fewest = limit(schema, "minItems").unwrap_or(0);
        let most = limit(schema, "maxItems").unwrap_or(usize::MAX);
        let further = if items == &json!(false) { first.len() } else { usize::MAX };
        let ids = is_ids(name) && !self.segments.is_empty();
        let usual = if depth >= DEEP { 0 } else { ITEMS.max(first.len()) };
        let count = if ids { 1 } else { usual }.max(fewest).min(most).min(further);
        let (unique, turn) = (schema.get("uniqueItems") == Some(&json!(true)), self.turn);
        let mut values: Vec<Value> = Vec::new();
        for at in 0..count * 8 {
            if values.len() == count {
                break;
            }
            self.turn = turn + at;
            let value = self.value(first.get(values.len()).unwrap_or(items), name, depth + 1);
            if !(unique && values.contains(&value)) {
                values.push(value);
            }
        }
        self.turn = turn;
        Value::Array(values)
    }

    fn integer(&self, schema: &Value, name: &str) -> Value {
        if let Some(id) = self.segment().filter(|_| is_ids(name)).and_then(|s| s.id.parse().ok()) {
            return Value::Number(id);
        }
        let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
        let low = bound("minimum").map(f64::ceil);
        let low = low.or(bound("exclusiveMinimum").map(|low| low.floor() + 1.0));
        let high = bound("maximum").map(f64::floor);
        let high = high.or(bound("exclusiveMaximum").map(|high| high.ceil() - 1.0));
        let step = bound("multipleOf").unwrap_or(1.0).max(1.0);
        let wanted = low.or(high.map(|high| high.min(0.0))).unwrap_or(0.0);
        let least = (wanted / step).ceil() * step;
        let told = least + step * self.turn as f64;
        let value = if high.is_some_and(|high| told > high) { least } else { told };
        json!(value as i64)
    }

    fn string(&self, schema: &Value, name: &str) -> String {
        if let Some(text) = schema.get("pattern").and_then(Value::as_str).and_then(pattern::example)
        {
            return text;
        }
        if let Some(text) = schema.get("format").and_then(Value::as_str).and_then(formatted) {
            return text.to_owned();
        }
        let mut text = self.told(name);
        let count = text.chars().count();
        let shortest = limit(schema, "minLength").unwrap_or(0);
        text.extend(std::iter::repeat_n('.', shortest.saturating_sub(count)));
        match limit(schema, "maxLength") {
            Some(longest) => text.chars().take(longest).collect(),
            None => text,
        }
    }

    /// What a field of this name would say about the segment.
    fn told(&self, name: &str) -> String {
        let Some(segment) = self.segment() else { return format!("a plausible {name}") };
        let words: Vec<&str> = segment.text.split_whitespace().collect();
        let short = |count: usize| words[..count.min(words.len())].join(" ");
        match name {
            name if is_ids(name) => segment.id.clone(),
            "title" | "heading" | "name" | "mood" => short(5),
            "people" | "places" | "tags" => {
                let word = words.iter().max_by_key(|word| word.chars().count());
                let word = word.copied().unwrap_or_default();
                format!("{} {}", word.trim_matches(|c: char| !c.is_alphanumeric()), self.turn)
            }
            _ => segment.text.clone(),
        }
    }

    fn segment(&self) -> Option<&Segment> {
        self.segments.get(self.turn % self.segments.len().max(1))
    }
}

fn is_quote(name: &str) -> bool {
    matches!(name, "text" | "sentence" | "quote" | "content" | "statement")
}

fn is_ids(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["segment", "source", "citation", "evidence", "line"].iter().any(|word| name.contains(word))
        || name == "id"
        || name == "ids"
}

/// The type that a schema asks for, read off its other words where it does not say.
fn kind(schema: &Value) -> &str {
    let named = match schema.get("type") {
        Some(Value::Array(kinds)) => {
            let mut kinds = kinds.iter().filter_map(Value::as_str);
            kinds.find(|kind| *kind != "null").or(Some("null"))
        }
        kind => kind.and_then(Value::as_str),
    };
    let has = |words: &[&str]| words.iter().any(|word| schema.get(word).is_some());
    named.unwrap_or(match () {
        () if has(&["properties", "required", "additionalProperties"]) => "object",
        () if has(&["items", "prefixItems", "minItems"]) => "array",
        () if has(&["minimum", "maximum", "multipleOf", "exclusiveMinimum"]) => "number",
        () => "string",
    })
}

fn limit(schema: &Value, name: &str) -> Option<usize> {
    schema.get(name).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok())
}

/// Lays a schema over another: both hold.
fn overlay(fields: &mut Map<String, Value>, other: Value) {
    let Value::Object(other) = other else { return };
    for (name, value) in other {
        match (name.as_str(), fields.get_mut(&name), value) {
            ("properties", Some(Value::Object(mine)), Value::Object(theirs)) => mine.extend(theirs),
            ("required", Some(Value::Array(mine)), Value::Array(theirs)) => mine.extend(theirs),
            (_, Some(_), _) => {}
            (_, None, value) => drop(fields.insert(name, value)),
        }
    }
}

fn number(schema: &Value) -> Value {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let low = bound("minimum").or(bound("exclusiveMinimum"));
    let high = bound("maximum").or(bound("exclusiveMaximum"));
    let value = match (bound("multipleOf").filter(|step| *step > 0.0), low, high) {
        (Some(step), Some(low), _) => {
            let least = (low / step).ceil() * step;
            let excluded = bound("exclusiveMinimum") == Some(least);
            if excluded { least + step } else { least }
        }
        (Some(_), None, _) => 0.0,
        (None, Some(low), Some(high)) => f64::midpoint(low, high),
        (None, Some(low), None) => low + 0.5,
        (None, None, Some(high)) => high - 0.5,
        (None, None, None) => 0.5,
    };
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn formatted(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "2026-05-03",
        "time" => "22:40:00Z",
        "date-time" => "2026-05-03T22:40:00Z",
        "duration" => "PT5M",
        "email" => "someone@example.org",
        "hostname" => "example.org",
        "uri" | "uri-reference" => "https://example.org/",
        "ipv4" => "192.0.2.1",
        "ipv6" => "2001:db8::1",
        "uuid" => "0190163d-8694-739b-aea5-966c26f8ad91",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
