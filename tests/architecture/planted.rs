//! Each rule is shown a file that breaks it and one that does not; a rule that cannot fail is none.

use crate::Fault;
use crate::arrow::Arrow;
use crate::declared;
use crate::rules;
use crate::source::Source;

const PAGE: &str = "
# A page
```
not this one
```
```
main → cli → {client, app} → api → actors → {providers, store} → domain
client → domain
api → actors, store, domain
config → domain
leaves: config, telemetry, clock
```
";

/// Faults of a file as `line: what`, with a first line that is in order.
#[expect(clippy::expect_used, reason = "without the planted page no test means anything")]
fn faults(path: &str, body: &str) -> Vec<String> {
    let file = Source::new(path, &format!("//! A planted file.\n{body}"));
    said(rules::check(&file, &Arrow::parse(PAGE).expect("the planted arrow")))
}

fn said(faults: Vec<Fault>) -> Vec<String> {
    faults.into_iter().map(|fault| format!("{}: {}", fault.line, fault.what)).collect()
}

#[track_caller]
fn bad(path: &str, body: &str, line: usize, words: &str) {
    let found = faults(path, body);
    let hit =
        found.iter().any(|said| said.starts_with(&format!("{line}: ")) && said.contains(words));
    assert!(hit, "expected `{words}` in line {line} of {path}, found {found:#?}");
}

#[track_caller]
fn good(path: &str, body: &str) {
    assert_eq!(faults(path, body), Vec::<String>::new(), "{path}");
}

#[test]
fn the_arrow_points_one_way() {
    bad("src/domain/job.rs", "use crate::api::Api;", 2, "`domain` may not name `api`");
    bad("src/domain/job.rs", "fn f() -> crate::clock::T {}", 2, "`domain` may not name `clock`");
    bad("src/store/jobs.rs", "use crate::providers::X;", 2, "`store` may not name `providers`");
    bad("src/providers/a.rs", "\nuse crate::store::X;", 3, "`providers` may not name `store`");
    bad("src/client/get.rs", "use crate::actors::X;", 2, "`client` may not name `actors`");
    bad("src/client/get.rs", "use crate::app::X;", 2, "`client` may not name `app`");
    bad("src/api/mod.rs", "use crate::providers::X;", 2, "`api` may not name `providers`");
    bad("src/actors/mod.rs", "use super::api::X;", 2, "`actors` may not name `api`");
    bad("src/clock.rs", "use crate::config::X;", 2, "`clock` may not name `config`");
    bad("src/clock.rs", "use crate::domain::X;", 2, "`clock` may not name `domain`");
    good("src/main.rs", "use diarist::cli;\nuse diarist::app;");
    good("src/app.rs", "use crate::api::X;\nuse crate::store::X;\nuse crate::clock;");
    good("src/api/mod.rs", "use crate::store::X;\nuse crate::actors::X;\npub(crate) fn f() {}");
    good("src/config/mod.rs", "use crate::domain::X;");
    good("src/client/get.rs", "use crate::domain::X;\nuse crate::telemetry::X;");
    good("src/store/jobs.rs", "use super::api::X;\nuse crate::domain::X;");
}

#[test]
fn comments_and_literals_are_no_imports() {
    good("src/domain/a.rs", "// crate::api::X\n/* crate::api /* nested */ crate::api */");
    good("src/domain/a.rs", "const A: &str = \"\\\"crate::api::X\";\nconst B: &str = \"\\\\\";");
    good("src/domain/a.rs", "const A: &str = r#\"\" crate::api\"#;\nfn f<'a>(x: &'a str) {}");
    good("src/domain/a.rs", "const Q: char = '\"';\nconst E: char = '\\'';\n// \" crate::api");
    bad("src/domain/a.rs", "const Q: char = '\"';\nuse crate::api::X;", 3, "`api`");
    bad("src/domain/a.rs", "const A: &[u8] = br\"\\\";\nuse crate::api::X;", 3, "`api`");
    bad("src/domain/a.rs", "const A: &str = \"a\n\n// \";\nuse crate::api::X;", 5, "`api`");
}

#[test]
fn a_folder_without_a_place_is_a_fault() {
    bad("src/utilities/a.rs", "", 1, "`utilities` is no room");
    bad("src/thing.rs", "", 1, "`thing` is no room");
    assert!(Arrow::parse("no block").is_err());
    assert!(Arrow::parse("```\nmain → domain\nattic → domain\n```").is_err());
}

#[test]
fn crates_stay_with_their_owners() {
    bad("src/api/jobs.rs", "use ractor::ActorRef;", 2, "`ractor` belongs in actors");
    bad("src/app.rs", "fn f(pool: &::sqlx::SqlitePool) {}", 2, "`sqlx` belongs in store");
    bad("src/actors/a.rs", "use reqwest;", 2, "`reqwest` belongs in providers, client");
    bad("src/store/a.rs", "fn f() -> anyhow::Result<()> {}", 2, "`anyhow` belongs in");
    bad("src/telemetry/a.rs", "#[derive(clap::ValueEnum)]", 2, "`clap` belongs in cli");
    good("src/store/a.rs", "use sqlx::Row;");
    good("src/actors/a.rs", "let zip = a.zip(b);\nuse crate::providers::whisper::zip::read;");
    good("src/cli/mod.rs", "use clap::Parser;\nuse anyhow::Context;\nuse indicatif::ProgressBar;");
}

#[test]
fn the_domain_does_nothing() {
    bad("src/domain/a.rs", "pub async fn f() {}", 2, "`async` in domain");
    bad("src/domain/a.rs", "use tokio::sync::Mutex;", 2, "`tokio::` in domain");
    bad("src/domain/a.rs", "use std::fs::File;", 2, "`std::fs` in domain");
    good("src/domain/a.rs", "pub fn asynchronous() {}");
}

