//! `diarist transcribe`: recordings in, exact text out.

use super::args::{Format, Global, TaskArg, TranscribeArgs};
use super::failure::{Failure, Outcome};
use super::output::{duration, say};
use super::recordings::{self, Place, Product, process};
use crate::client::{Client, JobView};
use crate::config::Config;
use crate::domain::captions::{self, Captions, Style};
use crate::domain::options::{JobOptions, Task};
use crate::domain::transcript::{Gap, Transcript};

/// Words of the beginning that name a transcript.
const TITLE_WORDS: usize = 8;

pub async fn run(
    args: TranscribeArgs,
    global: &Global,
    config: &Config,
) -> Result<Outcome, Failure> {
    let formats = formats(&args.format);
    let recordings = &args.recordings;
    let place = Place::of(recordings, &args.name_template)?;
    if formats.len() > 1 && matches!(place, Place::Stdout) {
        let error = anyhow::anyhow!("several formats cannot share standard output");
        return Err(Failure::usage(error).hint("give a folder with -o DIR, or take --json"));
    }
    let style = Style {
        line_width: args.max_line_width,
        line_count: args.max_line_count,
        words_per_line: args.max_words_per_line,
        highlight: args.highlight_words,
    };
    // Captions are divided by the times of words. Asking for them does not change a word.
    let captioned = formats.iter().any(|format| matches!(format, Format::Srt | Format::Vtt));
    let options = JobOptions {
        task: match args.task {
            TaskArg::Transcribe => Task::Transcribe,
            TaskArg::Translate => Task::Translate,
        },
        word_timestamps: args.word_timestamps || captioned,
        note: false,
        ..recordings::options(recordings, global.quiet)?
    };
    let make = async |client: &Client, job: &JobView| {
        let transcript = client.transcript(job.id).await?;
        if transcript.segments.is_empty() && !global.quiet {
            say(&format!("nothing is said in {}", job.file_name));
        }
        for gap in transcript.gaps.iter().filter(|_| !global.quiet) {
            say(&unheard(gap, &job.file_name));
        }
        let render = |format: &Format| {
            let text = render(&transcript, *format, &style, args.word_timestamps)?;
            Ok((format.extension(), text))
        };
        let texts = formats.iter().map(render).collect::<Result<_, Failure>>()?;
        Ok(Product { title: title(&transcript.text), texts })
    };
    process(recordings, &options, &place, global, config, make).await
}

fn unheard(gap: &Gap, name: &str) -> String {
    let (from, to) = (duration(gap.start_ms), duration(gap.end_ms));
    let why = match gap.reason.as_str() {
        "damaged" => "the recording is damaged there",
        "cut_off" => "the recording is cut off there",
        other => other,
    };
    format!("{name}: {from} to {to} could not be heard: {why}")
}

/// Each format once, in the order in which it was asked for.
fn formats(given: &[Format]) -> Vec<Format> {
    let mut formats = Vec::new();
    for format in given {
        let meant = match format {
            Format::All => Format::EACH.to_vec(),
            one => vec![*one],
        };
        formats.extend(meant.into_iter().filter(|one| !formats.contains(one)).collect::<Vec<_>>());
    }
    formats
}

fn render(
    transcript: &Transcript,
    format: Format,
    style: &Style,
    with_words: bool,
) -> Result<String, Failure> {
    Ok(match format {
        Format::Txt | Format::All => captions::text(transcript),
        Format::Srt => Captions::new(transcript, style).srt(),
        Format::Vtt => Captions::new(transcript, style).vtt(),
        Format::Tsv => captions::tsv(transcript),
        Format::Md => captions::markdown(transcript),
        Format::Json => {
            let mut shown = transcript.clone();
            if !with_words {
                shown.segments.iter_mut().for_each(|segment| segment.words.clear());
            }
            let json = serde_json::to_string_pretty(&shown).map_err(Failure::work)?;
            format!("{json}\n")
        }
    })
}

fn title(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(TITLE_WORDS).collect();
    if words.is_empty() { "silence".to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_is_made_once_and_all_means_each() {
        assert_eq!(formats(&[Format::Srt, Format::Txt, Format::Srt]), [Format::Srt, Format::Txt]);
        assert_eq!(formats(&[Format::All, Format::Txt]), Format::EACH);
    }

    #[test]
    fn a_transcript_is_called_by_its_first_words() {
        assert_eq!(
            title("One two three four five six seven eight nine"),
            "One two three four five six seven eight"
        );
        assert_eq!(title(" "), "silence");
    }
}
