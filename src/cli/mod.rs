//! The command line: one subcommand a file, results on stdout, everything else on stderr.
//! It never does the work itself: it asks a node, its own or a running one, through the same API.
//! Start reading at [`run()`], then at `door`, which finds the node to ask.

mod admin;
mod args;
mod config;
mod db;
mod demo;
mod doctor;
mod door;
mod failure;
mod habits;
mod invite;
mod job_id;
mod jobs;
mod kept_file;
mod manual;
mod models;
mod note;
mod notes;
mod output;
mod progress;
mod recordings;
mod run;
mod serve;
mod transcribe;
mod watch;
mod when;
mod workers;

pub use args::Args;
pub use run::run;
