//! Logs and metrics: how they are set up, and the name of every figure.
//! It never decides what is worth a line, and no secret or spoken word passes through it.
//! Start reading at [`metrics`], the table of all figures.

pub mod metrics;
pub mod panics;
mod setup;

pub use setup::{SetupError, init};

/// An error with all its causes in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(inner) = next {
        let cause = inner.to_string();
        // Some libraries repeat their cause in their own words.
        if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
        next = inner.source();
    }
    text
}
