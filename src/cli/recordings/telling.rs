//! What is told while a recording is worked on: a bar for a person, one JSON object a line for a program.

use super::delivery::Product;
use crate::cli::failure::Failure;
use crate::cli::output::{self, duration};
use crate::cli::progress::Progress;
use crate::cli::when;
use crate::client::{Client, Event, JobView};
use crate::clock;
use crate::domain::ids::JobId;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The figures of a short beginning are a guess.
const SURE_AFTER_S: f64 = 2.0;

/// How fast Whisper has been so far, measured against the recording's own length.
pub struct Pace {
    began: Option<(Instant, f64)>,
    duration_ms: Option<u64>,
}

/// How many times faster than speech, and how long it will take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    pub speed: Option<f64>,
    pub eta_ms: u64,
}

impl Pace {
    pub fn new() -> Self {
        Self { began: None, duration_ms: None }
    }

    pub fn is_of(&mut self, job: &JobView) {
        self.duration_ms = job.audio.duration_ms;
    }

    pub fn knows_length(&self) -> bool {
        self.duration_ms.is_some()
    }

    /// Takes a new fraction, and estimates once there is something to go by.
    pub fn at(&mut self, fraction: f64) -> Option<Estimate> {
        let (began, from) = *self.began.get_or_insert_with(|| (clock::tick(), fraction));
        estimate(fraction - from, 1.0 - fraction, began.elapsed().as_secs_f64(), self.duration_ms)
    }
}

fn estimate(done: f64, left: f64, seconds: f64, duration_ms: Option<u64>) -> Option<Estimate> {
    if done <= 0.0 || seconds < SURE_AFTER_S {
        return None;
    }
    let per_second = done / seconds;
    let speed = duration_ms.map(|ms| per_second * ms as f64 / 1_000.0);
    Some(Estimate { speed, eta_ms: (left.max(0.0) / per_second * 1_000.0) as u64 })
}

/// Tells of one recording.
pub struct Teller {
    file: String,
    json: bool,
    quiet: bool,
    bar: Progress,
    pub pace: Pace,
    doing: &'static str,
    fraction: f64,
    /// The last reason that was told why nothing happens.
    waits_for: Option<String>,
}

impl Teller {
    pub fn new(file: &Path, json: bool, quiet: bool) -> Self {
        let name = crate::client::printable_name(file);
        let name = if name == "-" { "stdin".to_owned() } else { name };
        let bar = Progress::of_job(quiet || json, &name);
        bar.doing("sending");
        let file = file.display().to_string();
        let (pace, doing) = (Pace::new(), "waiting");
        Self { file, json, quiet, bar, pace, doing, fraction: 0.0, waits_for: None }
    }

    pub fn queued(&self, job: &JobView, existed: bool) -> Result<(), Failure> {
        self.event("queued", Some(job.id), json!({ "known": existed }))
    }

    /// It is handed in, and this command does not wait for it.
    pub fn scheduled(&self, job: &JobView) -> Result<(), Failure> {
        if !self.json && !self.quiet {
            let id = job.id;
            let what = match job.scheduled(clock::now()) {
                Some(at) => {
                    format!("is to run at {}, by a running `diarist serve`", when::shown(at))
                }
                None => format!("is {} already", job.status),
            };
            self.bar.say(&format!(
                "{}: job {id} {what}; `diarist jobs follow {id}` shows it",
                job.file_name
            ));
        }
        self.event("scheduled", Some(job.id), json!({ "run_at": job.run_at }))
    }

    /// Says, once for each reason, why nothing happens for now.
    pub async fn waits(&mut self, client: &Client, job: &JobView) {
        let Some(why) = when::why_it_waits(client, job).await else { return };
        if !self.quiet && !self.json && self.waits_for.as_ref() != Some(&why) {
            self.bar.say(&format!("{}: {why}", job.file_name));
        }
        self.waits_for = Some(why);
    }

    pub fn happened(&mut self, id: JobId, event: &Event) -> Result<(), Failure> {
        match event.kind.as_str() {
            "segment" => return self.event("segment", Some(id), json!({ "segment": event.data })),
            "state" => {
                self.doing = match event.data.get("stage").and_then(Value::as_str) {
                    Some("ingest") => "decoding",
                    Some("transcribe") => "transcribing",
                    Some("compose") => "composing",
                    _ => "",
                };
            }
            _ => {}
        }
        if let Some(now) = event.data.get("fraction").and_then(Value::as_f64) {
            self.fraction = self.fraction.max(now);
        }
        let estimate = match self.doing {
            "transcribing" => self.pace.at(self.fraction),
            _ => None,
        };
        self.bar.fraction(self.fraction, &said(self.doing, estimate));
        let more = json!({
            "doing": self.doing,
            "fraction": self.fraction,
            "eta_ms": estimate.map(|e| e.eta_ms),
            "speed": estimate.and_then(|e| e.speed),
        });
        self.event("progress", Some(id), more)
    }

    pub fn done(&self, job: &JobView, product: &Product, files: &[PathBuf]) -> Result<(), Failure> {
        if !self.json && !self.quiet {
            files.iter().for_each(|file| self.bar.say(&file.display().to_string()));
        }
        let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        let results: serde_json::Map<_, _> = match files.as_slice() {
            [] => {
                product.texts.iter().map(|(end, text)| ((*end).to_owned(), json!(text))).collect()
            }
            _ => serde_json::Map::new(),
        };
        self.event("done", Some(job.id), json!({ "outputs": files, "results": results }))
    }

    pub fn failed(&self, job: Option<JobId>, failure: &Failure) -> Result<(), Failure> {
        let (message, hint) = (failure.to_string(), failure.hint_text());
        if !self.json {
            let name: String =
                self.file.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
            self.bar.hidden(|| output::complain_of(Some(&name), &message, hint));
        }
        let error = json!({ "code": failure.name(), "message": message, "hint": hint });
        self.event("failed", job, json!({ "error": error }))
    }

    fn event(&self, event: &str, job: Option<JobId>, more: Value) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        let mut line = json!({ "event": event, "file": self.file, "job": job });
        if let (Value::Object(line), Value::Object(more)) = (&mut line, more) {
            line.extend(more);
        }
        output::print(&format!("{line}\n"))
    }
}

fn said(doing: &str, estimate: Option<Estimate>) -> String {
    let Some(Estimate { speed, eta_ms }) = estimate else { return doing.to_owned() };
    let speed = speed.map_or_else(String::new, |speed| format!("  {speed:.1}x"));
    format!("{doing}{speed}  {} left", duration(eta_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_and_time_left_follow_from_what_is_done() {
        // A quarter of ten minutes in 15 s is ten times as fast as speech; half is left.
        let known = estimate(0.25, 0.5, 15.0, Some(600_000));
        assert_eq!(known, Some(Estimate { speed: Some(10.0), eta_ms: 30_000 }));
        assert_eq!(said("transcribing", known), "transcribing  10.0x  0:30 left");
        assert_eq!(estimate(0.0, 1.0, 15.0, None), None);
        assert_eq!(estimate(0.1, 0.9, 0.5, None), None, "too early to say");
    }
}
