//! Fills a data folder with a made-up diary of two years: `cargo run --example fill_diary -- DATA_DIR [COUNT] [SEED]`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a tool for developers fails by panicking, and reads the clock itself"
)]

#[path = "../tests/it/kit/diary.rs"]
mod diary;

use diarist::providers::storage::{Folder, Lock};
use diarist::store::Store;
use std::path::Path;

#[tokio::main]
async fn main() {
    let mut given = std::env::args().skip(1);
    let Some(data_dir) = given.next() else {
        eprintln!("usage: fill_diary DATA_DIR [COUNT] [SEED]");
        return;
    };
    let data_dir = Path::new(&data_dir);
    let mut number = |otherwise| given.next().map_or(otherwise, |text| text.parse().unwrap());
    let (count, seed) = (number(10_000), number(1));
    let folder = Folder::make(data_dir).unwrap();
    let Ok(_lock) = Lock::take(data_dir) else {
        eprintln!("a server holds {}; stop it first", data_dir.display());
        return;
    };
    let store = Store::open(&folder.database()).await.unwrap();
    let end = chrono::Utc::now();
    let made = diary::fill(&store, usize::try_from(count).unwrap(), end, seed).await;
    diary::add_recordings(data_dir, &made);
    store.close().await;
    println!("{} memos are in {}", made.len(), data_dir.display());
}
