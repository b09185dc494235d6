//! The truth: jobs, events, chunks and notes in a database, behind plain functions over a transaction.
//! It never decides anything about a job, and knows neither HTTP nor actors nor providers.
//! Start reading at [`jobs`], above all at [`jobs::save`], the fenced write of a running attempt.

pub mod arrivals;
pub mod audit;
pub mod chunks;
pub mod claims;
mod creation;
mod database;
mod dialect;
pub mod entries;
mod error;
pub mod events;
pub mod failures;
pub mod gaps;
pub mod jobs;
pub mod labels;
mod lite;
pub mod llm_calls;
pub mod nodes;
pub mod notes;
pub mod pace;
pub mod passages;
mod pg;
#[cfg(test)]
mod plans;
pub mod recordings;
pub mod removals;
pub mod revisions;
mod row;
pub mod search;
pub mod stages;
mod statement;
pub mod transcripts;
pub mod transitions;
pub mod trash;
pub mod upkeep;
mod values;
mod wakes;
mod words;

pub use database::{Store, Tx};
pub use error::StoreError;
pub use wakes::{Wake, Wakes};
