//! `/v1/entries` and `/v1/days`: the diary with everything in it, and that its counts are those of its lists.

use super::kit::server::Server;
use super::kit::{data, diary};
use chrono::{DateTime, Utc};
use diarist::domain::options::JobOptions;
use diarist::store::Store;
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn end() -> DateTime<Utc> {
    "2026-05-03T20:40:00Z".parse().unwrap()
}

/// A server on a made-up diary.
pub async fn filled(data_dir: &Path, count: usize) -> Server {
    filled_with(data_dir, count, &[]).await
}

pub async fn filled_with(data_dir: &Path, count: usize, settings: &[(&str, &str)]) -> Server {
    let store = Store::open(&data_dir.join("diarist.db")).await.unwrap();
    let memos = diary::fill(&store, count, end(), 7).await;
    store.close().await;
    std::fs::create_dir_all(data_dir.join("audio")).unwrap();
    diary::add_recordings(data_dir, &memos);
    Server::start_with(data_dir, settings)
}

/// All items of all pages.
pub async fn all(server: &Server, filter: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.json(&format!("/v1/entries?limit={limit}{filter}{cursor}")).await;
        let found = page["items"].as_array().unwrap();
        assert!(found.len() <= limit);
        items.extend(found.iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else {
            assert_eq!(page["total"], items.len(), "{filter}");
            return items;
        };
        cursor = format!("&cursor={next}");
    }
}

fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["id"].as_str().unwrap()).collect()
}

/// Tags or days with their counts.
pub async fn counts(server: &Server, path: &str, name: &str) -> BTreeMap<String, u64> {
    let page = server.json(path).await;
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|item| (item[name].as_str().unwrap().to_owned(), item["count"].as_u64().unwrap()))
        .collect()
}

#[tokio::test]
async fn every_job_is_listed_once_newest_day_first_and_counted_as_it_is_listed() {
    let dir = tempfile::tempdir().unwrap();
    let server = filled(dir.path(), 90).await;
    let items = all(&server, "", 7).await;
    assert_eq!(items.len(), 90);
    assert_eq!(ids(&items).iter().collect::<BTreeSet<_>>().len(), 90);
    let walls: Vec<&str> =
        items.iter().map(|item| &item["recorded_at"].as_str().unwrap()[..19]).collect();
    assert!(walls.is_sorted_by(|a, b| a >= b), "{walls:?}");
    assert_eq!(ids(&items), ids(&all(&server, "", 500).await));
    let (mut days, mut tags) = (BTreeMap::new(), BTreeMap::new());
    for item in &items {
        let day = item["day"].as_str().unwrap();
        assert!(item["recorded_at"].as_str().unwrap().starts_with(day));
        *days.entry(day.to_owned()).or_insert(0) += 1;
        for tag in item["tags"].as_array().unwrap() {
            *tags.entry(tag.as_str().unwrap().to_owned()).or_insert(0) += 1;
        }
        assert_eq!(item["has_note"], !item["summary"].is_null());
        assert!(item["summary"].as_str().is_none_or(|text| text.chars().count() <= 200));
        assert!(item["trashed_at"].is_null() && item["matches"].is_null());
        assert_eq!(item["progress"]["fraction"], 1.0);
    }
    assert_eq!(counts(&server, "/v1/days", "day").await, days);
    assert_eq!(counts(&server, "/v1/tags", "tag").await, tags);
    for (tag, count) in &tags {
        assert_eq!(all(&server, &format!("&tag={tag}"), 5).await.len() as u64, *count, "{tag}");
    }
    let (from, to) = (walls[60][..10].to_owned(), walls[20][..10].to_owned());
    let spring = all(&server, &format!("&from={from}&to={to}"), 50).await;
    let within = days.range(from.clone()..=to.clone());
    let range = counts(&server, &format!("/v1/days?from={from}&to={to}"), "day").await;
    assert!(within.clone().map(|(day, n)| (day.clone(), *n)).eq(range));
    assert_eq!(within.map(|(_, n)| *n).sum::<u64>(), spring.len() as u64);
    assert_eq!(all(&server, &format!("&day={to}"), 50).await.len() as u64, days[&to]);
    assert!(all(&server, "&status=failed", 50).await.is_empty());
}

