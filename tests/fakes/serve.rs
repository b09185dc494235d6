//! Runs the fake language-model server by itself, for SDKs and for people: `cargo run --example fake_llm -- 127.0.0.1:8081`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program of its own, which plays the outside world"
)]

#[path = "mod.rs"]
mod fakes;

use fakes::Fake;
use std::error::Error;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_owned());
    let fake = Fake::start(address.parse()?).await?;
    println!("{}", serde_json::json!({ "status": "ready", "url": fake.url }));
    Ok(tokio::signal::ctrl_c().await?)
}
