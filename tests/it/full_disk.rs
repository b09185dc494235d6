//! The disk of the data folder is full, or can only be read: it is said, nothing that was acknowledged is lost, and the work
//! goes on when there is room.

use crate::kit::disk::Disk;
use crate::kit::server::Server;
use crate::kit::{data, diarist, output};
use diarist::domain::ids::JobId;
use diarist::domain::options::JobOptions;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Changes that a full disk may still have room for, in files that are longer than what is in them.
const MOST: usize = 1_000;

/// A disk, or none where this account may not mount.
fn disk() -> (TempDir, Option<Disk>) {
    let dir = tempfile::tempdir().unwrap();
    let disk = Disk::mount(dir.path());
    (dir, disk)
}

fn start(disk: &Disk) -> Server {
    let mut command = diarist(&disk.dir);
    // Without a reserve it is the database that finds the disk full.
    command.env("DIARIST__STORAGE__MIN_FREE_BYTES", "0");
    Server::start_as(&disk.dir, disk.on(&command))
}

fn run(disk: &Disk, args: &[&str]) -> (String, i32) {
    let (told, more, status) = output(&mut disk.on(diarist(&disk.dir).args(args)));
    (format!("{told}{more}"), status)
}

async fn title(server: &Server, job: JobId) -> Value {
    server.json(&format!("/v1/jobs/{job}")).await["title"].take()
}

async fn amend(server: &Server, job: JobId, title: &str) -> (StatusCode, Value) {
    let path = format!("{}/v1/jobs/{job}", server.url);
    let answer = Client::new().patch(path).json(&json!({ "title": title })).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing_that_was_acknowledged() {
    let (_dir, disk) = disk();
    let Some(disk) = disk else { return without_a_disk().await };
    let plain = JobOptions { note: false, ..JobOptions::default() };
    let server = start(&disk);
    let job = server.run(&data("memo.ogg"), &plain).await;
    assert_eq!(job.status, "done", "{:?}", job.error);
    let filler = disk.fill();
    let mut kept = Value::Null;
    let mut refused = None;
    for n in 0..MOST {
        let (status, told) = amend(&server, job.id, &format!("title {n}")).await;
        if status != 200 {
            refused = Some((status, told));
            break;
        }
        kept = format!("title {n}").into();
    }
    let (status, told) = refused.expect("a full disk refuses in the end");
    assert_eq!((status.as_u16(), &told["code"]), (507, &json!("disk_full")), "{told}");
    assert!(told["hint"].as_str().unwrap().contains("free some space"), "{told}");
    assert!(server.client.submit_file(&data("memo.mp3"), &plain, None).await.is_err());
    assert_eq!(title(&server, job.id).await, kept, "what was acknowledged is there, and no more");
    server.kill();
    fs::remove_file(&filler).unwrap();
    let server = start(&disk);
    assert_eq!(title(&server, job.id).await, kept, "a crash on a full disk loses nothing");
    let filler = disk.fill();
    fs::remove_file(&filler).unwrap();
    assert_eq!(amend(&server, job.id, "room").await.0, 200);
    let next = server.run(&data("memo.mp3"), &plain).await;
    assert_eq!(next.status, "done", "{:?}", next.error);
    assert_eq!(server.terminate(), 0);
    assert_eq!(run(&disk, &["db", "verify"]), ("the database is sound\n".to_owned(), 0));
}

#[tokio::test]
async fn a_job_that_meets_a_full_disk_goes_on_when_there_is_room() {
    let (_dir, disk) = disk();
    let Some(disk) = disk else { return without_a_disk().await };
    let server = start(&disk);
    let sent = server.client.submit_file(&data("memo.ogg"), &JobOptions::default(), None).await;
    let job = sent.unwrap().0.id;
    let filler = disk.fill();
    // Until it wants to write and cannot, or was done before: either way nothing is lost.
    while amend(&server, job, "a title").await.0 == 200 {}
    let ready = server.get("/health/ready").await.status();
    fs::remove_file(&filler).unwrap();
    assert_eq!(ready, 200, "a full disk does not end a node");
    let job = server.wait(job).await;
    assert_eq!((job.status.as_str(), job.attempt), ("done", 0), "{:?}", job.error);
}

#[tokio::test]
async fn what_can_only_be_read_is_named_and_left_as_it_is() {
    let (_dir, disk) = disk();
    let Some(mut disk) = disk else { return without_a_disk().await };
    let server = start(&disk);
    let job = server.run(&data("memo.ogg"), &JobOptions::default()).await;
    let note = server.client.note(job.id).await.unwrap();
    assert_eq!(server.terminate(), 0);
    for file in [None, Some("diarist.db")] {
        disk.read_only(file);
        for command in ["serve", "doctor", "db verify"] {
            let args: Vec<&str> = command.split(' ').collect();
            let (told, status) = run(&disk, &args);
            assert_eq!(status, 1, "{command}: {told}");
            assert!(told.contains("Read-only file system"), "{command}: {told}");
            assert!(told.contains("give another --data-dir"), "{command}: {told}");
            assert!(file.is_none_or(|file| told.contains(file)), "{command}: {told}");
        }
        disk.writable(file);
    }
    let server = start(&disk);
    assert_eq!(server.client.note(job.id).await.unwrap(), note);
}

/// Where nobody may mount: no file may grow beyond a limit, which the database meets as well.
async fn without_a_disk() {
    let dir = tempfile::tempdir().unwrap();
    let command = diarist(dir.path());
    let mut limited = Command::new("sh");
    // An ignored signal stays ignored: a write beyond the limit fails, and does not end the process.
    limited.args(["-c", "trap '' XFSZ; ulimit -S -f 4096; exec \"$0\" \"$@\""]);
    limited.arg(command.get_program()).args(command.get_args());
    // What it complains of may go to a file as well, which then cannot grow either.
    limited.env("DIARIST__WHISPER__MODEL", "tiny.en").stderr(Stdio::null());
    let server = Server::start_as(dir.path(), limited);
    let job = server.run(&data("memo.ogg"), &JobOptions::default()).await;
    assert_eq!(job.status, "done", "{:?}", job.error);
    let limit = |bytes| {
        let pid = i32::try_from(server.pid()).ok().and_then(rustix::process::Pid::from_raw);
        let limit = rustix::process::Rlimit { current: bytes, maximum: None };
        rustix::process::prlimit(pid, rustix::process::Resource::Fsize, limit).unwrap();
    };
    limit(Some(1));
    let mut kept = Value::Null;
    for n in 0..MOST {
        let name = format!("title {n}");
        match amend(&server, job.id, &name).await.0 {
            StatusCode::OK => kept = name.into(),
            refused => {
                assert!(refused.is_server_error(), "{refused}");
                break;
            }
        }
    }
    assert_eq!(title(&server, job.id).await, kept, "what was acknowledged is there, and no more");
    limit(None);
    assert_eq!(amend(&server, job.id, "room").await.0, 200);
    server.kill();
    let server = Server::start(dir.path());
    assert_eq!(title(&server, job.id).await, "room");
}
