//! Twenty processes die at random moments, and every job ends with the text of an undisturbed run.

use super::kit::server::{Server, kill_9, workers};
use super::kit::{data, diarist, sound};
use diarist::domain::options::JobOptions;
use diarist::providers::audio::{ChildLimits, DecodeRequest, Mode};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// Fixed, so that a failure can be looked at again.
const SEED: u64 = 20_261_124;

#[derive(Debug, Clone, Copy)]
enum Victim {
    Server,
    Decoder,
    Whisper,
}

#[tokio::test]
async fn twenty_kills_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = sound::speech(dir.path(), 120);
    let options = JobOptions { note: false, force: true, ..JobOptions::default() };
    let mut server = Server::start(dir.path());
    let calm = server.run(&file, &options).await;
    let undisturbed = server.client.transcript(calm.id).await.unwrap();
    assert!(undisturbed.segments.len() > 10);
    let mut random = fastrand::Rng::with_seed(SEED);
    for round in 0..20 {
        let victim = [Victim::Server, Victim::Decoder, Victim::Whisper][round % 3];
        let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
        server = strike(server, victim, dir.path(), &mut random).await;
        let job = server.wait(job.id).await;
        assert_eq!(job.status, "done", "round {round}, {victim:?}: {:?}", job.error);
        let transcript = server.client.transcript(job.id).await.unwrap();
        assert_eq!(transcript, undisturbed, "round {round}, {victim:?}");
    }
}

/// Kills the victim at a random moment of its work, and starts a killed server again.
async fn strike(server: Server, victim: Victim, dir: &Path, random: &mut fastrand::Rng) -> Server {
    let pause = |ms| tokio::time::sleep(Duration::from_millis(ms));
    match victim {
        Victim::Server => {
            pause(random.u64(0..3_000)).await;
            server.kill();
            return Server::start(dir);
        }
        Victim::Decoder => {
            for _ in 0..100 {
                if let Some(pid) = workers(server.pid(), "decode-worker").first() {
                    pause(random.u64(0..60)).await;
                    kill_9(*pid);
                    break;
                }
                pause(1).await;
            }
        }
        Victim::Whisper => {
            pause(random.u64(0..3_000)).await;
            workers(server.pid(), "whisper-worker").into_iter().for_each(kill_9);
        }
    }
    server
}

#[tokio::test]
async fn workers_end_with_their_server() {
    let dir = tempfile::tempdir().unwrap();
    let file = sound::speech(dir.path(), 120);
    let server = Server::start(dir.path());
    let options = JobOptions { note: false, ..JobOptions::default() };
    server.client.submit_file(&file, &options, None).await.unwrap();
    let mut found = Vec::new();
    while found.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
        found = workers(server.pid(), "whisper-worker");
    }
    server.kill();
    let gone = async {
        let alive = |pid: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            !stat.is_empty() && !stat.contains(") Z ")
        };
        while found.iter().any(alive) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("an orphaned worker lives on");
}

#[tokio::test]
async fn lost_sound_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let file = sound::speech(dir.path(), 120);
    let options = JobOptions { note: false, force: true, ..JobOptions::default() };
    let server = Server::start(dir.path());
    let calm = server.run(&file, &options).await;
    let undisturbed = server.client.transcript(calm.id).await.unwrap();
    let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
    let mut follow = server.client.follow(job.id, 0);
    while follow.next().await.unwrap().is_some_and(|event| event.kind != "segment") {}
    server.kill();
    std::fs::remove_file(dir.path().join(format!("audio/{}/sound.s16", job.id))).unwrap();
    let server = Server::start(dir.path());
    let job = server.wait(job.id).await;
    assert_eq!(job.status, "done", "{:?}", job.error);
    assert_eq!(server.client.transcript(job.id).await.unwrap(), undisturbed);
}

#[test]
fn a_decoder_ends_when_its_parent_goes() {
    let dir = tempfile::tempdir().unwrap();
    let request = DecodeRequest {
        input: sound::speech(dir.path(), 600),
        output: dir.path().join("sound.s16"),
        mode: Mode::Decode,
        max_duration_ms: 3_600_000,
        limits: ChildLimits::default(),
        ffmpeg: None,
    };
    let mut command = diarist(dir.path());
    command.arg("decode-worker").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&serde_json::to_vec(&request).unwrap()).unwrap();
    stdin.write_all(b"\n").unwrap();
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(!request.output.exists());
}

