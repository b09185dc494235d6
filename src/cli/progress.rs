//! Progress on the terminal, and nothing at all in a pipe.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(120);
/// A job's fraction as steps of a bar.
const STEPS: u64 = 1_000;

/// A bar, or nothing: quiet, or not a terminal.
pub struct Progress(Option<ProgressBar>);

impl Progress {
    pub fn of_job(quiet: bool, name: &str) -> Self {
        let style = "{spinner} {prefix} {bar:24} {percent:>3} %  {msg}";
        Self::new(quiet, STEPS, style, name)
    }

    pub fn of_bytes(quiet: bool, name: &str) -> Self {
        let style = "{spinner} {prefix} {bar:24} {bytes} of {total_bytes}  {bytes_per_sec}  {msg}";
        Self::new(quiet, 0, style, name)
    }

    fn new(quiet: bool, length: u64, style: &str, name: &str) -> Self {
        if quiet || !std::io::stderr().is_terminal() {
            return Self(None);
        }
        let bar = ProgressBar::new(length);
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style.progress_chars("━╸ "));
        }
        bar.set_prefix(name.to_owned());
        bar.enable_steady_tick(TICK);
        Self(Some(bar))
    }

    pub fn fraction(&self, fraction: f64, doing: &str) {
        if let Some(bar) = &self.0 {
            bar.set_position((fraction.clamp(0.0, 1.0) * STEPS as f64) as u64);
            bar.set_message(doing.to_owned());
        }
    }

    pub fn bytes(&self, done: u64, total: u64) {
        if let Some(bar) = &self.0 {
            bar.set_length(total);
            bar.set_position(done);
        }
    }

    pub fn doing(&self, what: &str) {
        if let Some(bar) = &self.0 {
            bar.set_message(what.to_owned());
        }
    }

    /// Lets something be said while the bar is out of the way.
    pub fn hidden(&self, say: impl FnOnce()) {
        match &self.0 {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    /// Says something above the bar; in a pipe it is said as it is.
    pub fn say(&self, text: &str) {
        self.hidden(|| super::output::say(text));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
