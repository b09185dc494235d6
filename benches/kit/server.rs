//! A real server for the benches that ask over HTTP.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const DIARIST: &str = env!("CARGO_BIN_EXE_diarist");
pub const MODEL: &str = "tiny.en";

/// A server of this build on a port of its own, killed when it is dropped.
pub struct Server {
    process: Child,
    pub url: String,
}

impl Server {
    pub fn start(data_dir: &Path) -> Self {
        let pulled = Command::new(DIARIST).args(["models", "pull", MODEL]).output().unwrap();
        assert!(pulled.status.success(), "{}", String::from_utf8_lossy(&pulled.stderr));
        let mut command = Command::new(DIARIST);
        command.env("DIARIST__WHISPER__MODEL", MODEL).arg("--data-dir").arg(data_dir);
        command.args(["serve", "--bind", "127.0.0.1:0"]).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
        Self { process, url: ready["url"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
