//! Downloads from a hub that cuts, restarts, lies and dies.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::sync::Mutex;

use super::*;
use crate::providers::models::hub_double::{Answer, HubDouble};
use crate::providers::models::synthetic::scratch;

fn content() -> Vec<u8> {
    (0..100_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

struct Outcome {
    result: Result<(), ModelError>,
    file: Option<Vec<u8>>,
    partial: Option<Vec<u8>>,
    ranges: Vec<Option<String>>,
    told: Vec<(u64, u64)>,
}

/// Downloads from a hub with these answers, `earlier` being what an earlier try left.
async fn fetch(earlier: &[u8], answers: Vec<Answer>) -> Outcome {
    let dir = scratch();
    let sha256 = {
        let path = dir.path().join("reference");
        fs::write(&path, content()).unwrap();
        fingerprint::sha256_of(&path).unwrap()
    };
    let hub = HubDouble::start(content(), answers);
    let to = dir.path().join("model.bin");
    let partial = dir.path().join("model.bin.part");
    if !earlier.is_empty() {
        fs::write(&partial, earlier).unwrap();
        fs::write(dir.path().join("model.bin.etag"), "\"one\"").unwrap();
    }
    let told = Mutex::new(Vec::new());
    let file = HubFile { url: hub.url.clone(), bytes: content().len() as u64, sha256 };
    let result = download(&client().unwrap(), &file, &to, &|done, total| {
        told.lock().unwrap().push((done, total));
    })
    .await;
    Outcome {
        result,
        file: fs::read(&to).ok(),
        partial: fs::read(&partial).ok(),
        ranges: hub.ranges(),
        told: told.into_inner().unwrap(),
    }
}

fn range(from: usize) -> Option<String> {
    Some(format!("bytes={from}-"))
}

#[tokio::test]
async fn a_whole_answer_is_a_whole_file() {
    let outcome = fetch(&[], vec![Answer::Well]).await;
    outcome.result.unwrap();
    assert_eq!(outcome.file, Some(content()));
    assert_eq!(outcome.partial, None);
    assert_eq!(outcome.ranges, [None]);
    assert_eq!(outcome.told.first(), Some(&(0, 100_000)));
    assert_eq!(outcome.told.last(), Some(&(100_000, 100_000)));
    assert!(outcome.told.is_sorted());
}

#[tokio::test]
async fn a_cut_connection_is_resumed_where_it_broke() {
    let answers = vec![Answer::CutAfter(30_000), Answer::CutAfter(1_000), Answer::Well];
    let outcome = fetch(&[], answers).await;
    outcome.result.unwrap();
    assert_eq!(outcome.file, Some(content()));
    assert_eq!(outcome.ranges, [None, range(30_000), range(31_000)]);
}

#[tokio::test]
async fn an_earlier_process_is_continued() {
    let outcome = fetch(&content()[..60_000], vec![Answer::Well]).await;
    outcome.result.unwrap();
    assert_eq!(outcome.file, Some(content()));
    assert_eq!(outcome.ranges, [range(60_000)]);
    assert_eq!(outcome.told.first(), Some(&(60_000, 100_000)));
}

#[tokio::test]
async fn a_file_that_is_whole_already_needs_no_connection() {
    let outcome = fetch(&content(), vec![]).await;
    outcome.result.unwrap();
    assert_eq!(outcome.file, Some(content()));
}

#[tokio::test]
async fn a_finished_file_that_was_never_used_is_used_now() {
    let dir = scratch();
    let to = dir.path().join("model.bin");
    fs::write(&to, content()).unwrap();
    let sha256 = fingerprint::sha256_of(&to).unwrap();
    let url = HubDouble::dead();
    let file = HubFile { url, bytes: content().len() as u64, sha256 };
    download(&client().unwrap(), &file, &to, &|_, _| {}).await.unwrap();
    assert_eq!(fs::read(&to).unwrap(), content());
}

#[tokio::test]
async fn a_server_that_ignores_ranges_starts_again() {
    let outcome = fetch(&content()[..60_000], vec![Answer::IgnoreRange]).await;
    outcome.result.unwrap();
    assert_eq!(outcome.file, Some(content()));
    assert_eq!(outcome.ranges, [range(60_000)]);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_behind_is_not_put_there() {
    for wrong in [Answer::WrongRange, Answer::Status(416), Answer::Changed(vec![7; 100_000])] {
        let outcome = fetch(&content()[..60_000], vec![wrong, Answer::Well]).await;
        outcome.result.unwrap();
        assert_eq!(outcome.file, Some(content()));
        assert_eq!(outcome.ranges, [range(60_000), None]);
    }
}

#[tokio::test]
async fn a_spoilt_beginning_costs_one_more_download() {
    let outcome = fetch(&[0; 60_000], vec![Answer::Well, Answer::Well]).await;
    outcome.result.unwrap();
    assert_eq!(outcome.file, Some(content()));
    assert_eq!(outcome.ranges, [range(60_000), None]);
}

#[tokio::test]
async fn a_wrong_hash_is_an_error_and_leaves_nothing() {
    let outcome = fetch(&[], vec![Answer::Changed(vec![7; 100_000])]).await;
    assert!(matches!(outcome.result, Err(ModelError::WrongHash { .. })));
    assert_eq!((outcome.file, outcome.partial), (None, None));
}

#[tokio::test]
async fn a_wrong_size_is_refused_before_it_is_fetched() {
    let outcome = fetch(&[], vec![Answer::Changed(vec![7; 99])]).await;
    let wrong = matches!(outcome.result, Err(ModelError::WrongSize { actual: 99, .. }));
    assert!(wrong, "{:?}", outcome.result);
    assert_eq!((outcome.file, outcome.partial), (None, None));
}

#[tokio::test]
async fn a_refusal_is_final_and_keeps_what_came() {
    let outcome = fetch(&content()[..60_000], vec![Answer::Status(404)]).await;
    assert!(matches!(outcome.result, Err(ModelError::Refused { status: 404, .. })));
    assert_eq!(outcome.partial.map(|bytes| bytes.len()), Some(60_000));
}

#[tokio::test]
async fn a_server_that_dies_keeps_what_came_and_a_dead_one_costs_no_retry() {
    let outcome = fetch(&[], vec![Answer::CutAfter(30_000)]).await;
    assert!(matches!(outcome.result, Err(ModelError::Download { .. })), "{:?}", outcome.result);
    assert_eq!(outcome.partial.map(|bytes| bytes.len()), Some(30_000));
    let dead = fetch(&[], vec![]).await;
    assert!(matches!(dead.result, Err(ModelError::Download { .. })));
}
