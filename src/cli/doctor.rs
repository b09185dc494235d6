//! `diarist doctor`: looks at everything that a node needs, and says what to do about what is missing.

use super::door::running_on;
use super::failure::{Failure, Outcome};
use super::output::{megabytes, print};
use crate::config::{Config, Database};
use crate::domain::llm::ProviderId;
use crate::providers::audio::{ChildLimits, DecodeRequest, Mode, run_child};
use crate::providers::llm::PriceList;
use crate::providers::machine::Machine;
use crate::providers::models::Library;
use crate::providers::storage::{Folder, Lock, LockError, NotWritable, free_bytes};
use crate::providers::whisper::{child, protocol};
use crate::store::Store;
use crate::telemetry::chain;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// One look: what was looked at, and what was found.
struct Finding {
    about: &'static str,
    found: Result<String, Complaint>,
}

struct Complaint {
    what: String,
    advice: String,
}

pub async fn run(config: &Config) -> Result<Outcome, Failure> {
    let exe = std::env::current_exe().map_err(Failure::work)?;
    let mut findings = vec![machine(config), folder(config)];
    findings.push(database(config).await);
    findings.push(decoder(&exe).await);
    findings.push(ffmpeg(config));
    findings.extend(models(config, &exe).await);
    findings.push(composers(config));
    print(&findings.iter().map(line).collect::<String>())?;
    let bad = findings.iter().any(|finding| finding.found.is_err());
    Ok(if bad { Outcome::SomeFailed } else { Outcome::Done })
}

fn line(finding: &Finding) -> String {
    let (green, red, end) = match std::io::stdout().is_terminal() {
        true => ("\x1b[32m", "\x1b[31m", "\x1b[0m"),
        false => ("", "", ""),
    };
    let about = finding.about;
    match &finding.found {
        Ok(found) => format!("{green}ok  {end}  {about:<12} {found}\n"),
        Err(Complaint { what, advice }) => {
            format!("{red}FAIL{end}  {about:<12} {what}\n      {:<12} → {advice}\n", "")
        }
    }
}

fn machine(config: &Config) -> Finding {
    let Machine { processors, cpu, memory_bytes, gpu, .. } = Machine::look();
    let slots = config.whisper.slots(processors);
    let gpu = gpu.map_or_else(String::new, |name| format!(", {name} (not used)"));
    let memory = memory_bytes as f64 / 1e9;
    let found = format!(
        "{processors} processors ({cpu}), {memory:.1} GB of memory{gpu}; {slots} chunks are transcribed at once"
    );
    Finding { about: "machine", found: Ok(found) }
}

/// Nothing is amiss without it: it only reads more.
fn ffmpeg(config: &Config) -> Finding {
    let found = match config.audio.ffmpeg() {
        Some(path) => format!("{} reads AMR, WMA, AC-3 and other rare formats", path.display()),
        None => "none: AMR, WMA, AC-3 and other rare formats are refused".to_owned(),
    };
    Finding { about: "ffmpeg", found: Ok(found) }
}

fn folder(config: &Config) -> Finding {
    let dir = &config.storage.data_dir;
    let complain = |what: String| Err(Complaint { what, advice: NotWritable::ADVICE.to_owned() });
    let found = match Folder::make(dir) {
        Err(error) => complain(chain(&error)),
        Ok(_) => match (Lock::take(dir), free_bytes(dir)) {
            (Err(LockError::Io { source, .. }), _) => complain(source.to_string()),
            (Err(LockError::Held), _) => Ok(format!("{} (a node is running)", dir.display())),
            (Ok(_), Ok(free)) => {
                let least = config.storage.min_free_bytes;
                let what = format!("{} ({} free)", dir.display(), megabytes(free));
                match free {
                    free if free < least => {
                        let least = megabytes(least);
                        let advice = format!(
                            "make room on this disk, or give another --data-dir: uploads have to leave {least}"
                        );
                        Err(Complaint { what, advice })
                    }
                    _ => Ok(what),
                }
            }
            (Ok(_), Err(_)) => Ok(dir.display().to_string()),
        },
    };
    Finding { about: "data folder", found }
}

const UNREADABLE: &str = "with room on the disk and the database still unreadable: move it away; the recordings \
     in audio/ are untouched, and can be given to `diarist note` again";

async fn database(config: &Config) -> Finding {
    let held = match Lock::take(&config.storage.data_dir) {
        Ok(lock) => lock,
        Err(LockError::Held) => {
            return Finding { about: "database", found: running_node(config).await };
        }
        Err(error) => {
            let advice = "the data folder has to be mended first".to_owned();
            let found = Err(Complaint { what: chain(&error), advice });
            return Finding { about: "database", found };
        }
    };
    let found = match Folder::make(&config.storage.data_dir) {
        Ok(folder) => match Store::connect(&config.database, &folder.database()).await {
            Ok(store) => {
                store.close().await;
                let kind = match config.database.database() {
                    Database::Sqlite(_) => "SQLite",
                    Database::Postgres(_) => "PostgreSQL",
                };
                Ok(format!("{kind}: opens, tables up to date"))
            }
            Err(error) => Err(Complaint {
                what: chain(&error),
                advice: error.advice().unwrap_or(UNREADABLE).to_owned(),
            }),
        },
        Err(error) => {
            let advice = NotWritable::ADVICE.to_owned();
            Err(Complaint { what: chain(&error), advice })
        }
    };
    drop(held);
    Finding { about: "database", found }
}

