//! HTTP in and out: one endpoint per file, typed answers, and refusals as RFC 9457 problem documents.
//! It never writes SQL, starts an actor or decides about a job; it changes one through the `Engine` alone.
//! Start reading at [`router()`], the list of all endpoints; then at `jobs/create`, the one that does most.

mod access;
mod admin;
mod caller;
mod diary;
mod docs;
mod entries;
mod guard;
mod health;
mod input;
mod jobs;
mod measure;
mod metrics;
mod notes;
mod openai;
mod openapi;
mod page;
mod plain;
mod problem;
mod reach;
mod recordings;
mod request_id;
mod router;
mod server;
mod tls;
mod web;

pub use jobs::{JobPage, JobView};
pub use openapi::openapi;
pub use reach::{Lan, Reach};
pub use router::{Api, router};
pub use server::serve;
