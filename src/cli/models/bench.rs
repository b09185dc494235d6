//! `diarist models bench`: the same recording through each installed model, on this machine and as it is now.

use crate::cli::failure::{Failure, Outcome};
use crate::cli::output::{megabytes, print, say};
use crate::clock;
use crate::config::Config;
use crate::domain::job::{ChunkRange, SAMPLE_RATE_HZ};
use crate::domain::options::{Task, Temperature};
use crate::providers::audio::{ChildLimits, DecodeReport, DecodeRequest, Mode, run_child};
use crate::providers::models::{Installed, Library};
use crate::providers::whisper::child::{self, WhisperChild};
use crate::providers::whisper::protocol::{
    ChunkRequest, FromWorker, Hello, ToWorker, VERSION, receive, send,
};
use serde::Serialize;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A minute of English, so that nothing has to be at hand.
const SAMPLE: &[u8] = include_bytes!("../../../samples/memo.ogg");

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "The text is not compared: a faster model hears less well.\n\n\
    Examples:\n  diarist models bench\n  diarist models bench tiny.en base --file talk.mp3 --json")]
pub struct BenchArgs {
    /// Names, as `models list` shows them [default: all that are installed]
    #[arg(value_name = "MODEL")]
    names: Vec<String>,
    /// A recording to hear instead of the built-in minute of English
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// What one model took.
#[derive(Debug, Serialize)]
struct Figures {
    model: String,
    load_ms: u64,
    /// From the first chunk to the last text.
    hear_ms: u64,
    audio_ms: u64,
    /// Processor time for each second of sound; below 1 is faster than speech on one processor.
    cpu_per_second: f64,
    /// Seconds of sound heard in a second.
    times_real_time: f64,
    /// The most memory that its process held.
    memory_bytes: u64,
    words: usize,
}

/// The sound to hear, decoded; removed when it is dropped.
struct Sound {
    dir: PathBuf,
    report: DecodeReport,
}

impl Sound {
    fn pcm(&self) -> PathBuf {
        self.dir.join("sound.s16")
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        // The temporary folder is cleared by the system otherwise.
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

pub async fn run(args: BenchArgs, library: &Library, config: &Config) -> Result<Outcome, Failure> {
    let models = chosen(&args.names, library)?;
    let exe = std::env::current_exe().map_err(Failure::work)?;
    let sound = decode(args.file.as_deref(), &exe, config).await?;
    let mut figures = Vec::new();
    for model in &models {
        say(&format!("hearing with {}", model.name));
        figures.push(measure(model, &sound, &exe, config).await?);
    }
    let json = || serde_json::to_string_pretty(&figures).map_err(Failure::work);
    print(&if args.json { json()? + "\n" } else { table(&figures) })?;
    Ok(Outcome::Done)
}

fn chosen(names: &[String], library: &Library) -> Result<Vec<Installed>, Failure> {
    let hint = "`diarist models list` shows those that are";
    let mut models = Vec::new();
    for name in names {
        let missing = || Failure::usage(anyhow::anyhow!("the model {name} is not installed"));
        let found = library.installed(name).map_err(Failure::usage)?;
        models.push(found.ok_or_else(|| missing().hint(hint))?);
    }
    if names.is_empty() {
        models = library.list().map_err(Failure::work)?;
    }
    if models.is_empty() {
        let error = anyhow::anyhow!("no model is installed");
        return Err(Failure::usage(error).hint("get one with `diarist models pull base`"));
    }
    Ok(models)
}

async fn decode(file: Option<&Path>, exe: &Path, config: &Config) -> Result<Sound, Failure> {
    let dir = std::env::temp_dir().join(format!("diarist-bench-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir(&dir).map_err(Failure::work)?;
    let sample = dir.join("sample.ogg");
    let request = DecodeRequest {
        input: file.map_or_else(|| sample.clone(), Path::to_owned),
        output: dir.join("sound.s16"),
        mode: Mode::Decode,
        max_duration_ms: config.audio.max_duration_ms,
        limits: ChildLimits::default(),
        ffmpeg: config.audio.ffmpeg(),
    };
    let decoded = match std::fs::write(&sample, SAMPLE) {
        Err(error) => Err(Failure::work(error)),
        Ok(()) => run_child(exe, &request, config.audio.decode_timeout(), |_| {})
            .await
            .map_err(Failure::work),
    };
    if decoded.is_err() {
        // The temporary folder is cleared by the system otherwise.
        let _ = std::fs::remove_dir_all(&dir);
    }
    Ok(Sound { dir, report: decoded? })
}

async fn measure(
    model: &Installed,
    sound: &Sound,
    exe: &Path,
    config: &Config,
) -> Result<Figures, Failure> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let hello = Hello {
        version: VERSION,
        model: model.path.clone(),
        slots: config.whisper.slots(processors),
        nice: config.whisper.nice,
    };
    let slots = hello.slots;
    let mut child =
        child::start(exe, hello, config.whisper.load_timeout()).await.map_err(Failure::work)?;
    let begun = clock::tick();
    let heard = hear(&mut child, sound, slots);
    let heard = tokio::time::timeout(config.whisper.chunk_timeout(), heard).await;
    let (cpu_ms, words) = heard.map_err(Failure::work)??;
    let hear_ms = u64::try_from((clock::tick() - begun).as_millis()).unwrap_or(u64::MAX);
    let audio_ms = sound.report.samples.saturating_mul(1_000) / SAMPLE_RATE_HZ;
    Ok(Figures {
        model: model.name.clone(),
        load_ms: child.load_ms,
        hear_ms,
        audio_ms,
        cpu_per_second: cpu_ms as f64 / audio_ms.max(1) as f64,
        times_real_time: audio_ms as f64 / hear_ms.max(1) as f64,
        memory_bytes: child.process.id().map_or(0, peak_memory),
        words,
    })
}

/// All chunks, as many at once as there are slots; processor time and words.
async fn hear(
    child: &mut WhisperChild,
    sound: &Sound,
    slots: usize,
) -> Result<(u64, usize), Failure> {
    let mut open = sound.report.chunks.iter().zip(0u64..);
    let (mut cpu_ms, mut words, mut flying) = (0, 0, 0);
    loop {
        while flying < slots
            && let Some((chunk, id)) = open.next()
        {
            let request = ChunkRequest {
                id,
                pcm: sound.pcm(),
                range: ChunkRange {
                    start_sample: chunk.start_sample,
                    end_sample: chunk.end_sample,
                },
                language: "en".to_owned(),
                task: Task::Transcribe,
                word_timestamps: false,
                prompt: None,
                temperature: Temperature::default(),
                tokens: false,
            };
            let message = ToWorker::Transcribe(request);
            send(&mut child.input, &message).await.map_err(Failure::work)?;
            flying += 1;
        }
        if flying == 0 {
            return Ok((cpu_ms, words));
        }
        match receive::<FromWorker>(&mut child.output).await.map_err(Failure::work)? {
            Some(FromWorker::Heard { chunk, .. }) => {
                cpu_ms += chunk.cpu_ms;
                let texts = chunk.segments.iter().map(|segment| &segment.text);
                words += texts.map(|text| text.split_whitespace().count()).sum::<usize>();
                flying -= 1;
            }
            Some(FromWorker::Refused { message, .. }) => {
                return Err(Failure::work(anyhow::anyhow!("{message}")));
            }
            Some(_) => {}
            None => return Err(Failure::work(anyhow::anyhow!("the worker has ended"))),
        }
    }
}

/// The high-water mark of a process, where the system tells.
fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}

fn table(figures: &[Figures]) -> String {
    let mut text = format!(
        "{:<16} {:>8} {:>9} {:>11} {:>10} {:>10} {:>6}\n",
        "MODEL", "LOAD", "HEARD IN", "REAL TIME", "CPU/SOUND", "MEMORY", "WORDS"
    );
    for f in figures {
        let seconds = |ms: u64| format!("{:.1} s", ms as f64 / 1_000.0);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:<16} {:>8} {:>9} {:>10.1}x {:>10.2} {:>10} {:>6}",
            f.model,
            seconds(f.load_ms),
            seconds(f.hear_ms),
            f.times_real_time,
            f.cpu_per_second,
            megabytes(f.memory_bytes),
            f.words
        );
    }
    text
}
