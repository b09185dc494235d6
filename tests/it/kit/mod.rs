//! What the tests share: a running server, the model they need, sound to send, and ways to compare text.

pub mod diary;
pub mod disk;
pub mod jobs;
pub mod made_up;
pub mod node;
pub mod postgres;
pub mod server;
pub mod sound;
pub mod sse;
pub mod words;

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

pub const DIARIST: &str = env!("CARGO_BIN_EXE_diarist");

/// A file that came with the project.
pub fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A command that runs on its own data folder with the small model.
pub fn diarist(data_dir: &std::path::Path) -> Command {
    ensure_model();
    let mut command = Command::new(DIARIST);
    command.env("DIARIST__WHISPER__MODEL", "tiny.en");
    command.env_remove("DIARIST_URL");
    // The tests never ask a language model that somebody pays for.
    for provider in ["OPENAI", "ANTHROPIC", "MISTRAL"] {
        command.env_remove(format!("{provider}_API_KEY"));
    }
    command.arg("--data-dir").arg(data_dir);
    command
}

/// The small model is got once; nothing is skipped for want of it.
fn ensure_model() {
    static GOT: OnceLock<()> = OnceLock::new();
    GOT.get_or_init(|| {
        let pull = Command::new(DIARIST).args(["models", "pull", "tiny.en"]).output().unwrap();
        assert!(pull.status.success(), "{}", String::from_utf8_lossy(&pull.stderr));
    });
}

/// Runs a command to its end; stdout, stderr and the exit status.
pub fn output(command: &mut Command) -> (String, String, i32) {
    let out = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&out.stdout), text(&out.stderr), out.status.code().unwrap_or(-1))
}