#[tokio::test]
async fn a_search_finds_what_is_said_with_a_note_or_without() {
    let dir = tempfile::tempdir().unwrap();
    let server = filled(dir.path(), 120).await;
    let items = all(&server, "", 500).await;
    let silent = items.iter().find(|item| item["has_note"] == false).unwrap();
    assert_eq!(silent["title"], silent["file_name"].as_str().unwrap().trim_end_matches(".wav"));
    let mut lists = BTreeMap::new();
    for q in ["lisbon", "anna", "%22lentil+soup%22", "cafe+yuki", "photogr*", "the"] {
        let found = all(&server, &format!("&q={q}"), 9).await;
        assert!(!found.is_empty() && found.len() <= 120, "{q}");
        for item in &found {
            let hits = item["matches"].as_array().unwrap();
            assert!(!hits.is_empty() && hits.iter().all(|hit| hit["marks"][0].is_object()), "{q}");
        }
        lists.insert(q, ids(&found).into_iter().map(str::to_owned).collect::<BTreeSet<_>>());
    }
    // What a plain look through all transcripts finds.
    for (q, word) in [("lisbon", "Lisbon"), ("%22lentil+soup%22", "lentil soup"), ("anna", "Anna")]
    {
        let mut said = BTreeSet::new();
        for item in &items {
            let id = item["id"].as_str().unwrap();
            let text = server.json(&format!("/v1/jobs/{id}/transcript")).await["text"].to_string();
            if text.contains(word) || item["title"].as_str().unwrap().contains(word) {
                said.insert(id.to_owned());
            }
        }
        assert_eq!(lists[q], said, "{q}");
    }
    assert!(all(&server, "&q=%22soup+lentil%22", 9).await.is_empty());
    // A phrase does not go on from one sentence to the next.
    let spoken = server.json(&format!("/v1/jobs/{}/transcript", ids(&items)[0])).await;
    let last = spoken["segments"][0]["text"].as_str().unwrap().trim_end_matches('.');
    let next = spoken["segments"][1]["text"].as_str().unwrap().split(' ').next().unwrap();
    let across = format!("\"{} {next}\"", last.rsplit(' ').next().unwrap()).replace(' ', "+");
    assert!(all(&server, &format!("&q={across}"), 9).await.is_empty(), "{across}");
    let title = format!("&q=%22{}%22", &silent["title"].as_str().unwrap()[5..15]);
    let by_title = all(&server, &title, 9).await;
    assert!(ids(&by_title).contains(&silent["id"].as_str().unwrap()));
    for odd in ["limit=501", "q=%2A", "cursor=x", "day=now", "trash=2", "what=1"] {
        let status = server.get(&format!("/v1/entries?{odd}")).await.status();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{odd}");
    }
}

#[tokio::test]
async fn a_job_without_a_note_is_found_by_its_words_as_soon_as_it_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let plain = JobOptions { note: false, ..JobOptions::default() };
    let job = server.run(&data("speech/jfk.wav"), &plain).await;
    let found = server.json("/v1/entries?q=country").await;
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &json!(job.id)));
    let hit = &found["items"][0]["matches"][0];
    assert_eq!((&hit["source"], hit["end_ms"].is_u64()), (&json!("transcript"), true));
    assert_eq!(found["items"][0]["title"], "jfk");
    assert_eq!(server.json("/v1/entries?q=jfk").await["total"], 1);
    // The same sound with a note takes over what was heard, and is found as well.
    let noted = server.run(&data("speech/jfk.wav"), &JobOptions::default()).await;
    let found = server.json("/v1/entries?q=country").await;
    assert_eq!(found["total"], 2);
    let shown = &server.json(&format!("/v1/jobs/{}/note", noted.id)).await["title"];
    let items = found["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["id"] == json!(noted.id)).unwrap();
    assert_eq!((&item["title"], &item["has_note"]), (shown, &json!(true)));
}
