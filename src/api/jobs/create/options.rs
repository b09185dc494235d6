//! The options of an upload out of their JSON, with every fault at its place.

use crate::api::problem::{Problem, kinds};
use crate::domain::options::{Fault, JobOptions};
use serde_json::{Map, Value};

/// A part that was left blank asks for nothing.
pub fn parse(text: &str) -> Result<JobOptions, Problem> {
    if text.trim().is_empty() {
        return Ok(JobOptions::default());
    }
    let refused =
        |faults| Problem::new(&kinds::INVALID_OPTIONS, "the options cannot be used").errors(faults);
    let fault = |pointer: &str, detail: String| Fault { pointer: pointer.to_owned(), detail };
    let value: Value = serde_json::from_str(text)
        .map_err(|why| refused(vec![fault("", format!("not JSON: {why}"))]))?;
    let Value::Object(fields) = value else {
        return Err(refused(vec![fault("", "must be a JSON object".to_owned())]));
    };
    read(fields)
}

/// The options out of the fields of an object.
pub fn read(fields: Map<String, Value>) -> Result<JobOptions, Problem> {
    let refused =
        |faults| Problem::new(&kinds::INVALID_OPTIONS, "the options cannot be used").errors(faults);
    let faults: Vec<Fault> = fields.iter().filter_map(|(name, value)| alone(name, value)).collect();
    if !faults.is_empty() {
        return Err(refused(faults));
    }
    serde_json::from_value(Value::Object(fields))
        .map_err(|why| refused(vec![Fault { pointer: String::new(), detail: why.to_string() }]))
}

/// Tries one field by itself: so each fault is told with its place, and all of them at once.
fn alone(name: &str, value: &Value) -> Option<Fault> {
    let fields = Map::from_iter([(name.to_owned(), value.clone())]);
    let why = serde_json::from_value::<JobOptions>(Value::Object(fields)).err()?;
    let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    Some(Fault { pointer, detail: why.to_string() })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn all_faults_are_told_at_once_each_at_its_place() {
        let text =
            r#"{"language": 7, "diarise": true, "a/b": 1, "note": false, "priority": "now"}"#;
        let problem = parse(text).unwrap_err();
        assert_eq!(problem.kind, &kinds::INVALID_OPTIONS);
        let mut pointers: Vec<_> = problem.errors.iter().map(|f| f.pointer.as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/a~1b", "/diarise", "/language", "/priority"]);
        let unknown = problem.errors.iter().find(|f| f.pointer == "/diarise").unwrap();
        assert!(unknown.detail.contains("unknown field `diarise`"), "{}", unknown.detail);
    }

    #[test]
    fn what_is_no_object_is_refused_and_what_is_blank_asks_for_nothing() {
        for text in ["{", "[]", "null", "\"note\""] {
            let problem = parse(text).unwrap_err();
            assert_eq!(problem.kind, &kinds::INVALID_OPTIONS, "{text}");
            assert_eq!(problem.errors[0].pointer, "", "{text}");
        }
        assert_eq!(parse(" ").unwrap(), JobOptions::default());
        assert!(!parse(r#"{"note": false}"#).unwrap().note);
    }
}
