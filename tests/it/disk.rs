//! `storage.min_free_bytes`: an upload that would fill the disk is refused before it does.

use super::kit::server::Server;
use super::kit::{data, diarist, output};
use diarist::domain::options::JobOptions;
use diarist::providers::storage::free_bytes;
use futures::{StreamExt, stream};
use reqwest::multipart::{Form, Part};
use reqwest::{Body, Client};
use serde_json::{Value, json};
use std::path::Path;

const KEY: &str = "DIARIST__STORAGE__MIN_FREE_BYTES";
/// More than any disk has, and the most that a setting can be.
const NO_DISK: &str = "9223372036854775807";
const MIB: u64 = 1 << 20;

async fn refused(server: &Server, form: Form, data_dir: &Path) -> Value {
    let sent = Client::new().post(format!("{}/v1/jobs", server.url)).multipart(form).send().await;
    let answer = sent.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(answer.status(), 507);
    let told: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(told["code"], "disk_full", "{told}");
    assert_eq!(server.json("/v1/jobs").await["items"], json!([]));
    let left = std::fs::read_dir(data_dir.join("uploads")).unwrap().count();
    assert_eq!(left, 0, "a refused upload is still in the folder");
    told
}

#[tokio::test]
async fn an_upload_is_refused_before_it_is_read_where_the_disk_has_too_little() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[(KEY, NO_DISK)]);
    let memo = || std::fs::read(data("memo.wav")).unwrap();
    let told = refused(&server, Form::new().part("file", Part::bytes(memo())), dir.path()).await;
    assert!(told["hint"].as_str().unwrap().contains("free some space"), "{told}");
    // The length of a stream is not told: it is refused as its file begins.
    let chunks = stream::iter([Ok::<_, std::io::Error>(memo())]);
    let part = Part::stream(Body::wrap_stream(chunks)).file_name("memo.wav");
    refused(&server, Form::new().part("file", part), dir.path()).await;
    assert_eq!(server.get("/health/ready").await.status(), 200);
}

#[tokio::test]
async fn a_stream_without_a_length_is_broken_off_before_it_fills_the_disk() {
    // In memory nobody else fills or frees the disk meanwhile; where there is no such folder, hardly anybody.
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let dir = dir.unwrap();
    let free = free_bytes(dir.path()).unwrap();
    let reserve = free.saturating_sub(16 * MIB).to_string();
    let server = Server::start_with(dir.path(), &[(KEY, &reserve)]);
    let job = server.client.submit_file(&data("memo.mp3"), &JobOptions::default(), None).await;
    assert!(job.is_ok(), "with room it is taken");
    let chunks = stream::iter(0..256).map(|_| Ok::<_, std::io::Error>(vec![0_u8; MIB as usize]));
    let part = Part::stream(Body::wrap_stream(chunks)).file_name("memo.wav");
    let sent = Client::new().post(format!("{}/v1/jobs", server.url));
    let answer = sent.multipart(Form::new().part("file", part)).send().await.unwrap();
    assert_eq!(answer.status(), 507);
    let left = std::fs::read_dir(dir.path().join("uploads")).unwrap().count();
    assert_eq!(left, 0, "a refused upload is still in the folder");
}

#[tokio::test]
async fn the_doctor_complains_about_the_same_limit() {
    let dir = tempfile::tempdir().unwrap();
    let doctor = |least: &str| output(diarist(dir.path()).env(KEY, least).arg("doctor"));
    let (told, _, status) = doctor(NO_DISK);
    assert!(told.contains("uploads have to leave") && status != 0, "{told}");
    let (told, _, _) = doctor("0");
    assert!(!told.contains("uploads have to leave"), "{told}");
}
