//! `/v1/recordings`: what was acknowledged is never lost, what was not never counts, and in the end there is one job.

use super::kit::data;
use super::kit::node::TestNode;
use super::kit::server::Server;
use diarist::actors::engine::Submission;
use diarist::domain::ids::{JobId, TenantId};
use diarist::domain::options::JobOptions;
use futures::{StreamExt, stream};
use reqwest::{Body, Client, RequestBuilder, Response};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a browser's MediaRecorder makes: WebM without a length, and MP4 in fragments.
const LIVE: [(&str, &str, &str); 2] = [
    ("formats/webm-live-opus.ogg", "audio/webm;codecs=opus", "Recording 2026-05-03 22.40.webm"),
    ("formats/mp4-aac-fragmented.wav", "audio/mp4", "Recording 2026-05-03 22.40.m4a"),
];

fn live() -> Vec<u8> {
    std::fs::read(data(LIVE[0].0)).unwrap()
}

async fn body(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

async fn post(url: &str, draft: &Value) -> Response {
    let request = Client::new().post(format!("{url}/v1/recordings"));
    request.header("content-type", "application/json").body(draft.to_string()).send().await.unwrap()
}

/// Begins a recording; its path.
async fn begin(url: &str, media_type: &str) -> String {
    begin_with(url, media_type, json!({ "note": false })).await
}

async fn begin_with(url: &str, media_type: &str, options: Value) -> String {
    let recorded_at = "2026-05-03T22:40:00+02:00";
    let draft = json!({ "media_type": media_type, "recorded_at": recorded_at, "options": options });
    let answer = post(url, &draft).await;
    assert_eq!(answer.status(), 201);
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let recording = body(answer).await;
    assert_eq!(location, format!("/v1/recordings/{}", recording["id"].as_str().unwrap()));
    assert_eq!((&recording["offset"], &recording["state"]), (&json!(0), &json!("open")));
    assert_eq!(recording["recorded_at"], recorded_at);
    assert_eq!(
        (&recording["job_id"], &recording["media_type"]),
        (&Value::Null, &json!(media_type))
    );
    location
}

fn piece(url: &str, path: &str, offset: usize, bytes: impl Into<Body>) -> RequestBuilder {
    let request = Client::new().patch(format!("{url}{path}"));
    request.header("Upload-Offset", offset.to_string()).body(bytes)
}

/// Sends a piece, and sees it acknowledged.
async fn send(url: &str, path: &str, offset: usize, bytes: &[u8]) {
    let answer = piece(url, path, offset, bytes.to_vec()).send().await.unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["upload-offset"], (offset + bytes.len()).to_string());
}

async fn refused(request: RequestBuilder, status: u16, code: &str) -> (Value, Option<String>) {
    let answer = request.send().await.unwrap();
    let told = answer.status().as_u16();
    let offset = answer.headers().get("upload-offset").map(|at| at.to_str().unwrap().to_owned());
    let body = body(answer).await;
    assert_eq!((told, body["code"].as_str()), (status, Some(code)), "{body}");
    (body, offset)
}

fn finish(url: &str, path: &str) -> RequestBuilder {
    Client::new().post(format!("{url}{path}/finish"))
}

/// Finishes, and waits for the job.
async fn job_of(server: &Server, path: &str) -> JobId {
    let answer = finish(&server.url, path).send().await.unwrap();
    assert!(matches!(answer.status().as_u16(), 200 | 202), "{}", answer.text().await.unwrap());
    let id: JobId = body(answer).await["id"].as_str().unwrap().parse().unwrap();
    let job = server.wait(id).await;
    assert_eq!(job.status, "done", "{:?}", job.error);
    id
}

/// The text of the same bytes, sent at once.
async fn undisturbed(server: &Server, name: &str) -> String {
    let options = JobOptions { word_timestamps: true, note: false, ..JobOptions::default() };
    let job = server.run(&data(name), &options).await;
    server.client.transcript(job.id).await.unwrap().text
}

