//! `diarist transcribe`: recordings in, exact text out.

use super::args::{Format, Global, TaskArg, TranscribeArgs};
use super::failure::{Failure, Outcome};
use super::output::{self, Folder};
use super::recordings::{process, stem};
use crate::client::{Client, JobView, printable_name};
use crate::config::Config;
use crate::domain::captions;
use crate::domain::options::{JobOptions, Task};
use crate::domain::transcript::{Gap, Transcript};
use std::path::Path;

pub async fn run(
    args: TranscribeArgs,
    global: &Global,
    config: &Config,
) -> Result<Outcome, Failure> {
    let mut formats = args.format.clone();
    formats.dedup();
    let recordings = &args.recordings;
    if formats.len() > 1 && recordings.output_dir.is_none() {
        let error = anyhow::anyhow!("several formats cannot share standard output");
        return Err(Failure::usage(error).hint("give a folder with -o DIR"));
    }
    let options = JobOptions {
        language: args.recordings.language.to_lowercase(),
        model: args.recordings.model.clone(),
        task: match args.task {
            TaskArg::Transcribe => Task::Transcribe,
            TaskArg::Translate => Task::Translate,
        },
        word_timestamps: args.word_timestamps,
        note: false,
        force: args.recordings.force,
        ..JobOptions::default()
    };
    let folder = recordings.output_dir.as_ref().map(|dir| Folder::new(dir, recordings.force));
    let deliver = async |client: &Client, job: &JobView, file: &Path| {
        let transcript = client.transcript(job.id).await?;
        if transcript.segments.is_empty() {
            output::say(&format!("nothing is said in {}", printable_name(file)));
        }
        for gap in &transcript.gaps {
            output::say(&unheard(gap, &printable_name(file)));
        }
        for format in &formats {
            let text = render(&transcript, *format)?;
            match &folder {
                None => output::print(&text)?,
                Some(folder) => folder.write(&stem(file), extension(*format), &text)?,
            }
        }
        Ok(())
    };
    process(recordings, &options, global, config, deliver).await
}

fn unheard(gap: &Gap, name: &str) -> String {
    let (from, to) = (output::duration(gap.start_ms), output::duration(gap.end_ms));
    let why = match gap.reason.as_str() {
        "damaged" => "the recording is damaged there",
        "cut_off" => "the recording is cut off there",
        other => other,
    };
    format!("{name}: {from} to {to} could not be heard: {why}")
}

fn render(transcript: &Transcript, format: Format) -> Result<String, Failure> {
    match format {
        Format::Txt => Ok(captions::text(transcript)),
        Format::Srt => Ok(captions::srt(transcript)),
        Format::Vtt => Ok(captions::vtt(transcript)),
        Format::Json => {
            let json = serde_json::to_string_pretty(transcript).map_err(Failure::work)?;
            Ok(format!("{json}\n"))
        }
    }
}

fn extension(format: Format) -> &'static str {
    match format {
        Format::Txt => "txt",
        Format::Srt => "srt",
        Format::Vtt => "vtt",
        Format::Json => "json",
    }
}
