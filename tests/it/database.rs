//! `diarist db`, and a database that is not as it should be.

use crate::kit::postgres;
use crate::kit::server::Server;
use crate::kit::{data, diarist, output};
use diarist::domain::options::JobOptions;
use sqlx::SqlitePool;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

fn db(data_dir: &Path, args: &[&str]) -> (String, String, i32) {
    output(diarist(data_dir).arg("db").args(args))
}

#[tokio::test]
async fn a_copy_is_made_while_it_is_used_and_put_back_when_it_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("copy.db").display().to_string();
    let server = Server::start(dir.path());
    let kept = server.run(&data("memo.ogg"), &JobOptions::default()).await;
    let note = server.client.note(kept.id).await.unwrap();
    assert_eq!(db(dir.path(), &["backup", &copy]).2, 0);
    server.client.remove(kept.id).await.unwrap();
    let (_, told, status) = db(dir.path(), &["restore", &copy]);
    assert_eq!(status, 1, "{told}");
    assert!(told.contains("a server is using"), "{told}");
    assert_eq!(server.terminate(), 0);
    let (_, told, status) = db(dir.path(), &["restore", &copy]);
    assert_eq!(status, 0, "{told}");
    assert!(told.contains("kept as"), "{told}");
    assert_eq!(db(dir.path(), &["verify"]).2, 0);
    let server = Server::start(dir.path());
    assert_eq!(server.client.note(kept.id).await.unwrap(), note);
}

/// A commit that has to empty the log keeps all who wait for it, so that nobody has to.
#[tokio::test]
async fn the_log_is_emptied_into_the_file_while_the_server_runs() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    // The file itself, without the log beside it.
    let file = dir.path().join("diarist.db");
    let in_file = async || {
        let copy = dir.path().join("copy.db");
        fs::copy(&file, &copy).unwrap();
        let url = format!("sqlite://{}?immutable=1", copy.display());
        let Ok(pool) = SqlitePool::connect(&url).await else { return 0 };
        let found = sqlx::query_scalar("select count(*) from jobs").fetch_one(&pool).await;
        pool.close().await;
        found.unwrap_or(0)
    };
    assert_eq!(in_file().await, 0);
    let options = JobOptions { force: true, ..JobOptions::default() };
    for _ in 0..3 {
        server.run(&data("memo.ogg"), &options).await;
    }
    for _ in 0..100 {
        if in_file().await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("all of it is in the log still");
}

#[tokio::test]
async fn a_copy_is_its_owners_alone_and_never_takes_the_place_of_what_it_copies() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    server.run(&data("memo.ogg"), &JobOptions::default()).await;
    let (file, link) = (dir.path().join("diarist.db"), dir.path().join("link.db"));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let before = fs::metadata(&file).unwrap().ino();
    for own in ["diarist.db", "diarist.db-wal", "./diarist.db-shm", "link.db"] {
        let own = dir.path().join(own).display().to_string();
        let (_, told, status) = db(dir.path(), &["backup", &own]);
        assert_eq!(status, 1, "{own}: {told}");
        assert!(told.contains("is the database itself"), "{told}");
    }
    assert_eq!(fs::metadata(&file).unwrap().ino(), before);
    let copy = dir.path().join("copy.db");
    let name = copy.display().to_string();
    assert_eq!(db(dir.path(), &["backup", &name]).2, 0);
    assert_eq!(fs::metadata(&copy).unwrap().mode() & 0o777, 0o600);
    let kept = fs::read(&copy).unwrap();
    // A folder that nobody has: a good copy is not replaced by an empty one.
    let nowhere = dir.path().join("nowhere");
    for args in [&["backup", name.as_str()][..], &["verify"]] {
        let (_, told, status) = db(&nowhere, args);
        assert_eq!(status, 1, "{told}");
        assert!(told.contains("there is no database at"), "{told}");
    }
    assert!(!nowhere.exists());
    assert_eq!(fs::read(&copy).unwrap(), kept);
    let missing = dir.path().join("missing/copy.db").display().to_string();
    let (_, told, status) = db(dir.path(), &["backup", &missing]);
    assert_eq!(status, 1);
    assert!(told.contains("cannot write") && !told.contains("--data-dir"), "{told}");
    assert_eq!(server.terminate(), 0);
    for (bad, why) in [("gone.db", "there is no backup at"), ("folder.id", "no sound backup")] {
        let bad = dir.path().join(bad);
        if why == "no sound backup" {
            fs::write(&bad, "words").unwrap();
        }
        let (_, told, status) = db(dir.path(), &["restore", bad.to_str().unwrap()]);
        assert_eq!(status, 1, "{told}");
        assert!(told.contains(why), "{told}");
    }
}

#[tokio::test]
async fn what_breaks_a_rule_is_found_and_not_restored() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let job = server.run(&data("memo.ogg"), &JobOptions::default()).await;
    assert_eq!(server.terminate(), 0);
    assert_eq!(db(dir.path(), &["verify"]).2, 0);
    let file = dir.path().join("diarist.db");
    let rows = SqlitePool::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    sqlx::query("delete from job_events where seq = 2").execute(&rows).await.unwrap();
    sqlx::query("update jobs set epoch = epoch + 1").execute(&rows).await.unwrap();
    rows.close().await;
    let (_, told, status) = db(dir.path(), &["verify"]);
    assert_eq!(status, 1, "{told}");
    assert!(told.contains(&job.id.to_string()), "{told}");
    assert!(told.contains("not numbered") && told.contains("another state"), "{told}");
    let copy = dir.path().join("copy.db").display().to_string();
    assert_eq!(db(dir.path(), &["backup", &copy]).2, 0);
    assert_eq!(db(dir.path(), &["restore", &copy]).2, 1);
}

#[tokio::test]
async fn a_broken_page_is_told_before_anything_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    server.run(&data("memo.ogg"), &JobOptions::default()).await;
    assert_eq!(server.terminate(), 0);
    let file = dir.path().join("diarist.db");
    let mut bytes = fs::read(&file).unwrap();
    let pages = bytes.len() / 4_096;
    for page in 2..pages {
        bytes[page * 4_096..][..64].fill(0xff);
    }
    fs::write(&file, &bytes).unwrap();
    for command in ["serve", "doctor"] {
        let (told, more, status) = output(diarist(dir.path()).arg(command));
        assert_eq!(status, 1, "{told}{more}");
        let told = format!("{told}{more}");
        assert!(told.contains("damaged") || told.contains("malformed"), "{told}");
    }
    assert_eq!(fs::read(&file).unwrap(), bytes, "the file is as it was");
    let (told, more, _) = output(diarist(dir.path()).arg("doctor"));
    assert!(format!("{told}{more}").contains("diarist db restore"), "{told}{more}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_is_verified_here_and_copied_by_its_own_tools() {
    let dir = tempfile::tempdir().unwrap();
    let url = postgres::fresh();
    let run = |args: &[&str]| {
        output(diarist(dir.path()).env("DIARIST__DATABASE__URL", &url).arg("db").args(args))
    };
    assert_eq!(run(&["migrate"]).2, 0);
    let (_, told, status) = run(&["verify"]);
    assert_eq!(status, 0, "{told}");
    let (_, told, status) = run(&["backup", "copy.db"]);
    assert_eq!(status, 2, "{told}");
    assert!(told.contains("pg_dump"), "{told}");
}