fn files(dir: &Path, folder: &str) -> usize {
    std::fs::read_dir(dir.join(folder)).unwrap().count()
}

#[tokio::test]
async fn pieces_of_a_live_recording_give_the_words_of_the_whole() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for (name, media_type, file_name) in LIVE {
        let path = begin(&server.url, media_type).await;
        let bytes = std::fs::read(data(name)).unwrap();
        let mut offset: usize = 0;
        // As a recorder sends them: of any size, and at times nothing at all.
        for length in [1, 0, 700, 4_000, 33, usize::MAX] {
            let end = bytes.len().min(offset.saturating_add(length));
            send(&server.url, &path, offset, &bytes[offset..end]).await;
            offset = end;
        }
        let answer = finish(&server.url, &path).send().await.unwrap();
        assert_eq!(answer.status(), 202);
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        let job = body(answer).await;
        assert_eq!(job["file_name"], file_name);
        assert_eq!(job["recorded_at"], "2026-05-03T22:40:00+02:00");
        assert_eq!(job["audio"]["bytes"], bytes.len());
        let id = job_of(&server, &path).await;
        assert_eq!(location, format!("/v1/jobs/{id}"));
        let again = finish(&server.url, &path).send().await.unwrap();
        assert_eq!(again.status(), 200);
        assert_eq!(body(again).await["id"], job["id"]);
        let transcript = server.json(&format!("{location}/transcript")).await;
        assert_eq!(transcript["text"], undisturbed(&server, name).await, "{name}");
        let words = transcript["segments"][0]["words"].as_array().unwrap();
        assert!(!words.is_empty(), "who records wants to hear it word by word");
        let shown = server.json(&path).await;
        assert_eq!((&shown["state"], &shown["job_id"]), (&json!("finished"), &job["id"]));
        let late = piece(&server.url, &path, bytes.len(), "more");
        refused(late, 409, "recording_finished").await;
        let discard = Client::new().delete(format!("{}{path}", server.url));
        refused(discard, 409, "recording_finished").await;
        let audio = server.get(&format!("{location}/audio")).await;
        assert_eq!(audio.bytes().await.unwrap(), bytes);
    }
    assert_eq!(server.json("/v1/recordings").await["items"], json!([]));
    assert_eq!((files(dir.path(), "recordings"), files(dir.path(), "uploads")), (0, 0));
}

#[tokio::test]
async fn a_piece_belongs_where_the_recording_ends() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let path = begin(&server.url, "audio/webm").await;
    send(&server.url, &path, 0, b"12345").await;
    for offset in [0, 4, 6, 1 << 40] {
        let (told, at) = refused(piece(&server.url, &path, offset, "x"), 409, "wrong_offset").await;
        assert_eq!(at.as_deref(), Some("5"), "{told}");
    }
    // Far more than fits into the buffers on the way: the sender still hears why.
    let long = vec![0; 4 << 20];
    refused(piece(&server.url, &path, 1, long), 409, "wrong_offset").await;
    let without = Client::new().patch(format!("{}{path}", server.url)).body("x");
    refused(without, 400, "bad_request").await;
    let unknown = "/v1/recordings/0198c0de-0000-7000-8000-000000000000";
    refused(piece(&server.url, unknown, 0, "x"), 404, "unknown_recording").await;
    refused(finish(&server.url, unknown), 404, "unknown_recording").await;
    refused(Client::new().get(format!("{}{unknown}", server.url)), 404, "unknown_recording").await;
    assert_eq!(server.json(&path).await["offset"], 5);
}

