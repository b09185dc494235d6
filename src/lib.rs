//! Diarist as a library: the rooms that the binary and the tests share.

pub mod actors;
pub mod api;
pub mod app;
pub mod cli;
pub mod client;
pub mod clock;
pub mod config;
pub mod domain;
pub mod failpoint;
pub mod providers;
pub mod store;
pub mod telemetry;
