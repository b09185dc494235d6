//! `/v1/notes`, `DELETE /v1/jobs/{id}` and `GET /v1/jobs/{id}/audio`: browse, search, take away, listen.

use super::kit::data;
use super::kit::server::Server;
use diarist::domain::ids::JobId;
use diarist::domain::options::JobOptions;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use std::path::Path;

fn on(day: &str, tags: &[&str]) -> JobOptions {
    JobOptions {
        recorded_at: Some(format!("{day}T22:40:00+02:00").parse().unwrap()),
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        ..JobOptions::default()
    }
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

fn only(id: &str) -> Vec<String> {
    vec![id.to_owned()]
}

/// A diary of three notes: jfk on the 3rd, the memo on the 4th and, tagged, on the 5th.
async fn diary(server: &Server) -> [String; 3] {
    let jfk = server.run(&data("speech/jfk.wav"), &on("2026-05-03", &[])).await;
    let memo = server.run(&data("memo.wav"), &on("2026-05-04", &[])).await;
    let tagged = server.run(&data("memo.wav"), &on("2026-05-05", &["family"])).await;
    [jfk.id, memo.id, tagged.id].map(|id: JobId| id.to_string())
}

#[tokio::test]
async fn the_diary_is_browsed_by_day_and_tag_page_by_page_newest_first() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [jfk, memo, tagged] = diary(&server).await;
    let all = server.json("/v1/notes").await;
    assert_eq!(ids(&all), [tagged.clone(), memo.clone(), jfk.clone()]);
    let first = &all["items"][0];
    assert_eq!((&first["day"], &first["file_name"]), (&json!("2026-05-05"), &json!("memo.wav")));
    assert_eq!(first["recorded_at"], "2026-05-05T22:40:00+02:00");
    assert!(first["matches"].is_null() && first["title"].is_string());
    assert_eq!(ids(&server.json("/v1/notes?day=2026-05-04").await), only(&memo));
    let spring = server.json("/v1/notes?from=2026-05-04&to=2026-05-05").await;
    assert_eq!(ids(&spring), [tagged.clone(), memo.clone()]);
    assert_eq!(ids(&server.json("/v1/notes?tag=family").await), only(&tagged));
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.json(&format!("/v1/notes?limit=1{cursor}")).await;
        seen.extend(ids(&page));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, [tagged, memo, jfk]);
}

#[tokio::test]
async fn a_search_shows_the_sentence_with_its_time_and_no_query_is_an_error_of_the_database() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [jfk, memo, tagged] = diary(&server).await;
    let found = server.json("/v1/notes?q=COUNTRY").await;
    assert_eq!(ids(&found), only(&jfk));
    let hit = &found["items"][0]["matches"][0];
    let text = hit["text"].as_str().unwrap();
    let (start, end) = (hit["marks"][0]["start"].as_u64(), hit["marks"][0]["end"].as_u64());
    let (start, end) = (start.unwrap() as usize, end.unwrap() as usize);
    let marked: String = text.chars().skip(start).take(end - start).collect();
    assert_eq!(marked.to_lowercase(), "country", "{hit}");
    let timed = found["items"][0]["matches"].as_array().unwrap().iter();
    assert!(timed.clone().any(|hit| hit["end_ms"].as_u64().is_some_and(|ms| ms <= 11_100)));
    // Both say it, both words have to be there, and a phrase is a phrase.
    assert_eq!(ids(&server.json("/v1/notes?q=fell%C3%B3w").await), [tagged, memo, jfk.clone()]);
    assert_eq!(ids(&server.json("/v1/notes?q=fellow+country").await), only(&jfk));
    assert_eq!(ids(&server.json("/v1/notes?q=count*&limit=1").await), only(&jfk));
    assert_eq!(ids(&server.json("/v1/notes?q=%22fellow+americans%22").await).len(), 3);
    assert_eq!(server.json("/v1/notes?q=%22americans+fellow%22").await["items"], json!([]));
    for odd in [
        "AND", "NEAR(a", "\"", "text:x", "a* b*", "x OR", "(", "'", "-1", "^a", "{a}", "a\0b",
        "\u{2}",
    ] {
        let answer = Client::new().get(format!("{}/v1/notes", server.url)).query(&[("q", odd)]);
        let status = answer.send().await.unwrap().status();
        assert!([StatusCode::OK, StatusCode::BAD_REQUEST].contains(&status), "{odd}: {status}");
    }
}