#[tokio::test]
async fn what_cannot_be_begun_is_refused_at_its_place() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for (draft, status, pointer) in [
        (json!({ "media_type": "text/html" }), 400, "/media_type"),
        (
            json!({ "media_type": "audio/webm", "options": { "language": "xx" } }),
            422,
            "/options/language",
        ),
        (
            json!({ "media_type": "audio/webm", "options": { "diarise": 1 } }),
            422,
            "/options/diarise",
        ),
    ] {
        let answer = post(&server.url, &draft).await;
        assert_eq!(answer.status(), status, "{draft}");
        assert_eq!(body(answer).await["errors"][0]["pointer"], pointer, "{draft}");
    }
    for draft in [json!([]), json!({}), json!({ "media_type": "audio/webm", "colour": "red" })] {
        assert_eq!(post(&server.url, &draft).await.status(), 400, "{draft}");
    }
    let answer = post(&server.url, &json!({ "media_type": "audio/webm" })).await;
    let begun = body(answer).await;
    assert_eq!(begun["options"]["word_timestamps"], true);
    let own = json!({ "media_type": "audio/webm", "options": { "word_timestamps": false } });
    assert_eq!(body(post(&server.url, &own).await).await["options"]["word_timestamps"], false);
    let open = server.json("/v1/recordings").await;
    assert_eq!((open["items"].as_array().unwrap().len(), &open["items"][1]), (2, &begun));
}

/// A request whose body never ends: the headers, a few bytes, and then nothing.
async fn stalled(server: &Server, path: &str, offset: usize) -> TcpStream {
    let host = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = format!(
        "PATCH {path} HTTP/1.1\r\nHost: {host}\r\nUpload-Offset: {offset}\r\nContent-Length: 5000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(b"bytes that are never acknowledged").await.unwrap();
    // The server has begun to write when the file has grown.
    let file = |entry: std::fs::DirEntry| entry.metadata().unwrap().len();
    let dir = server.data_dir.join("recordings");
    let grown = async {
        while !std::fs::read_dir(&dir).unwrap().any(|e| file(e.unwrap()) > offset as u64) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), grown).await.expect("the piece is not written");
    stream
}

#[tokio::test]
async fn a_server_that_is_killed_between_and_in_pieces_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let path = begin(&server.url, "audio/webm;codecs=opus").await;
    let bytes = live();
    let mut offset = 0;
    for part in bytes.chunks(bytes.len().div_ceil(5)) {
        send(&server.url, &path, offset, part).await;
        offset += part.len();
        let _open = stalled(&server, &path, offset).await;
        server.kill();
        server = Server::start(dir.path());
        assert_eq!(server.json(&path).await["offset"], offset);
    }
    let id = job_of(&server, &path).await;
    let text = server.client.transcript(id).await.unwrap().text;
    assert_eq!(text, undisturbed(&server, LIVE[0].0).await);
}

