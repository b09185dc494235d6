//! The parts of a call as OpenAI's clients send them: in any order, lists in brackets, strange fields ignored.

use super::refusal::Refusal;
use crate::actors::engine::Uploaded;
use crate::api::jobs::{broken_off, check_length, discard, file_name, receive, text};
use crate::api::problem::Problem;
use crate::api::router::Api;
use axum::extract::Multipart;
use axum::http::HeaderMap;

/// What is read of a form; whatever else other servers know is passed over.
const KNOWN: &[&str] = &[
    "model",
    "language",
    "languages",
    "prompt",
    "keywords",
    "response_format",
    "temperature",
    "timestamp_granularities",
    "include",
    "chunking_strategy",
    "known_speaker_names",
    "known_speaker_references",
    "stream",
];
/// More fields than any client sends.
const FIELDS_MAX: usize = 1_000;

/// The fields that are text, in the order in which they came.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

pub struct File {
    pub name: String,
    pub uploaded: Uploaded,
}

impl Fields {
    /// The last value of a field that says something.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// All values of a list.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let of_name = self.0.iter().filter(move |(field, _)| field == name);
        of_name.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The fields of an object, `name[key]`, without its name.
    pub fn within(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(move |(field, value)| {
            let key = field.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            Some((key, value.trim()))
        })
    }
}

#[cfg(test)]
impl Fields {
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }
}

#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Fields {
    fn from(fields: [(&str, &str); N]) -> Self {
        let owned = |(name, value): (&str, &str)| (plain(name).to_owned(), value.to_owned());
        Self(fields.into_iter().map(owned).collect())
    }
}

/// Reads a form to its end. The recording goes to the data folder as it comes.
pub async fn read(
    api: &Api,
    headers: &HeaderMap,
    parts: &mut Multipart,
) -> Result<(Fields, File), Refusal> {
    let expected = check_length(headers, api.engine.config().server.max_upload_bytes)?;
    let read = match take(api, expected, parts).await {
        Ok(read) => read,
        Err(refusal) => {
            discard(parts).await;
            return Err(refusal);
        }
    };
    let (fields, file) = read;
    let missing = || {
        Refusal::of(
            "file",
            "missing_required_parameter",
            "the recording is missing: send it as `file`",
        )
    };
    Ok((fields, file.ok_or_else(missing)?))
}

async fn take(
    api: &Api,
    expected: u64,
    parts: &mut Multipart,
) -> Result<(Fields, Option<File>), Refusal> {
    api.engine.room_for_upload(expected).map_err(Problem::from)?;
    let (mut fields, mut file) = (Fields::default(), None);
    while let Some(mut field) = parts.next_field().await.map_err(|why| broken_off(&why))? {
        let name = plain(field.name().unwrap_or_default()).to_owned();
        if name == "file" {
            if file.is_some() {
                return Err(Refusal::of(
                    "file",
                    "invalid_value",
                    "one recording is taken at a time",
                ));
            }
            let name = file_name(field.file_name());
            file = Some(File { name, uploaded: receive(api, &mut field).await? });
        } else if KNOWN.contains(&name.split('[').next().unwrap_or_default()) {
            if fields.0.len() >= FIELDS_MAX {
                return Err(Refusal::of(&name, "invalid_value", "too many fields"));
            }
            let value = text(&mut field).await.map_err(|problem: Problem| Refusal {
                param: Some(name.clone()),
                ..problem.into()
            })?;
            fields.0.push((name, value));
        }
    }
    Ok((fields, file))
}

/// A list's name without its brackets: `include[]` and `include[0]` are `include`.
fn plain(name: &str) -> &str {
    match name.rsplit_once('[') {
        Some((list, index)) if index.trim_end_matches(']').bytes().all(|b| b.is_ascii_digit()) => {
            list
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_with_brackets_indices_or_none_and_blanks_say_nothing() {
        let fields = Fields::from([
            ("include[]", "a"),
            ("include[1]", "b"),
            ("include", "c"),
            ("language", " "),
            ("chunking_strategy[type]", "server_vad"),
        ]);
        assert_eq!(fields.all("include").collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(fields.one("language"), None);
        let within: Vec<_> = fields.within("chunking_strategy").collect();
        assert_eq!(within, [("type", "server_vad")]);
    }
}
