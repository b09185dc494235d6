//! Turns a sound file nobody vouches for into 16 kHz mono samples, cut where the speaker pauses.
//! It never decodes in the process that serves people (a child with its own limits does), never
//! trusts a file's name or declared type, and never reads the clock, the database or the settings.
//! Start reading at [`child::run_child`] (the parent's side) and [`worker::run`] (the child's side).

pub mod child;
pub mod container_tags;
pub mod cuts;
pub mod decode;
pub mod error;
pub mod ffmpeg;
pub mod gaps;
pub mod limits;
pub mod mix;
pub mod probe;
pub mod recorded_at;
pub mod resample;
pub mod sniff;
pub mod source;
pub mod speech;
pub mod stamp;
pub mod voice;
pub mod wav;
pub mod worker;

pub use child::run_child;
pub use cuts::{Chunk, CutOptions};
pub use decode::DecodeReport;
pub use error::{AudioCode, AudioError, WorkerFailure};
pub use limits::ChildLimits;
pub use probe::{ProbeReport, TimeTag};
pub use recorded_at::{Moment, RecordedAtSource, recorded_at};
pub use worker::{DecodeRequest, Mode, Progress};

/// Samples per second of everything this room hands on.
pub const SAMPLE_RATE_HZ: u32 = 16_000;
