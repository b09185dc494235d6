//! `diarist notes`, and the verbs of `jobs` and `models` that take away, follow and measure.

use super::kit::jobs::new_job;
use super::kit::server::Server;
use super::kit::{data, diarist, output, sound};
use diarist::domain::job::Job;
use diarist::domain::options::JobOptions;
use diarist::store::Store;
use serde_json::Value;
use std::fs;

#[test]
fn the_diary_is_listed_shown_searched_and_exported_again_and_again() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().join("data");
    let run = |args: &[&str]| output(diarist(&data_dir).args(args));
    for (name, file) in [("2026-05-03.wav", "speech/jfk.wav"), ("2026-05-04.wav", "memo.wav")] {
        let named = dir.path().join(name);
        fs::copy(data(file), &named).unwrap();
        let (_, errors, status) = run(&["note", "--tag", "voice", named.to_str().unwrap()]);
        assert_eq!(status, 0, "{errors}");
    }
    let (list, _, _) = run(&["notes", "list"]);
    let lines: Vec<_> = list.lines().collect();
    assert_eq!(lines.len(), 3, "{list}");
    assert!(lines[1].contains("2026-05-04") && lines[2].contains("2026-05-03"), "{list}");
    let (json, _, _) = run(&["notes", "list", "--day", "2026-05-03", "--tag", "voice", "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let id = json[0]["id"].as_str().unwrap();
    let (by_day, _, _) = run(&["notes", "show", "2026-05-03"]);
    let (by_id, _, status) = run(&["notes", "show", &id[..35]]);
    assert!(status == 0 && by_day == by_id && by_id.contains("date: 2026-05-03"), "{by_id}");
    assert_eq!(run(&["notes", "show", "0"]).2, 2, "an ambiguous or unknown id");
    assert_eq!(run(&["notes", "show", "nonsense"]).2, 2);
    let (found, _, status) = run(&["notes", "search", "COUNTRY"]);
    assert!(status == 0 && found.contains("2026-05-03") && found.contains("country"), "{found}");
    assert!(!found.contains('\x1b'), "no colours in a pipe");
    assert_eq!(run(&["notes", "search", "zebra"]).2, 1);
    let out = dir.path().join("out");
    let out = out.to_str().unwrap();
    let (_, told, status) = run(&["notes", "export", "-o", out]);
    assert!(status == 0 && told.contains("2 written, 0 unchanged"), "{told}");
    let (_, told, _) = run(&["notes", "export", "-o", out]);
    assert!(told.contains("0 written, 2 unchanged"), "{told}");
    let note = format!("{out}/2026-05-03 2026-05-03.md");
    fs::write(&note, "mine").unwrap();
    let (_, told, status) = run(&["notes", "export", "-o", out]);
    assert!(status == 1 && told.contains("1 refused"), "{told}");
    assert_eq!(fs::read_to_string(&note).unwrap(), "mine");
    let (_, told, status) = run(&["notes", "export", "-o", out, "--force"]);
    assert!(status == 0 && told.contains("1 written"), "{told}");
}

#[tokio::test]
async fn a_job_is_followed_to_its_end_and_removed_by_the_beginning_of_its_id() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let file = sound::speech(dir.path(), 30);
    let (job, _) = server.client.submit_file(&file, &JobOptions::default(), None).await.unwrap();
    let id = job.id.to_string();
    let run = |args: &[&str]| output(diarist(dir.path()).args(args));
    let (said, errors, status) = run(&["-q", "jobs", "follow", &id, "--json"]);
    assert_eq!(status, 0, "{errors}");
    let numbers: Vec<i64> = said
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_i64().unwrap())
        .collect();
    let all: Vec<i64> = (1..=i64::try_from(numbers.len()).unwrap()).collect();
    assert_eq!(numbers, all, "each event once, and none left out");
    let (words, _, _) = run(&["-q", "jobs", "follow", &id]);
    assert!(words.contains("running · transcribe") && words.contains("note · "), "{words}");
    let (_, errors, status) = run(&["jobs", "rm", &id[..35]]);
    assert!(status == 2 && errors.contains("--yes"), "{errors}");
    let (_, errors, status) = run(&["-q", "jobs", "rm", "--yes", &id[..35]]);
    assert!(status == 0 && errors.contains("is removed"), "{errors}");
    assert_eq!(run(&["-q", "jobs", "rm", "--yes", &id]).2, 1);
    assert_eq!(run(&["-q", "jobs", "follow", &id]).2, 1);
}

#[tokio::test]
async fn the_last_of_all_ids_that_begin_so_is_found_by_its_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("diarist.db")).await.unwrap();
    let id = "01a21e55-d1ec-71fe-9450-9130f7c8ffff";
    let job = Job { id: id.parse().unwrap(), ..new_job("local") };
    let mut tx = store.write().await.unwrap();
    diarist::store::jobs::create(&mut tx, &job, "print").await.unwrap();
    tx.commit().await.unwrap();
    store.close().await;
    for beginning in [&id[..35], &id[..32], &id[..8]] {
        let (shown, errors, status) =
            output(diarist(dir.path()).args(["-q", "jobs", "show", beginning]));
        assert_eq!(status, 0, "{errors}");
        assert!(shown.contains(id), "{shown}");
    }
}

#[test]
fn a_model_is_measured_kept_while_it_is_needed_and_removed() {
    let dir = tempfile::tempdir().unwrap();
    let (shown, _, _) = output(diarist(dir.path()).args(["config", "show"]));
    let models = shown.lines().find(|line| line.starts_with("storage.models_dir")).unwrap();
    let source = format!("{}/tiny.en.bin", models.split('"').nth(1).unwrap());
    let (own, folder) = (dir.path().join("models"), dir.path().join("data"));
    let run = |args: &[&str]| {
        let mut command = diarist(&folder);
        command.env("DIARIST__STORAGE__MODELS_DIR", &own).env("DIARIST__WHISPER__MODEL", "mine");
        output(command.args(args))
    };
    let (_, errors, status) = run(&["models", "import", &source, "--name", "mine"]);
    assert_eq!(status, 0, "{errors}");
    let memo = data("memo.wav");
    let memo = memo.to_str().unwrap();
    let (json, errors, status) = run(&["models", "bench", "--file", memo, "--json"]);
    assert_eq!(status, 0, "{errors}");
    let figures: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&figures[0]["model"], &figures[0]["audio_ms"]), (&"mine".into(), &3_100.into()));
    let positive = |key: &str| figures[0][key].as_f64().unwrap() > 0.0;
    assert!(["times_real_time", "cpu_per_second", "words"].into_iter().all(positive), "{json}");
    assert_eq!(run(&["models", "bench", "gone"]).2, 2);
    let settings = [
        ("DIARIST__STORAGE__MODELS_DIR", own.to_str().unwrap()),
        ("DIARIST__WHISPER__MODEL", "mine"),
    ];
    let server = Server::start_with(&folder, &settings);
    let (_, errors, status) = run(&["models", "rm", "mine"]);
    assert!(status == 1 && errors.contains("--force"), "{errors}");
    drop(server);
    let (_, errors, status) = run(&["models", "rm", "mine"]);
    assert!(status == 0 && errors.contains("MB free again"), "{errors}");
    assert_eq!(run(&["models", "rm", "mine"]).2, 2);
}