#[test]
fn a_file_introduces_itself() {
    for text in ["use std::fmt;\n", "//!\n", "//! Jobs\n", "", "\n//! Late comes this.\n"] {
        let found = rules::introduction(&Source::new("src/app.rs", text));
        assert_eq!(found.len(), 1, "{text:?}");
    }
    assert!(rules::introduction(&Source::new("src/app.rs", "//! It starts all rooms.")).is_empty());
}

#[test]
fn some_paths_are_never_written() {
    bad("src/app.rs", "use crate::{api, store};", 2, "one room per `use`");
    bad("src/api/a/b.rs", "use super::super::X;", 2, "from `crate::`");
    bad("src/actors/a.rs", "let (a, b) = mpsc::unbounded_channel();", 2, "bound the channel");
    bad("src/actors/a.rs", "let (a, b) = mpsc::channel();", 2, "sync_channel");
    bad("src/app.rs", "#[allow(dead_code)]", 2, "#[expect(");
    good("src/actors/a.rs", "let (a, b) = mpsc::channel(32);");
}

#[test]
fn clocks_environment_and_tasks_have_a_place() {
    bad("src/store/a.rs", "let now = chrono::Utc::now();", 2, "`Utc::now` outside its place");
    bad("src/api/a.rs", "let t = std::time::Instant::now();", 2, "`Instant::now`");
    bad("src/cli/a.rs", "std::env::var(\"HOME\");", 2, "`env::var` outside its place");
    bad("src/cli/a.rs", "env::var_os(\"HOME\");", 2, "read it in `config`");
    bad("src/store/a.rs", "tokio::spawn(work);", 2, "let an actor own the task");
    bad("src/api/jobs.rs", "use tokio::spawn;", 2, "let an actor own the task");
    let tests = "#[cfg(test)]\nmod tests {\n    fn f() { tokio::spawn(Utc::now()); }\n}";
    good("src/store/a.rs", tests);
    good("src/store/a/tests.rs", "let now = Utc::now();");
    bad("src/store/a.rs", "#[cfg(test)]\nmod tests;\nfn f() { Utc::now(); }", 4, "`Utc::now`");
    good("src/clock.rs", "Utc::now(); Instant::now();");
    good("src/config/env.rs", "std::env::var_os(\"HOME\");");
    good(
        "src/cli/a.rs",
        "std::env::current_exe(); std::env::args(); tokio::task::spawn_blocking(f);",
    );
    good("src/actors/a.rs", "tokio::spawn(work);");
    good("src/api/server.rs", "tokio::spawn(work);");
}

#[test]
fn sql_is_spoken_in_the_store() {
    bad("src/api/a.rs", "f(\"SELECT id FROM jobs\");", 2, "SQL outside `store`");
    bad("src/api/a.rs", "f(\n\"update jobs\n set a = 1\");", 3, "SQL outside `store`");
    bad("src/cli/a.rs", "f(r\"insert into jobs\");", 2, "SQL outside `store`");
    good("src/store/a.rs", "f(\"select id from jobs\");");
    good("src/api/a.rs", "f(\"update your model\"); // \"select a from b\"");
}

#[test]
fn log_texts_are_fixed() {
    bad("src/api/a.rs", "info!(\n    job = 1,\n    \"job {id} done\"\n);", 4, "make it a field");
    bad("src/api/a.rs", "tracing::warn!(\"{}\", text);", 2, "make it a field");
    good("src/api/a.rs", "info!(path = %format!(\"{a}\"), \"job done\");\nlet x = \"{a}\";");
}

#[test]
fn unsafe_is_said_at_the_door() {
    bad("src/actors/a.rs", "unsafe { f() }", 2, "audited unsafe");
    good("src/actors/a.rs", "//! Holds audited unsafe: one call.\nunsafe { f() }");
    good("src/actors/a.rs", "#[expect(unsafe_code, reason = \"none\")]");
}

#[test]
fn a_file_is_one_thought_and_has_a_name() {
    let long = "fn f() {}\n".repeat(400);
    bad("src/app.rs", &long, 401, "more than 400");
    good("src/app.rs", &"fn f() {}\n".repeat(399));
    good("src/app/tests.rs", &long);
    good("src/app.rs", &format!("#[cfg(test)]\nmod tests {{\n{long}}}"));
    bad("src/api/utils.rs", "", 1, "`utils` names nothing");
    bad("src/domain/models.rs", "", 1, "`models` names nothing");
    good("src/providers/models/pull.rs", "");
    good("src/cli/models.rs", "");
}

#[test]
fn an_undeclared_file_is_found() {
    let main = Source::new("tests/it/main.rs", "mod jobs;\n// mod notes;\n");
    let jobs = Source::new("tests/it/jobs/mod.rs", "pub mod cancel;\n");
    let files = |more: &[&str]| {
        let named = more.iter().map(|path| Source::new(path, ""));
        let rest = [("tests/it/main.rs", &main), ("tests/it/jobs/mod.rs", &jobs)];
        named.chain(rest.map(|(path, file)| Source::new(path, &file.text))).collect::<Vec<_>>()
    };
    let check = |more: &[&str]| said(declared::check(&files(more), "tests/it", &["main.rs"]));
    assert_eq!(check(&["tests/it/jobs/cancel.rs", "tests/other.rs"]), Vec::<String>::new());
    assert!(check(&["tests/it/notes.rs"])[0].contains("`mod notes;` in tests/it/main.rs"));
    assert!(check(&["tests/it/jobs/list.rs"])[0].contains("`mod list;` in tests/it/jobs/mod.rs"));
}
