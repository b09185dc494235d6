//! The house rules as a test: who may name whom, which room owns which crate, and how a file starts.
//!
//! The arrow is read from ARCHITECTURE.md, so the page and this test cannot disagree. All faults are
//! collected and printed as `file:line: what; do this instead`. It reads text, not syntax: macros
//! that expand to paths and crates imported inside a group (`use {a, b}`) are its blind spots.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "architecture/arrow.rs"]
mod arrow;
#[path = "architecture/declared.rs"]
mod declared;
#[path = "architecture/planted.rs"]
mod planted;
#[path = "architecture/rules.rs"]
mod rules;
#[path = "architecture/source.rs"]
mod source;

use std::fs;
use std::path::Path;

use arrow::Arrow;
use source::Source;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_house_keeps_its_rules() {
    let page = fs::read_to_string(Path::new(ROOT).join("ARCHITECTURE.md")).unwrap_or_default();
    let arrow = Arrow::parse(&page).expect("the arrow of imports");
    let sources = read_all("src");
    assert!(sources.len() > 2, "found no sources under {ROOT}/src");
    let mut faults: Vec<_> = sources.iter().flat_map(|file| rules::check(file, &arrow)).collect();
    faults.extend(declared::check(&sources, "src", &["lib.rs", "main.rs"]));
    report(faults);
}

#[test]
fn every_integration_test_is_declared_and_introduced() {
    let sources = read_all("tests");
    let mut faults: Vec<_> = sources.iter().flat_map(rules::introduction).collect();
    faults.extend(declared::check(&sources, "tests/it", &["main.rs"]));
    faults.extend(declared::check(&sources, "tests/chaos", &["main.rs"]));
    faults.extend(declared::check(&sources, "tests/sim", &["main.rs"]));
    faults.extend(declared::check(&sources, "tests/fakes", &["mod.rs", "serve.rs"]));
    report(faults);
}

/// One finding, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    file: String,
    line: usize,
    what: String,
}

impl Fault {
    pub fn new(file: &Source, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.path.clone(), line, what: what.into() }
    }
}

#[track_caller]
fn report(mut faults: Vec<Fault>) {
    faults.sort();
    faults.dedup();
    let lines: Vec<_> = faults
        .iter()
        .map(|fault| format!("{}:{}: {}", fault.file, fault.line, fault.what))
        .collect();
    assert!(lines.is_empty(), "{} faults\n{}\n", lines.len(), lines.join("\n"));
}

fn read_all(folder: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let mut open = vec![Path::new(ROOT).join(folder)];
    while let Some(path) = open.pop() {
        if let Ok(entries) = fs::read_dir(&path) {
            open.extend(entries.flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let name =
                path.strip_prefix(ROOT).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            sources.push(Source::new(&name, &text));
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}
