//! `--at`: a recording that is handed in now and worked on later; and one that is handed in over a line that breaks.

use super::http_entries::filled;
use super::kit::server::Server;
use super::kit::{data, diarist, output};
use diarist::domain::ids::JobId;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

/// What `--json` tells, line by line.
fn told(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn what_is_for_later_is_handed_in_and_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let mut note = diarist(dir.path());
    let (text, errors, status) = output(note.args(["note", "--at", "+2h"]).arg(data("memo.wav")));
    assert_eq!((text.as_str(), status), ("", 0), "{errors}");
    assert!(errors.contains("is to run at") && errors.contains("jobs follow"), "{errors}");
    let job = server.json("/v1/jobs").await["items"][0].clone();
    assert_eq!(job["status"], "queued");
    let (created, run_at) = (moment(&job["created_at"]), moment(&job["run_at"]));
    let ahead = (run_at - created).num_seconds();
    assert!((7_000..=7_200).contains(&ahead), "{ahead} s");
    let id = job["id"].as_str().unwrap();
    let (shown, _, _) = output(diarist(dir.path()).args(["jobs", "show", id]));
    assert!(shown.contains("not before"), "{shown}");
    let (list, _, _) = output(diarist(dir.path()).args(["jobs", "list"]));
    assert!(list.contains("(not before "), "{list}");
    // Handed in again for now or for another time, it says that the first one stands, and waits for nothing.
    for args in [&["note"][..], &["note", "-q"], &["note", "--at", "+9h"]] {
        let (text, errors, status) = output(diarist(dir.path()).args(args).arg(data("memo.wav")));
        assert_eq!((text.as_str(), status), ("", 1), "{errors}");
        assert!(errors.contains("was handed in for") && errors.contains("jobs cancel"), "{errors}");
    }
    // For the same time it is what is wanted.
    let mut again = diarist(dir.path());
    again.args(["note", "--json", "--at", job["run_at"].as_str().unwrap()]).arg(data("memo.wav"));
    let (text, errors, status) = output(&mut again);
    assert_eq!(status, 0, "{errors}");
    let lines = told(&text);
    assert_eq!(lines.last().unwrap()["event"], "scheduled");
    assert_eq!(lines.last().unwrap()["job"], id);
    assert_eq!(lines.last().unwrap()["run_at"], job["run_at"]);
}

#[tokio::test]
async fn without_a_server_it_is_written_down_and_the_next_one_does_it_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let mut transcribe = diarist(dir.path());
    transcribe.args(["transcribe", "--at", "+1s", "--json"]).arg(data("memo.wav"));
    let (text, errors, status) = output(&mut transcribe);
    assert_eq!(status, 0, "{errors}");
    let lines = told(&text);
    let events: Vec<_> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["queued", "scheduled"]);
    let id: JobId = serde_json::from_value(lines[0]["job"].clone()).unwrap();
    let server = Server::start(dir.path());
    assert_eq!(server.wait(id).await.status, "done");
    // What is done already is shown at once, whatever time was given.
    let mut again = diarist(dir.path());
    let (text, errors, status) =
        output(again.args(["transcribe", "--at", "+2h"]).arg(data("memo.wav")));
    assert_eq!(status, 0, "{errors}");
    assert!(text.to_lowercase().contains("fellow americans"), "{text}");
}

#[tokio::test]
async fn whoever_waits_gets_the_result_and_not_before_its_time() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let out = dir.path().join("out");
    let mut command = diarist(dir.path());
    command.args(["transcribe", "--at", "+3s", "--wait", "-o"]).arg(&out);
    let (_, errors, status) = output(command.arg(data("memo.wav")));
    assert_eq!(status, 0, "{errors}");
    assert!(out.join("memo.txt").is_file());
    let job = server.json("/v1/jobs").await["items"][0].clone();
    assert!(moment(&job["started_at"]) >= moment(&job["run_at"]), "{job}");
}

#[test]
fn a_time_that_cannot_be_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    for (args, word) in [
        (&["--at", "soon"][..], "+2h30m"),
        (&["--at", "2001-01-01 08:00"], "passed"),
        (&["--at", "+2h", "-o", "notes"], "--wait"),
        (&["--wait"], "--at"),
    ] {
        let mut command = diarist(dir.path());
        command.current_dir(dir.path()).arg("note").args(args);
        let (_, errors, status) = output(command.arg(data("memo.wav")));
        assert_eq!(status, 2, "{args:?}: {errors}");
        assert!(errors.contains(word), "{args:?}: {errors}");
    }
    assert!(!dir.path().join("notes").exists());
}

#[tokio::test]
async fn a_line_that_breaks_after_the_upload_makes_no_second_job() {
    for force in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let server = Server::start(dir.path());
        let line = Line::to(&server.url, 2);
        let mut command = diarist(&dir.path().join("elsewhere"));
        command.args(["transcribe", "--server", &line.url]).arg(data("memo.wav"));
        if force {
            command.arg("--force");
        }
        let (text, errors, status) = output(&mut command);
        assert_eq!(status, 0, "{errors}");
        assert!(text.to_lowercase().contains("fellow americans"), "{text}");
        assert_eq!(line.cut(), 2, "the line did not break: {errors}");
        assert_eq!(jobs(&server).await, 1, "force: {force}");
    }
}

