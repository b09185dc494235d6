//! `/` and `/assets/…`: the page is there at each of its addresses, packed, under a strict policy, and sent once.

use super::kit::server::Server;
use reqwest::{Client, StatusCode, header};

#[tokio::test]
async fn every_screen_is_the_page_under_a_policy_that_lets_nothing_in() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let http = Client::new();
    let id = "0198c0de-0000-7000-8000-000000000001";
    let entry = format!("/entry/{id}");
    for screen in ["/", "/record", "/find", "/trash", "/setup", "/engine", "/shortcuts", &entry] {
        let answer = http.get(format!("{}{screen}", server.url)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{screen}");
        let headers = answer.headers();
        assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8", "{screen}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(answer.text().await.unwrap().contains("<div id=\"app\">"), "{screen}");
    }
    let lost = http.get(format!("{}/nowhere", server.url)).header(header::ACCEPT, "text/html");
    let lost = lost.send().await.unwrap();
    assert_eq!(lost.status(), StatusCode::NOT_FOUND);
    assert!(lost.text().await.unwrap().contains("<div id=\"app\">"));
    let nothing = http.get(format!("{}/assets/none.js", server.url)).send().await.unwrap();
    assert_eq!(nothing.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_is_packed_for_those_who_take_it_and_not_sent_to_those_who_have_it() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let http = Client::new();
    let script = format!("{}/assets/app.js", server.url);
    let plain = http.get(&script).send().await.unwrap();
    assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
    let etag = plain.headers()[header::ETAG].clone();
    let length = plain.bytes().await.unwrap().len();
    let packed = http.get(&script).header(header::ACCEPT_ENCODING, "gzip").send().await.unwrap();
    assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
    assert!(packed.bytes().await.unwrap().len() < length);
    let again = http.get(&script).header(header::IF_NONE_MATCH, etag).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
}
