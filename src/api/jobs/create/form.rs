//! The parts of an upload's form: which there are, each at most once, in any order.

use crate::api::problem::{Problem, kinds};
use crate::domain::options::JobOptions;
use axum::extract::multipart::{Field, MultipartError};
use chrono::{DateTime, FixedOffset};

/// A part that is text has at most this many bytes.
const TEXT_BYTES_MAX: usize = 64 * 1024;
const NAME_CHARS_MAX: usize = 255;
const HINT: &str = "the parts are `file` (the recording), `options` (JSON) and `last_modified`";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    File,
    Options,
    LastModified,
}

/// A form that has been read as a whole.
#[derive(Debug, PartialEq)]
pub struct Form<F> {
    pub file: F,
    pub options: JobOptions,
    pub last_modified: Option<DateTime<FixedOffset>>,
}

/// A form that is being read.
pub struct Draft<F> {
    pub file: Option<F>,
    pub options: JobOptions,
    pub last_modified: Option<DateTime<FixedOffset>>,
    begun: Vec<Part>,
}

impl<F> Default for Draft<F> {
    fn default() -> Self {
        let options = JobOptions::default();
        Self { file: None, options, last_modified: None, begun: Vec::new() }
    }
}

impl<F> Draft<F> {
    /// Which part this is; refuses one that is unknown, or there for the second time.
    pub fn begin(&mut self, name: &str) -> Result<Part, Problem> {
        let part = match name {
            "file" => Part::File,
            "options" => Part::Options,
            "last_modified" => Part::LastModified,
            _ => return Err(bad_form(name, "there is no such part")),
        };
        if self.begun.contains(&part) {
            return Err(bad_form(name, "this part may be there only once"));
        }
        self.begun.push(part);
        Ok(part)
    }

    pub fn complete(self) -> Result<Form<F>, Problem> {
        let Self { file, options, last_modified, .. } = self;
        let file = file.ok_or_else(|| bad_form("file", "the recording is missing"))?;
        Ok(Form { file, options, last_modified })
    }
}

pub fn bad_form(part: &str, detail: &str) -> Problem {
    let part = part.replace('~', "~0").replace('/', "~1");
    Problem::new(&kinds::BAD_FORM, "the form of the upload cannot be used")
        .error(format!("/{part}"), detail)
        .hint(HINT)
}

/// The form ended before its end, or is none.
pub fn broken_off(why: &MultipartError) -> Problem {
    Problem::new(&kinds::BAD_FORM, why.body_text()).hint(HINT)
}

/// A part that is text, as long as it is short.
pub async fn text(field: &mut Field<'_>) -> Result<String, Problem> {
    let name = field.name().unwrap_or_default().to_owned();
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|why| broken_off(&why))? {
        if bytes.len() + chunk.len() > TEXT_BYTES_MAX {
            return Err(bad_form(&name, &format!("more than {TEXT_BYTES_MAX} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| bad_form(&name, "not text in UTF-8"))
}

pub fn last_modified(text: &str) -> Result<DateTime<FixedOffset>, Problem> {
    let read = DateTime::parse_from_rfc3339(text.trim());
    read.map_err(|_| bad_form("last_modified", "not a time such as 2026-05-03T22:40:00+02:00"))
}

/// The last step of a path, on one line, and short enough to be kept.
pub fn file_name(given: Option<&str>) -> String {
    let name = given.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = name.trim();
    let excess = name.chars().count().saturating_sub(NAME_CHARS_MAX);
    // The end has the extension, and often the date.
    let name: String = name.chars().skip(excess).collect();
    if name.is_empty() { "memo".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use axum::body::Body;
    use axum::extract::{FromRequest, Multipart};
    use axum::http::Request;

    const EDGE: &str = "EDGE";

    async fn form(body: String) -> Multipart {
        let request = Request::post("/v1/jobs")
            .header("content-type", format!("multipart/form-data; boundary={EDGE}"))
            .body(Body::from(body))
            .unwrap();
        Multipart::from_request(request, &()).await.unwrap()
    }

    fn part(name: &str, value: &str) -> String {
        format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    }

    #[test]
    fn parts_come_in_any_order_each_once_and_the_recording_must_be_there() {
        let mut draft = Draft::<u8>::default();
        assert_eq!(draft.begin("options").unwrap(), Part::Options);
        assert_eq!(draft.begin("file").unwrap(), Part::File);
        assert_eq!(draft.begin("file").unwrap_err().errors[0].pointer, "/file");
        let unknown = draft.begin("a/b").unwrap_err();
        assert_eq!((unknown.kind, unknown.errors[0].pointer.as_str()), (&kinds::BAD_FORM, "/a~1b"));
        assert_eq!(draft.complete().unwrap_err().errors[0].detail, "the recording is missing");
        let whole = Draft { file: Some(7), ..Draft::default() }.complete().unwrap();
        assert_eq!((whole.file, whole.options.note), (7, true));
    }

    #[tokio::test]
    async fn a_text_is_read_up_to_its_limit() {
        for (bytes, good) in [(TEXT_BYTES_MAX, true), (TEXT_BYTES_MAX + 1, false)] {
            let body = part("options", &"x".repeat(bytes)) + &format!("--{EDGE}--\r\n");
            let mut form = form(body).await;
            let mut field = form.next_field().await.unwrap().unwrap();
            assert_eq!(text(&mut field).await.is_ok(), good, "{bytes}");
        }
    }

    #[tokio::test]
    async fn a_form_that_breaks_off_is_a_problem_of_its_sender() {
        let mut form = form(part("options", "{}").trim_end().to_owned()).await;
        let mut field = form.next_field().await.unwrap().unwrap();
        assert_eq!(text(&mut field).await.unwrap_err().kind, &kinds::BAD_FORM);
    }

    #[test]
    fn a_file_keeps_its_name_without_its_path() {
        let long = format!("{}.m4a", "x".repeat(300));
        for (given, kept) in [
            (Some("memo.m4a"), "memo.m4a"),
            (Some("/home/me/memo.m4a"), "memo.m4a"),
            (Some("C:\\memos\\memo.m4a"), "memo.m4a"),
            (Some("../.."), ".."),
            (Some("a\nb.m4a"), "ab.m4a"),
            (Some(" "), "memo"),
            (Some("dir/"), "memo"),
            (None, "memo"),
            (Some(&long), &long[long.len() - NAME_CHARS_MAX..]),
        ] {
            assert_eq!(file_name(given), kept, "{given:?}");
        }
    }

    #[test]
    fn a_files_time_has_its_offset() {
        let read = last_modified(" 2026-05-03T22:40:00+02:00 ").unwrap();
        assert_eq!(read.to_rfc3339(), "2026-05-03T22:40:00+02:00");
        for bad in ["2026-05-03", "2026-05-03T22:40:00", ""] {
            assert_eq!(last_modified(bad).unwrap_err().errors[0].pointer, "/last_modified");
        }
    }
}