#[tokio::test]
async fn a_chunk_that_kills_its_workers_again_and_again_is_given_up() {
    for (deaths_max, status) in [("2", "failed"), ("3", "done")] {
        let dir = tempfile::tempdir().unwrap();
        let settings = [("DIARIST__WHISPER__DEATHS_MAX", deaths_max)];
        let server = Server::start_with(dir.path(), &settings);
        let options = JobOptions { note: false, ..JobOptions::default() };
        let file = sound::speech(dir.path(), 20);
        let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
        let mut killed = Vec::new();
        while killed.len() < 2 {
            tokio::time::sleep(Duration::from_millis(2)).await;
            let over = server.client.job(job.id).await.unwrap().is_over();
            assert!(!over, "the job was over before its worker could be killed twice");
            let tree = server.json("/v1/admin/actors").await;
            let rooms = tree["root"]["children"].as_array().unwrap();
            let pool = rooms.iter().find(|room| room["name"] == "whisper").unwrap();
            let at_work =
                pool["state"] == "transcribing" && pool["children"][0]["state"] == "ready";
            let fresh = workers(server.pid(), "whisper-worker");
            if let Some(pid) = fresh.first().filter(|pid| at_work && !killed.contains(*pid)) {
                kill_9(*pid);
                killed.push(*pid);
            }
        }
        let job = server.wait(job.id).await;
        assert_eq!(job.status, status, "{:?}", job.error);
        if status == "failed" {
            assert_eq!(job.error.unwrap().code, "poisonous_chunk");
        }
    }
}

/// More of them than are looked up at once, around one that has a job.
#[tokio::test]
async fn recordings_without_a_job_are_set_aside_at_the_start_and_the_others_stay() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let kept = server.run(&data("memo.ogg"), &JobOptions::default()).await.id.to_string();
    assert_eq!(server.terminate(), 0);
    let audio = dir.path().join("audio");
    let strays: Vec<String> =
        (0..1_100u128).map(|n| uuid::Uuid::from_u128(n << 100).to_string()).collect();
    for stray in &strays {
        fs::create_dir(audio.join(stray)).unwrap();
        fs::write(audio.join(stray).join("recording"), "of which nobody knows").unwrap();
    }
    let server = Server::start(dir.path());
    let names = |folder: &str| {
        let entries = fs::read_dir(dir.path().join(folder)).unwrap();
        let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
        names.collect::<BTreeSet<_>>()
    };
    assert_eq!(names("audio"), BTreeSet::from([kept.clone()]));
    assert_eq!(names("lost"), strays.into_iter().collect());
    assert_eq!(server.get(&format!("/v1/jobs/{kept}/audio")).await.status(), 200);
}

/// A command that watches does not take the folder of a server that is only being restarted.
#[tokio::test]
async fn a_server_comes_back_to_its_folder_and_whoever_watched_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let file = sound::speech(dir.path(), 120);
    let server = Server::start(dir.path());
    let options = JobOptions { note: false, ..JobOptions::default() };
    let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
    let mut follow = diarist(dir.path());
    follow.args(["jobs", "follow", &job.id.to_string()]);
    let mut follow = follow.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(follow.stdout.take().unwrap()).lines();
    let first = told.next().unwrap().unwrap();
    server.kill();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let server = Server::start(dir.path());
    let rest: Vec<String> = told.map(Result::unwrap).collect();
    let ended = follow.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("waiting for it to come back") && !said.contains("meanwhile"), "{said}");
    assert_eq!(rest.last().unwrap(), "done");
    assert!(!rest.contains(&first), "nothing is told twice");
    assert_eq!(server.wait(job.id).await.status, "done");
}

/// The node of another command ends with it: nobody waits for it to come back.
#[tokio::test]
async fn a_command_goes_on_at_once_where_another_one_ends() {
    let dir = tempfile::tempdir().unwrap();
    let file = sound::speech(dir.path(), 120);
    let mut first = diarist(dir.path());
    first.args(["transcribe", "--json"]).arg(file).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut first = first.spawn().unwrap();
    let mut told = BufReader::new(first.stdout.take().unwrap()).lines();
    let queued: Value = serde_json::from_str(&told.next().unwrap().unwrap()).unwrap();
    let mut second = diarist(dir.path());
    second.args(["jobs", "follow", queued["job"].as_str().unwrap()]);
    let mut second = second.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut followed = BufReader::new(second.stdout.take().unwrap()).lines();
    followed.next().unwrap().unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(followed.map(Result::unwrap).last().unwrap(), "done");
    let ended = second.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success() && said.contains("using the node at"), "{said}");
    assert!(!said.contains("waiting for it"), "{said}");
}
