//! What each file has to keep, one small function per rule.

use crate::Fault;
use crate::arrow::Arrow;
use crate::source::{Source, is_name};

const LINES_PER_FILE: usize = 400;

/// Crates that only the named rooms may use.
const OWNED: &[(&str, &[&str])] = &[
    ("anyhow", &["main", "app", "cli"]),
    ("async_openai", &["providers"]),
    ("axum", &["api"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("earshot", &["providers"]),
    ("figment", &["config"]),
    ("globset", &["cli"]),
    ("if_addrs", &["providers"]),
    ("indicatif", &["cli"]),
    ("metrics_exporter_prometheus", &["telemetry"]),
    ("notify", &["cli"]),
    ("qrcode", &["cli"]),
    ("ractor", &["actors"]),
    ("rcgen", &["providers"]),
    ("reqwest", &["providers", "client"]),
    ("rubato", &["providers"]),
    ("rustls", &["api", "app", "client", "providers"]),
    ("sqlx", &["store"]),
    ("symphonia", &["providers"]),
    ("symphonia_adapter_libopus", &["providers"]),
    ("tokio_rustls", &["api"]),
    ("tracing_subscriber", &["telemetry"]),
    ("utoipa_axum", &["api"]),
    ("whisper_rs", &["providers"]),
    ("zip", &["providers"]),
];

/// Texts that belong in some files only: (text, files or rooms that may, what to do instead).
const PLACED: &[(&str, &[&str], &str)] = &[
    ("Utc::now", &["src/clock.rs"], "take the time as an argument, or ask `crate::clock`"),
    ("Local::now", &["src/clock.rs"], "take the time as an argument, or ask `crate::clock`"),
    ("SystemTime::now", &["src/clock.rs"], "take the time as an argument, or ask `crate::clock`"),
    ("Instant::now", &["src/clock.rs"], "take the time as an argument, or ask `crate::clock`"),
    ("env::var", &["src/config/"], "read it in `config` and pass the value"),
    ("env::var_os", &["src/config/"], "read it in `config` and pass the value"),
    ("env::vars", &["src/config/"], "read it in `config` and pass the value"),
    ("env::vars_os", &["src/config/"], "read it in `config` and pass the value"),
    ("env::set_var", &[], "give a child process its variables with `Command::env`"),
    ("env::remove_var", &[], "give a child process its variables with `Command::env_remove`"),
    ("tokio::spawn", &["src/actors/", "src/api/server.rs"], "let an actor own the task"),
    ("task::spawn", &["src/actors/", "src/api/server.rs"], "let an actor own the task"),
];

/// Texts that belong nowhere.
const BANNED: &[(&str, &str)] = &[
    ("crate::{", "name one room per `use`"),
    ("use crate as", "name the room, `use crate::room::Thing`"),
    ("super::super::", "write the path from `crate::`"),
    ("unbounded_channel", "bound the channel and answer `Busy` when it is full"),
    ("mpsc::channel()", "use `sync_channel` with a bound"),
    ("#[allow(", "write `#[expect(…, reason = \"…\")]`"),
    ("#![allow(", "write `#![expect(…, reason = \"…\")]`"),
];

const NAMELESS: &[&str] = &["utils", "util", "common", "helpers", "types", "models", "manager"];

/// Every rule for a file under `src/`.
pub fn check(file: &Source, arrow: &Arrow) -> Vec<Fault> {
    let mut faults = introduction(file);
    faults.extend(imports(file, arrow));
    faults.extend(owned(file));
    faults.extend(placed(file));
    faults.extend(pure_domain(file));
    faults.extend(sql(file));
    faults.extend(logs(file));
    faults.extend(unsafety(file));
    faults.extend(size_and_name(file));
    faults
}

/// The first line says what the file is for.
pub fn introduction(file: &Source) -> Vec<Fault> {
    let first = file.text.lines().next().unwrap_or_default();
    let sentence = first.strip_prefix("//! ").is_some_and(|said| said.trim().contains(' '));
    let what = "the first line says nothing; begin with `//! ` and one sentence for a stranger";
    if sentence { Vec::new() } else { vec![Fault::new(file, 1, what)] }
}

fn imports(file: &Source, arrow: &Arrow) -> Vec<Fault> {
    let room = file.room();
    if room == "lib" {
        return Vec::new();
    }
    if !arrow.knows(room) {
        let what = format!("`{room}` is no room; put it in one, or draw it in ARCHITECTURE.md");
        return vec![Fault::new(file, 1, what)];
    }
    let top = file.path == format!("src/{room}.rs") || file.path == format!("src/{room}/mod.rs");
    let mut roots = vec!["crate::"];
    roots.extend((room == "main").then_some("diarist::"));
    roots.extend(top.then_some("super::"));
    let mut faults = Vec::new();
    for root in roots {
        for at in file.find(root) {
            let named = name_at(&file.code[at + root.len()..]);
            if !arrow.knows(named) || arrow.may_name(room, named) {
                continue;
            }
            let what = format!(
                "`{room}` may not name `{named}`; turn the dependency round or pass the value in"
            );
            faults.push(Fault::new(file, file.line_at(at), what));
        }
    }
    faults
}

fn owned(file: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, rooms) in OWNED.iter().filter(|(_, rooms)| !rooms.contains(&file.room())) {
        for at in file.find(name) {
            let before = file.code[..at].trim_end();
            let after = file.code[at + name.len()..].trim_start();
            let inner = before.strip_suffix("::").is_some_and(|path| {
                path.ends_with(|end: char| end.is_alphanumeric() || end == '_' || end == '>')
            });
            let imported = before.ends_with("use") || before.ends_with("extern crate");
            if inner || !(after.starts_with("::") || imported) {
                continue;
            }
            let rooms = rooms.join(", ");
            let what = format!("`{name}` belongs in {rooms}; call what that room offers");
            faults.push(Fault::new(file, file.line_at(at), what));
        }
    }
    faults
}

/// Tests may read a clock and start tasks; nobody may use what belongs nowhere.
fn placed(file: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (text, homes, instead) in PLACED {
        if homes.iter().any(|home| file.path.starts_with(home)) {
            continue;
        }
        for line in file.find(text).map(|at| file.line_at(at)) {
            if !file.is_test_line(line) {
                faults.push(Fault::new(
                    file,
                    line,
                    format!("`{text}` outside its place; {instead}"),
                ));
            }
        }
    }
    for (text, instead) in BANNED {
        for at in file.find(text) {
            faults.push(Fault::new(file, file.line_at(at), format!("`{text}`; {instead}")));
        }
    }
    faults
}

fn pure_domain(file: &Source) -> Vec<Fault> {
    if file.room() != "domain" {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for text in ["async", ".await", "tokio::", "std::fs", "std::net", "std::process", "std::thread"]
    {
        for at in file.find(text) {
            let what =
                format!("`{text}` in domain; keep it pure and do this in the room that calls it");
            faults.push(Fault::new(file, file.line_at(at), what));
        }
    }
    faults
}

fn sql(file: &Source) -> Vec<Fault> {
    if file.room() == "store" {
        return Vec::new();
    }
    let spoken = file.literals.iter().filter(|literal| is_sql(&literal.text));
    let what = "SQL outside `store`; add a function to the file of that table";
    spoken.map(|literal| Fault::new(file, file.line_at(literal.at), what)).collect()
}

fn is_sql(text: &str) -> bool {
    let words: Vec<_> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
    let has = |word: &str| words.iter().any(|found| found == word);
    let second = words.get(1).map_or("", String::as_str);
    match words.first().map_or("", String::as_str) {
        "select" => has("from"),
        "update" => has("set"),
        "insert" => second == "into",
        "delete" => second == "from",
        "create" | "alter" | "drop" => matches!(second, "table" | "index" | "trigger" | "view"),
        "pragma" => words.len() > 1,
        _ => false,
    }
}

/// A log line is a fixed text with fields, so that it can be counted and searched.
fn logs(file: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    for level in ["error!(", "warn!(", "info!(", "debug!(", "trace!("] {
        for at in file.find(level) {
            let opened = at + level.len();
            for quote in direct_literals(&file.code, opened) {
                let literal = file.literals.iter().find(|literal| literal.at == quote);
                if literal.is_some_and(|literal| literal.text.contains('{')) {
                    let what =
                        "a value inside the log text; make it a field, `info!(value, \"text\")`";
                    faults.push(Fault::new(file, file.line_at(quote), what));
                }
            }
        }
    }
    faults
}

/// Opening quotes of literals that are arguments of the call opened just before `from`.
fn direct_literals(code: &str, from: usize) -> Vec<usize> {
    let (mut depth, mut inside, mut quotes) = (1, false, Vec::new());
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'"' => {
                inside = !inside;
                quotes.extend((inside && depth == 1).then_some(at));
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    quotes
}

fn unsafety(file: &Source) -> Vec<Fault> {
    let mut introduction = file.text.lines().take_while(|line| line.starts_with("//!"));
    if introduction.any(|line| line.to_lowercase().contains("audited unsafe")) {
        return Vec::new();
    }
    let what =
        "`unsafe`; move it to a file whose `//!` says \"audited unsafe\" and why it is sound";
    file.find("unsafe").map(|at| Fault::new(file, file.line_at(at), what)).collect()
}

fn size_and_name(file: &Source) -> Vec<Fault> {
    let mut faults = Vec::new();
    let lines = file.text.lines().count().min(file.tests_from.saturating_sub(1));
    if lines > LINES_PER_FILE {
        let what =
            format!("{lines} lines, more than {LINES_PER_FILE}; give the second thought a file");
        faults.push(Fault::new(file, LINES_PER_FILE + 1, what));
    }
    let path = file.path.trim_end_matches(".rs");
    // Only where the word means Whisper's weights.
    let weights = ["api", "cli", "config", "providers"].contains(&file.room());
    for part in path.split('/').filter(|part| NAMELESS.contains(part)) {
        if part != "models" || !weights {
            let what = format!("`{part}` names nothing; say what it holds");
            faults.push(Fault::new(file, 1, what));
        }
    }
    faults
}

fn name_at(code: &str) -> &str {
    let end = code.bytes().take_while(|byte| is_name(*byte)).count();
    &code[..end]
}