#[tokio::test]
async fn each_command_that_is_to_do_it_again_does_it_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for made in 1..=2 {
        let mut command = diarist(dir.path());
        let (_, errors, status) =
            output(command.args(["transcribe", "--force"]).arg(data("memo.wav")));
        assert_eq!(status, 0, "{errors}");
        assert_eq!(jobs(&server).await, made);
    }
}

#[tokio::test]
async fn what_came_by_a_pipe_is_followed_over_a_break_and_not_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let line = Line::cutting("GET /v1/jobs/", &server.url, 1);
    let mut command = diarist(&dir.path().join("elsewhere"));
    command.args(["transcribe", "--force", "--server", &line.url, "-"]);
    command.stdin(std::fs::File::open(data("memo.wav")).unwrap());
    let (text, errors, status) = output(&mut command);
    assert_eq!(status, 0, "{errors}");
    assert!(text.to_lowercase().contains("fellow americans"), "{text}");
    assert_eq!((line.cut(), jobs(&server).await), (1, 1), "{errors}");
}

async fn jobs(server: &Server) -> usize {
    server.json("/v1/jobs").await["items"].as_array().unwrap().len()
}

fn moment(text: &Value) -> chrono::DateTime<chrono::FixedOffset> {
    chrono::DateTime::parse_from_rfc3339(text.as_str().unwrap()).unwrap()
}

/// A line to a server that breaks when the answer to certain requests begins: so the server has had all of them.
struct Line {
    url: String,
    cut: &'static AtomicUsize,
    breaks: usize,
}

impl Line {
    fn to(server: &str, breaks: usize) -> Self {
        Self::cutting("POST /v1/jobs ", server, breaks)
    }

    fn cutting(request: &'static str, server: &str, breaks: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = server.trim_start_matches("http://").to_owned();
        let left: &'static AtomicUsize = Box::leak(Box::new(AtomicUsize::new(breaks)));
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = TcpStream::connect(&server).unwrap();
                std::thread::spawn(move || carry(client, server, request, left));
            }
        });
        Self { url, cut: left, breaks }
    }

    fn cut(&self) -> usize {
        self.breaks - self.cut.load(Ordering::SeqCst)
    }
}

fn carry(client: TcpStream, server: TcpStream, request: &str, left: &AtomicUsize) {
    let seen: &'static AtomicUsize = Box::leak(Box::new(AtomicUsize::new(0)));
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let request = request.as_bytes().to_owned();
    let ours = client.local_addr().unwrap().to_string();
    let theirs = server.peer_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut piece = [0; 64 * 1024];
        while let Ok(read @ 1..) = from.read(&mut piece) {
            // A request begins a piece: nobody sends the next one before the last is answered.
            if piece[..read].starts_with(&request) {
                seen.fetch_add(1, Ordering::SeqCst);
            }
            if to.write_all(&readdressed(&piece[..read], &ours, &theirs)).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    let (mut server, mut client) = (server, client);
    let mut piece = [0; 64 * 1024];
    while let Ok(read @ 1..) = server.read(&mut piece) {
        let one_less = |left: usize| left.checked_sub(1);
        let is_hit = seen.swap(0, Ordering::SeqCst) > 0;
        let breaks =
            is_hit && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok();
        if breaks || client.write_all(&piece[..read]).is_err() {
            break;
        }
    }
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
}

/// The server answers to its own name alone.
fn readdressed(piece: &[u8], ours: &str, theirs: &str) -> Vec<u8> {
    match piece.windows(ours.len()).position(|at| at == ours.as_bytes()) {
        Some(at) => [&piece[..at], theirs.as_bytes(), &piece[at + ours.len()..]].concat(),
        None => piece.to_owned(),
    }
}

/// More than a page of the server holds.
#[tokio::test]
async fn a_long_list_of_jobs_is_gathered_page_by_page() {
    let dir = tempfile::tempdir().unwrap();
    let server = filled(dir.path(), 230).await;
    let list = |limit: &str| {
        let mut command = diarist(dir.path());
        command.args(["jobs", "list", "--json", "--limit", limit]);
        let (text, said, status) = output(&mut command);
        assert_eq!(status, 0, "{said}");
        let jobs: Vec<Value> = serde_json::from_str(&text).unwrap();
        let ids: Vec<String> = jobs.iter().map(|job| job["id"].to_string()).collect();
        assert!(ids.is_sorted_by(|a, b| a > b), "each is there once, the newest first");
        (ids.len(), said.contains("there are more"))
    };
    for (limit, told) in [("1", (1, true)), ("201", (201, true)), ("230", (230, false))] {
        assert_eq!(list(limit), told, "{limit}");
    }
    let (_, said, status) = output(diarist(dir.path()).args(["jobs", "retry", "--code", "nobody"]));
    assert!(status == 1 && said.contains("jobs failed"), "{said}");
    assert_eq!(server.terminate(), 0);
}
