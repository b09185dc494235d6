//! One file of the page: found in the binary, packed once, and not sent again to a browser that has it.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Everything comes from this server, nothing is written into the page as text that runs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// In a build for development the files are read from the disk each time: change one and reload.
#[derive(RustEmbed)]
#[folder = "web/"]
struct Files;

/// A file with its packed form.
#[derive(Clone)]
pub struct Found {
    etag: String,
    mime: String,
    plain: Bytes,
    packed: Bytes,
}

/// How the browser wants a file.
pub struct Form {
    takes_gzip: bool,
    has: Option<String>,
}

static PACKED: LazyLock<Mutex<HashMap<String, Found>>> = LazyLock::new(Mutex::default);

pub fn find(path: &str) -> Option<Found> {
    let file = Files::get(path)?;
    let etag = format!("\"{}\"", crate::domain::digest::hex(&file.metadata.sha256_hash()[..12]));
    let mut packed = PACKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = packed.get(path).filter(|found| found.etag == etag) {
        return Some(found.clone());
    }
    let plain = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let found = Found { etag, mime: mime(path), packed: pack(&plain), plain };
    packed.insert(path.to_owned(), found.clone());
    Some(found)
}

fn mime(path: &str) -> String {
    let ending = path.rsplit('.').next().unwrap_or_default();
    let mime = match ending {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webmanifest" => "application/manifest+json",
        _ => "text/plain; charset=utf-8",
    };
    mime.to_owned()
}

/// Nothing comes out where the memory would not hold it: then the file is sent as it is.
fn pack(plain: &[u8]) -> Bytes {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    let packed = packer.write_all(plain).and_then(|()| packer.finish());
    packed.map(Bytes::from).unwrap_or_default()
}

impl Form {
    pub fn wanted(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let codings = text(header::ACCEPT_ENCODING).unwrap_or_default().split(',');
        let takes_gzip = codings.map(str::trim).any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim() == "gzip" && weight.trim().trim_end_matches(['0', '.']) != "q="
        });
        Self { takes_gzip, has: text(header::IF_NONE_MATCH).map(str::to_owned) }
    }
}

impl Found {
    pub fn answer(self, form: &Form) -> Response {
        let bare = |etag: &str| etag.trim().trim_start_matches("W/") == self.etag;
        let has_it = form.has.as_deref().is_some_and(|had| had.split(',').any(bare));
        let headers = [
            (header::ETAG, self.etag.as_str()),
            // The binary may be another one the next time: always asked, seldom sent.
            (header::CACHE_CONTROL, "no-cache"),
            (header::VARY, "accept-encoding"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (header::REFERRER_POLICY, "no-referrer"),
        ];
        if has_it {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let kind = [(header::CONTENT_TYPE, self.mime.as_str())];
        if form.takes_gzip && !self.packed.is_empty() && self.packed.len() < self.plain.len() {
            let coding = [(header::CONTENT_ENCODING, "gzip")];
            return (headers, kind, coding, Body::from(self.packed)).into_response();
        }
        (headers, kind, Body::from(self.plain)).into_response()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use std::io::Read;

    fn form(codings: Option<&str>, has: Option<&str>) -> Form {
        let mut headers = HeaderMap::new();
        let given = [(header::ACCEPT_ENCODING, codings), (header::IF_NONE_MATCH, has)];
        for (name, value) in given {
            value.map(|value| headers.insert(name, value.parse().unwrap()));
        }
        Form::wanted(&headers)
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (codings, takes) in [
            (Some("gzip"), true),
            (Some("br, gzip;q=0.8"), true),
            (Some("gzip;q=0"), false),
            (Some("gzip; q=0.0"), false),
            (Some("br"), false),
            (None, false),
        ] {
            assert_eq!(form(codings, None).takes_gzip, takes, "{codings:?}");
        }
    }

    #[tokio::test]
    async fn a_file_is_packed_whole_and_not_sent_twice() {
        let found = find("index.html").unwrap();
        let answer = found.clone().answer(&form(Some("gzip"), None));
        assert_eq!(answer.headers()[header::CONTENT_ENCODING], "gzip");
        let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, found.plain);
        let again = found.clone().answer(&form(None, Some(&format!("W/{}, \"x\"", found.etag))));
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(find("../Cargo.toml").is_none() && find("assets/none.js").is_none());
    }

    /// A module that is only found by reading another one costs the first load a round trip.
    #[test]
    fn every_module_and_style_is_named_in_the_page_and_nothing_comes_from_elsewhere() {
        let page = String::from_utf8(find("index.html").unwrap().plain.to_vec()).unwrap();
        for path in Files::iter() {
            let text = String::from_utf8_lossy(&Files::get(&path).unwrap().data).into_owned();
            let loads =
                path.ends_with(".js") && path.starts_with("assets/") || path.ends_with(".css");
            let later = path.contains("/later/");
            assert!(
                !loads || later || page.contains(&format!("\"/{path}\"")),
                "{path} is not named"
            );
            let foreign = ["src=\"http", "href=\"http", "from \"http", "import(\"http", "url(http"];
            let found = foreign.iter().find(|foreign| text.contains(**foreign));
            assert!(path.contains("vendor/") || found.is_none(), "{path}: {found:?}");
        }
    }
}
