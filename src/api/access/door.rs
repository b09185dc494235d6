//! The small page that a browser sees which has not been let in.

use axum::http::header;
use axum::response::{Html, IntoResponse};
use uuid::Uuid;

pub const HINT: &str = "open the link that `diarist serve` showed when it started, or send its token \
    as `Authorization: Bearer …`; it is in the file lan/token of the data folder";

const STYLE: &str = "body{font:17px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.2rem}\
    code{font-family:ui-monospace,monospace}@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}a{color:#8bf}}";

/// It has no secret and no script. Its link is for those who came from another page: the cookie that lets them in
/// is not sent along with a link from elsewhere.
pub fn page(title: &str) -> impl IntoResponse + use<> {
    let nonce = Uuid::new_v4().simple().to_string();
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_FRAME_OPTIONS, "DENY".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Diarist: {title}</title>\
         <style nonce=\"{nonce}\">{STYLE}</style><h1>This diary is locked</h1><p>{title}.</p>\
         <p>On the computer where <code>diarist serve</code> runs, its terminal shows a code and a link. \
         Scan the code with this device, or open the link, and it stays unlocked.</p>\
         <p>Did you do so before, and follow a link from somewhere else now? \
         <a href=\"/\">Open the diary</a></p></html>"
    );
    (headers, Html(page))
}
