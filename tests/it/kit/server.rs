//! A real server process on a free port, which can be killed like one.

use super::diarist;
use diarist::client::{Client, ClientError, Event, JobView};
use diarist::domain::ids::JobId;
use diarist::domain::options::JobOptions;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub struct Server {
    process: Child,
    pub url: String,
    pub client: Client,
    pub data_dir: PathBuf,
}

impl Server {
    pub fn start(data_dir: &Path) -> Self {
        Self::start_with(data_dir, &[])
    }

    /// Starts it with settings of the environment, and waits for its ready line.
    pub fn start_with(data_dir: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = diarist(data_dir);
        command.envs(settings.iter().copied());
        Self::start_as(data_dir, command)
    }

    /// Starts what is at least the program with its data folder.
    pub fn start_as(data_dir: &Path, mut command: Command) -> Self {
        command.args(["serve", "--bind", "127.0.0.1:0"]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("the ready line");
        assert_eq!(ready["status"], "ready");
        let url = ready["url"].as_str().unwrap().to_owned();
        let client = Client::new(&url).unwrap();
        Self { process, url, client, data_dir: data_dir.to_owned() }
    }

    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// As `kill -9` does.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// As a service manager does; the exit status.
    pub fn terminate(mut self) -> i32 {
        kill_process(pid(self.process.id()), Signal::TERM).unwrap();
        self.process.wait().unwrap().code().unwrap_or(-1)
    }

    /// Sends a file and waits for the end of its job.
    pub async fn run(&self, file: &Path, options: &JobOptions) -> JobView {
        let (job, _) = self.client.submit_file(file, options, None).await.unwrap();
        self.wait(job.id).await
    }

    pub async fn wait(&self, id: JobId) -> JobView {
        follow(&self.client, id, 0).await.unwrap();
        self.client.job(id).await.unwrap()
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        reqwest::get(format!("{}{path}", self.url)).await.unwrap()
    }

    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// All events of a job until its end.
pub async fn follow(client: &Client, id: JobId, after: i64) -> Result<Vec<Event>, ClientError> {
    let mut follow = client.follow(id, after);
    let mut events = Vec::new();
    while let Some(event) = follow.next().await? {
        events.push(event);
    }
    Ok(events)
}

/// The child processes of `parent` that run this worker command.
pub fn workers(parent: u32, command: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent_of = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(1));
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line);
        if parent_of == Some(&parent.to_string()) && line.contains(command) {
            found.push(pid);
        }
    }
    found
}

/// As `kill -9` does; one that has just ended by itself is fine.
pub fn kill_9(process: u32) {
    let _ = kill_process(pid(process), Signal::KILL);
}

fn pid(process: u32) -> Pid {
    Pid::from_raw(i32::try_from(process).unwrap()).unwrap()
}