/// Whoever holds the folder knows how its database is.
async fn running_node(config: &Config) -> Result<String, Complaint> {
    let ready = match running_on(config).await {
        Ok(Some(node)) => node.is_ready().await.map_err(Failure::from),
        Ok(None) => Ok(()),
        Err(failure) => Err(failure),
    };
    let complaint = |failure: Failure| Complaint {
        what: format!("the running node takes no work: {failure}"),
        advice: "if it was drained, restart it; otherwise its log says what it waits for"
            .to_owned(),
    };
    ready.map(|()| "in use by the running node, which takes work".to_owned()).map_err(complaint)
}

/// A silent WAV of a tenth of a second, probed in a real child process.
async fn decoder(exe: &Path) -> Finding {
    let path = std::env::temp_dir().join(format!("diarist-doctor-{}.wav", std::process::id()));
    let found = match std::fs::write(&path, silent_wav()) {
        Err(error) => Err(error.to_string()),
        Ok(()) => {
            let request = DecodeRequest {
                input: path.clone(),
                output: PathBuf::new(),
                mode: Mode::Probe,
                max_duration_ms: 1_000,
                limits: ChildLimits::default(),
                ffmpeg: None,
            };
            let patience = std::time::Duration::from_secs(10);
            let report = run_child(exe, &request, patience, |_| {}).await;
            report
                .map(|_| "its child process starts and reads WAV".to_owned())
                .map_err(|error| chain(&error))
        }
    };
    // The temporary folder is cleared by the system otherwise.
    let _ = std::fs::remove_file(&path);
    let advice = "check the limits on memory and processes (ulimit -a)".to_owned();
    Finding { about: "decoder", found: found.map_err(|what| Complaint { what, advice }) }
}

fn silent_wav() -> Vec<u8> {
    const DATA_BYTES: u32 = 3_200;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + DATA_BYTES).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(16_000u32.to_le_bytes());
    wav.extend(32_000u32.to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(DATA_BYTES.to_le_bytes());
    wav.resize(44 + DATA_BYTES as usize, 0);
    wav
}

async fn models(config: &Config, exe: &Path) -> Vec<Finding> {
    let library = Library::new(config.storage.models_dir.clone());
    let mut findings = Vec::new();
    let name = &config.whisper.model;
    let found = match library.installed(name) {
        Err(error) => Err(Complaint { what: chain(&error), advice: pull_again(name) }),
        Ok(None) => Err(Complaint {
            what: format!("{name} is not installed"),
            advice: format!("diarist models pull {name}"),
        }),
        Ok(Some(model)) => match library.verify(&model) {
            Err(error) => Err(Complaint { what: chain(&error), advice: pull_again(name) }),
            Ok(()) => {
                let hello = protocol::Hello {
                    version: protocol::VERSION,
                    model: model.path.clone(),
                    slots: 1,
                    nice: 0,
                };
                match child::start(exe, hello, config.whisper.load_timeout()).await {
                    Ok(worker) => {
                        let size = megabytes(model.bytes);
                        Ok(format!("{name} ({size}) is whole, and loads in {} ms", worker.load_ms))
                    }
                    Err(error) => Err(Complaint { what: chain(&error), advice: pull_again(name) }),
                }
            }
        },
    };
    findings.push(Finding { about: "model", found });
    findings
}

/// Who would be asked for a note. Nobody is called for that.
fn composers(config: &Config) -> Finding {
    let llm = &config.llm;
    let name = |id: &ProviderId| format!("{id} ({})", llm.provider(*id).model);
    let (ready, missing): (Vec<_>, Vec<_>) =
        llm.chain().into_iter().partition(|id| llm.is_configured(*id));
    let found = match (missing.first(), PriceList::load(&llm.prices)) {
        (_, Err(error)) => Err(Complaint {
            what: chain(&error),
            advice: "mend the file, or leave llm.prices empty".to_owned(),
        }),
        (Some(id), _) => Err(Complaint {
            what: format!("llm.policy names {id}, which is not configured"),
            advice: match id {
                ProviderId::Local => "set llm.local.base_url and llm.local.model".to_owned(),
                _ => format!("set {}_API_KEY", id.as_str().to_uppercase()),
            },
        }),
        (None, _) if ready.is_empty() => {
            Ok("extractive: notes are made of the speaker's own sentences".to_owned())
        }
        (None, _) => {
            let names: Vec<String> = ready.iter().map(name).collect();
            Ok(format!("{}, then extractive; not called for this", names.join(", then ")))
        }
    };
    Finding { about: "composers", found }
}

fn pull_again(name: &str) -> String {
    format!("remove it and get it again: diarist models pull {name}")
}