#[tokio::test]
async fn a_removed_job_leaves_nothing_behind_and_can_be_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let [jfk, memo, tagged] = diary(&server).await;
    let remove = |id: &str| {
        let url = format!("{}/v1/jobs/{id}", server.url);
        async move { Client::new().delete(url).send().await.unwrap().status() }
    };
    assert!(folder(dir.path(), &memo).is_dir());
    assert_eq!(remove(&memo).await, StatusCode::NO_CONTENT);
    assert_eq!(remove(&memo).await, StatusCode::NOT_FOUND);
    for rest in ["", "/note", "/transcript", "/audio", "/events"] {
        let status = server.get(&format!("/v1/jobs/{memo}{rest}")).await.status();
        assert_eq!(status, StatusCode::NOT_FOUND, "{rest}");
    }
    assert!(!folder(dir.path(), &memo).exists());
    assert_eq!(ids(&server.json("/v1/notes?q=fellow").await), [tagged, jfk]);
    let again = server.run(&data("memo.wav"), &on("2026-05-04", &[])).await;
    assert!(again.id.to_string() != memo && again.status == "done");
    let kept = server.get(&format!("/v1/jobs/{}", JobId(uuid::Uuid::nil()))).await;
    assert_eq!(kept.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_running_job_is_stopped_when_it_is_removed() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let file = super::kit::sound::speech(dir.path(), 240);
    let options = JobOptions { note: false, ..JobOptions::default() };
    let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
    let mut follow = server.client.follow(job.id, 0);
    while follow.next().await.unwrap().is_some_and(|event| event.kind != "segment") {}
    server.client.remove(job.id).await.unwrap();
    // The stream of a job that is gone ends, and the next one has its turn at once.
    while follow.next().await.unwrap().is_some() {}
    assert!(!folder(dir.path(), &job.id.to_string()).exists());
    let next = server.run(&data("memo.wav"), &JobOptions::default()).await;
    assert_eq!(next.status, "done");
}

#[tokio::test]
async fn a_recording_is_given_back_whole_and_in_parts() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let job = server.run(&data("memo.m4a"), &JobOptions::default()).await;
    let sent = std::fs::read(data("memo.m4a")).unwrap();
    let url = format!("{}/v1/jobs/{}/audio", server.url, job.id);
    let ask = |method: Method, range: Option<&str>| {
        let request = Client::new().request(method, &url);
        match range {
            Some(range) => request.header("Range", range),
            None => request,
        }
    };
    let whole = ask(Method::GET, None).send().await.unwrap();
    assert_eq!(
        (whole.status(), &whole.headers()["content-type"]),
        (StatusCode::OK, &"audio/mp4".parse().unwrap())
    );
    assert_eq!(whole.headers()["accept-ranges"], "bytes");
    assert_eq!(whole.bytes().await.unwrap(), sent);
    let part = ask(Method::GET, Some("bytes=100-199")).send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()["content-range"], format!("bytes 100-199/{}", sent.len()).as_str());
    assert_eq!(part.bytes().await.unwrap(), sent[100..200]);
    let beyond = ask(Method::GET, Some("bytes=99999999-")).send().await.unwrap();
    assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.headers()["content-range"], format!("bytes */{}", sent.len()).as_str());
    let head = ask(Method::HEAD, None).send().await.unwrap();
    assert_eq!(head.headers()["content-length"], sent.len().to_string().as_str());
}

fn folder(data_dir: &Path, job: &str) -> std::path::PathBuf {
    data_dir.join("audio").join(job)
}
