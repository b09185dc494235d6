//! One life of the server: told at which moment it dies, able to die before it is ready, and to be frozen.

use crate::fakes::Fake;
use crate::kit::diarist;
use diarist::client::Client;
use diarist::domain::ids::JobId;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

pub struct Node {
    process: Child,
    /// `None` for one that died before it listened.
    pub client: Option<Client>,
    pub url: String,
}

/// Where a life takes place, whoever lives it.
pub struct Place<'a> {
    pub data_dir: &'a Path,
    /// Plays the language models.
    pub fake: &'a Fake,
    /// `DIARIST__DATABASE__URL` and the like.
    pub settings: Vec<(&'static str, String)>,
}

impl Node {
    /// Starts it there; `die_at` as `failpoint` reads it.
    pub fn start(place: &Place<'_>, die_at: Option<&str>) -> Self {
        let Place { data_dir, fake, settings } = place;
        let mut command = diarist(data_dir);
        command.args(["serve", "--bind", "127.0.0.1:0"]).stdout(Stdio::piped());
        command
            .env("DIARIST__LLM__POLICY", "best")
            .env("DIARIST__LLM__OPENAI__API_KEY", "sk-chaos");
        command.env("DIARIST__LLM__OPENAI__BASE_URL", format!("{}/openai/v1", fake.url));
        command
            .env("DIARIST__ENGINE__BACKOFF_BASE_MS", "50")
            .env("DIARIST__TELEMETRY__LOG", "error");
        command.envs(settings.iter().map(|(key, value)| (key, value)));
        if let Some(at) = die_at {
            command.env("DIARIST_DIE_AT", at);
        }
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Option<Value> = serde_json::from_str(&line).ok();
        let url = ready.map(|ready| ready["url"].as_str().unwrap().to_owned()).unwrap_or_default();
        let client = (!url.is_empty()).then(|| Client::new(&url).unwrap());
        Self { process, client, url }
    }

    /// Whatever it says of a job, and of what it is doing.
    pub async fn told(&self, job: JobId) -> String {
        let mut told = String::new();
        for path in [format!("/v1/jobs/{job}"), "/v1/admin/actors".to_owned()] {
            let answer = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
            told.push_str(&answer.text().await.unwrap());
        }
        told
    }

    pub fn is_dead(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    /// The operating system gives it no time any more, until it is told to go on.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    pub fn wake(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Ends it, if it has not ended; says whether it died of itself, and of nothing but a kill.
    pub fn end(mut self) -> bool {
        use std::os::unix::process::ExitStatusExt;
        if let Some(status) = self.process.try_wait().unwrap() {
            assert_eq!(status.signal(), Some(9), "the server ended by itself: {status}");
            return true;
        }
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        false
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
