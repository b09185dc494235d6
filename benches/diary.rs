//! How long the lists of a diary of 10,000 entries take, asked over HTTP: `cargo bench --bench diary`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench fails by panicking, and plays the outside world"
)]

#[path = "../tests/it/kit/diary.rs"]
mod diary;
#[path = "kit/server.rs"]
mod server;

use criterion::{Criterion, criterion_group, criterion_main};
use diarist::providers::storage::Folder;
use diarist::store::Store;
use server::Server;
use std::path::Path;

const ENTRIES: usize = 10_000;
const LISTS: [&str; 11] = [
    "/v1/entries",
    "/v1/entries?tag=family",
    "/v1/entries?q=lisbon",
    "/v1/entries?q=the",
    "/v1/entries?q=a*",
    "/v1/entries?q=%22lentil+soup%22+anna&tag=work",
    "/v1/entries?q=nowhere",
    "/v1/notes",
    "/v1/notes?q=lisbon",
    "/v1/tags",
    "/v1/days",
];

fn lists(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tempfile::tempdir().unwrap();
    runtime.block_on(fill(dir.path()));
    let server = Server::start(dir.path());
    let client = reqwest::Client::new();
    let mut group = criterion.benchmark_group("10,000 entries");
    for path in LISTS {
        let url = format!("{}{path}", server.url);
        group.bench_function(path, |bench| {
            bench.iter(|| {
                runtime.block_on(async {
                    let answer = client.get(&url).send().await.unwrap();
                    answer.error_for_status().unwrap().bytes().await.unwrap()
                })
            });
        });
    }
    group.finish();
}

async fn fill(data_dir: &Path) {
    let store = Store::open(&Folder::make(data_dir).unwrap().database()).await.unwrap();
    let memos = diary::fill(&store, ENTRIES, chrono::Utc::now(), 7).await;
    store.close().await;
    diary::add_recordings(data_dir, &memos);
}

criterion_group!(benches, lists);
criterion_main!(benches);