#[tokio::test]
async fn a_finish_that_is_killed_at_any_moment_ends_in_one_job() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Server::start(dir.path());
    let bytes = live();
    for round in 0..8 {
        // Each is another job, whatever was made before.
        let options = json!({ "note": false, "force": true });
        let path = begin_with(&server.url, "audio/webm", options).await;
        send(&server.url, &path, 0, &bytes).await;
        let before = server.json("/v1/jobs").await["items"].as_array().unwrap().len();
        let request = finish(&server.url, &path).send();
        let answer = tokio::time::timeout(Duration::from_millis(20 + round * 4), request).await;
        server.kill();
        server = Server::start(dir.path());
        let shown = server.json(&path).await;
        assert_eq!(shown["offset"], bytes.len(), "round {round}");
        let answer = answer.ok().and_then(Result::ok).filter(|answer| answer.status().is_success());
        assert!(answer.is_none() || shown["state"] == "finished", "round {round}: {shown}");
        let id = job_of(&server, &path).await;
        assert_eq!(server.json(&path).await["job_id"], id.to_string());
        let jobs = server.json("/v1/jobs").await["items"].as_array().unwrap().len();
        assert_eq!(jobs, before + 1, "round {round}");
        assert_eq!((files(dir.path(), "recordings"), files(dir.path(), "uploads")), (0, 0));
        let audio = server.get(&format!("/v1/jobs/{id}/audio")).await;
        assert_eq!(audio.bytes().await.unwrap(), bytes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_was_not_yet_written_into_the_recording_is_found_by_its_key() {
    let dir = tempfile::tempdir().unwrap();
    let node = TestNode::start(dir.path()).await;
    let url = node.url.clone();
    let path = begin(&url, "audio/webm").await;
    send(&url, &path, 0, &live()).await;
    // What a server does that is killed before the last step of a finish.
    let mut upload = node.engine.begin_upload().await.unwrap();
    upload.write(&live()).await.unwrap();
    let id = path.rsplit('/').next().unwrap();
    let submission = Submission {
        tenant: TenantId::local(),
        uploaded: upload.finish().await.unwrap(),
        file_name: "memo.webm".into(),
        last_modified: None,
        options: JobOptions::default(),
        idempotency_key: Some(format!("recording {id}")),
    };
    let job = node.engine.submit(submission).await.unwrap().job.id;
    refused(piece(&url, &path, live().len(), "more"), 409, "recording_finished").await;
    let answer = finish(&url, &path).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(body(answer).await["id"], job.to_string());
    node.end().await;
    let server = Server::start(dir.path());
    assert_eq!(server.json(&path).await["job_id"], job.to_string());
    assert_eq!(files(dir.path(), "recordings"), 0);
    server.client.remove(job).await.unwrap();
    refused(Client::new().get(format!("{}{path}", server.url)), 404, "unknown_recording").await;
}

#[tokio::test]
async fn a_recording_that_is_left_is_finished_and_an_empty_one_discarded() {
    let dir = tempfile::tempdir().unwrap();
    let settings =
        [("DIARIST__RECORDING__IDLE_FINISH_MS", "1500"), ("DIARIST__ENGINE__SWEEP_MS", "50")];
    let server = Server::start_with(dir.path(), &settings);
    let [full, empty, garbage] = [
        begin(&server.url, "audio/webm").await,
        begin(&server.url, "audio/webm").await,
        begin(&server.url, "audio/webm").await,
    ];
    send(&server.url, &full, 0, &live()).await;
    send(&server.url, &garbage, 0, &b"not sound at all, just words ".repeat(50)).await;
    let begun = Instant::now();
    // Whoever goes on sending is not finished, however little it is.
    let kept = begin(&server.url, "audio/webm").await;
    while server.json(&full).await["state"] != "finished" {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody finishes it");
        send(&server.url, &kept, 0, b"").await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(begun.elapsed() > Duration::from_millis(1_200), "finished too early");
    let id = job_of(&server, &full).await;
    let text = server.client.transcript(id).await.unwrap().text;
    assert_eq!(text, undisturbed(&server, LIVE[0].0).await);
    let empty = format!("{}{empty}", server.url);
    while Client::new().get(&empty).send().await.unwrap().status() != 404 {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody discards it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    while server.json(&garbage).await["error"]["code"] != "not_audio" {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody looks at it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let tree = server.json("/v1/admin/actors").await;
    let rooms = tree["root"]["children"].as_array().unwrap();
    assert!(
        rooms.iter().any(|room| room["kind"] == "janitor" && room["handled"].as_u64() > Some(5))
    );
}

#[tokio::test]
async fn what_is_no_sound_is_refused_and_kept_until_it_is_discarded() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let path = begin(&server.url, "audio/webm").await;
    refused(finish(&server.url, &path), 400, "empty_file").await;
    let words = b"not sound at all, just words ".repeat(50);
    send(&server.url, &path, 0, &words).await;
    assert_eq!(server.json(&path).await["error"], Value::Null, "more may make it right");
    for _ in 0..2 {
        refused(finish(&server.url, &path), 400, "not_audio").await;
    }
    let shown = server.json(&path).await;
    assert_eq!((&shown["offset"], &shown["state"]), (&json!(words.len()), &json!("open")));
    assert_eq!(shown["error"]["code"], "not_audio");
    assert_eq!((files(dir.path(), "recordings"), files(dir.path(), "uploads")), (1, 0));
    let discard = || Client::new().delete(format!("{}{path}", server.url));
    assert_eq!(discard().send().await.unwrap().status(), 204);
    assert_eq!(files(dir.path(), "recordings"), 0);
    refused(discard(), 404, "unknown_recording").await;
    refused(piece(&server.url, &path, words.len(), "x"), 404, "unknown_recording").await;
}

#[tokio::test]
async fn a_dead_line_is_given_up_when_its_sender_comes_again_or_stays_away() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("DIARIST__RECORDING__STALL_MS", "3000")]);
    let path = begin(&server.url, "audio/webm").await;
    send(&server.url, &path, 0, b"abc").await;
    let mut dead = stalled(&server, &path, 3).await;
    let begun = Instant::now();
    send(&server.url, &path, 3, b"def").await;
    assert!(begun.elapsed() < Duration::from_secs(2), "it waits for a dead line");
    let mut answer = vec![0; 12];
    dead.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 503");
    let mut dead = stalled(&server, &path, 6).await;
    let told = async { dead.read_exact(&mut answer).await.unwrap() };
    tokio::time::timeout(Duration::from_secs(10), told).await.expect("it waits for ever");
    assert_eq!(answer, b"HTTP/1.1 503");
    let _dead = stalled(&server, &path, 6).await;
    let discard = Client::new().delete(format!("{}{path}", server.url));
    assert_eq!(discard.send().await.unwrap().status(), 204);
    assert_eq!(files(dir.path(), "recordings"), 0);
}

#[tokio::test]
async fn limits_hold_at_their_edge() {
    let dir = tempfile::tempdir().unwrap();
    let settings =
        [("DIARIST__SERVER__MAX_UPLOAD_BYTES", "1000"), ("DIARIST__RECORDING__OPEN_MAX", "2")];
    let server = Server::start_with(dir.path(), &settings);
    let path = begin(&server.url, "audio/webm").await;
    begin(&server.url, "audio/webm").await;
    let third = post(&server.url, &json!({ "media_type": "audio/webm" })).await;
    assert_eq!(third.status(), 409);
    assert_eq!(body(third).await["code"], "too_many_recordings");
    send(&server.url, &path, 0, &[1; 999]).await;
    refused(piece(&server.url, &path, 999, vec![1; 2]), 413, "upload_too_large").await;
    // A stream does not say how long it is.
    let parts = || stream::iter([1, 2]).map(|n| Ok::<_, std::io::Error>(vec![n; 1]));
    let streamed = piece(&server.url, &path, 999, Body::wrap_stream(parts()));
    refused(streamed, 413, "upload_too_large").await;
    assert_eq!(server.json(&path).await["offset"], 999);
    send(&server.url, &path, 999, &[1]).await;
    refused(piece(&server.url, &path, 1_000, "x"), 413, "upload_too_large").await;
    let discard = Client::new().delete(format!("{}{path}", server.url));
    assert_eq!(discard.send().await.unwrap().status(), 204);
    begin(&server.url, "audio/webm").await;
    assert_eq!(files(dir.path(), "recordings"), 2);
}

#[tokio::test]
async fn a_full_disk_is_told_before_it_is_written_to() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let path = begin(&server.url, "audio/webm").await;
    assert_eq!(server.terminate(), 0);
    let settings = [("DIARIST__STORAGE__MIN_FREE_BYTES", "9223372036854775807")];
    let server = Server::start_with(dir.path(), &settings);
    refused(piece(&server.url, &path, 0, "x"), 507, "disk_full").await;
    assert_eq!(post(&server.url, &json!({ "media_type": "audio/webm" })).await.status(), 507);
    assert_eq!(server.json("/v1/recordings").await["items"].as_array().unwrap().len(), 1);
}
