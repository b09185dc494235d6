//! The commands as a person types them: results on stdout, words on stderr, exit statuses, nothing overwritten.

use super::kit::server::Server;
use super::kit::sound;
use super::kit::{data, diarist, output};

fn sample(name: &str) -> std::path::PathBuf {
    std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("samples").join(name)
}

#[test]
fn a_memo_becomes_a_note_that_knows_its_day() {
    let dir = tempfile::tempdir().unwrap();
    let (note, errors, status) = output(diarist(dir.path()).arg("note").arg(sample("memo.m4a")));
    assert_eq!(status, 0, "{errors}");
    assert!(note.starts_with("---\n"), "{note}");
    assert!(note.contains("date: 2026-05-03"), "{note}");
    assert!(note.contains("3 May 2026"), "{note}");
    assert!(note.contains("2026-05-08"), "the promise has no day: {note}");
    assert!(note.contains("without a language model"), "{note}");
}

#[test]
fn a_bad_file_is_reported_and_the_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let bad = dir.path().join("bad.m4a");
    std::fs::write(&bad, "these are words").unwrap();
    let mut command = diarist(dir.path());
    command.arg("transcribe").arg(&bad).arg(dir.path().join("none.wav")).arg(data("memo.wav"));
    let (text, errors, status) = output(&mut command);
    assert_eq!(status, 1, "{errors}");
    assert!(text.to_lowercase().contains("fellow americans"), "{text}");
    assert!(errors.contains("bad.m4a") && errors.contains("none.wav"), "{errors}");
}

#[test]
fn results_go_into_a_folder_and_nothing_is_overwritten_unasked() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let run = |extra: &[&str]| {
        let mut command = diarist(dir.path());
        command.args(["transcribe", "-f", "txt,srt,vtt,json", "-o"]).arg(&out).args(extra);
        output(command.arg(data("memo.wav")))
    };
    let (text, errors, status) = run(&[]);
    assert_eq!((text.as_str(), status), ("", 0), "{errors}");
    for name in ["memo.txt", "memo.srt", "memo.vtt", "memo.json"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    std::fs::write(out.join("memo.txt"), "mine").unwrap();
    let (_, errors, status) = run(&[]);
    assert_eq!(status, 1, "{errors}");
    assert!(errors.contains("--force"), "{errors}");
    assert_eq!(std::fs::read_to_string(out.join("memo.txt")).unwrap(), "mine");
    let (_, errors, status) = run(&["--force"]);
    assert_eq!(status, 0, "{errors}");
    assert_ne!(std::fs::read_to_string(out.join("memo.txt")).unwrap(), "mine");
}

#[test]
fn standard_input_is_a_file_like_others() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = diarist(dir.path());
    command.args(["transcribe", "-"]).stdin(std::fs::File::open(data("memo.flac")).unwrap());
    let (text, errors, status) = output(&mut command);
    assert_eq!(status, 0, "{errors}");
    assert!(text.to_lowercase().contains("fellow americans"), "{text}");
}

#[test]
fn wrong_use_and_wrong_configuration_exit_with_two() {
    let dir = tempfile::tempdir().unwrap();
    for args in [
        vec!["transcribe"],
        vec!["nonsense"],
        vec!["transcribe", "-f", "txt,srt", "memo.wav"],
        vec!["serve", "--bind", "0.0.0.0:8000"],
        vec!["jobs", "show", "nonsense"],
        vec!["models", "pull", "gigantic"],
        vec!["transcribe", "-l", "klingon", "memo.wav"],
        vec!["transcribe", "-m", "../../etc/passwd", "memo.wav"],
        vec!["note", "--name-template", "{nonsense}", "memo.wav"],
        vec!["jobs", "list", "--status", "bogus"],
        vec!["jobs", "list", "--server", "foo"],
        vec!["--config", "/nowhere.toml", "config", "check"],
    ] {
        let (_, errors, status) = output(diarist(dir.path()).args(&args));
        assert_eq!(status, 2, "{args:?}: {errors}");
    }
    let (_, errors, _) = output(diarist(dir.path()).args(["serve", "--bind", "0.0.0.0:8000"]));
    assert!(errors.contains("loopback"), "{errors}");
    let mut command = diarist(dir.path());
    command.env("DIARIST__WHISPER__NICE", "99").env("DIARIST__ENGINE__POLL_MS", "1");
    let (_, errors, status) = output(command.args(["config", "check"]));
    assert_eq!(status, 2);
    assert!(errors.contains("whisper.nice") && errors.contains("engine.poll_ms"), "{errors}");
}

#[test]
fn config_show_says_where_each_value_comes_from() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("diarist.toml");
    std::fs::write(&file, "[engine]\nmax_active_jobs = 3\n").unwrap();
    let mut command = diarist(dir.path());
    command.arg("--config").arg(&file).args(["config", "show"]);
    let (text, errors, status) = output(&mut command);
    assert_eq!(status, 0, "{errors}");
    let line = |key: &str| text.lines().find(|line| line.starts_with(key)).unwrap().to_owned();
    assert!(line("engine.max_active_jobs").contains("diarist.toml"), "{text}");
    assert!(line("whisper.model").contains("DIARIST__WHISPER__MODEL"), "{text}");
    assert!(line("storage.data_dir").contains("flag"), "{text}");
    assert!(line("server.bind").contains("default"), "{text}");
}

#[tokio::test]
async fn a_command_uses_the_server_that_holds_its_folder() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let mut command = diarist(dir.path());
    let (text, errors, status) = output(command.arg("transcribe").arg(data("memo.wav")));
    assert_eq!(status, 0, "{errors}");
    assert!(errors.contains(&server.url), "{errors}");
    assert!(text.to_lowercase().contains("fellow americans"), "{text}");
    let (list, _, _) = output(diarist(dir.path()).args(["jobs", "list"]));
    assert!(list.contains("memo.wav") && list.contains("done"), "{list}");
    let jobs = server.json("/v1/jobs").await;
    let id = jobs["items"][0]["id"].as_str().unwrap().to_owned();
    let (shown, _, status) = output(diarist(dir.path()).args(["jobs", "show", &id]));
    assert_eq!(status, 0);
    assert!(shown.contains("transcribe") && shown.contains("done"), "{shown}");
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_is_refused_with_the_first_ones_address() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let (_, errors, status) = output(diarist(dir.path()).args(["serve", "--bind", "127.0.0.1:0"]));
    assert_eq!(status, 1);
    assert!(errors.contains(&server.url), "{errors}");
}

#[test]
fn two_commands_on_one_folder_share_one_node() {
    let dir = tempfile::tempdir().unwrap();
    let file = sound::speech(dir.path(), 60);
    let run = |path: &std::path::Path| {
        let mut command = diarist(dir.path());
        command.args(["-q", "transcribe"]).arg(path);
        command.stdout(std::process::Stdio::piped()).spawn().unwrap()
    };
    let (first, second) = (run(&file), run(&data("speech/jfk.wav")));
    for child in [first, second] {
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success());
        assert!(String::from_utf8_lossy(&done.stdout).contains("country"));
    }
}

#[test]
fn doctor_finds_a_whole_installation_whole_and_a_missing_model_missing() {
    let dir = tempfile::tempdir().unwrap();
    let (text, errors, status) = output(diarist(dir.path()).arg("doctor"));
    assert_eq!(status, 0, "{text}{errors}");
    let mut command = diarist(dir.path());
    command.env("DIARIST__STORAGE__MODELS_DIR", dir.path().join("none"));
    let (text, _, status) = output(command.arg("doctor"));
    assert_eq!(status, 1);
    assert!(text.contains("diarist models pull tiny.en"), "{text}");
}

#[test]
fn a_model_comes_in_from_a_file_and_works() {
    let dir = tempfile::tempdir().unwrap();
    let (list, _, _) = output(diarist(dir.path()).args(["models", "list"]));
    assert!(list.contains("tiny.en"), "{list}");
    let (shown, _, _) = output(diarist(dir.path()).args(["config", "show"]));
    let models = shown.lines().find(|line| line.starts_with("storage.models_dir")).unwrap();
    let models = models.split('"').nth(1).unwrap();
    let own = dir.path().join("models");
    let command = |args: &[&str]| {
        let mut command = diarist(dir.path());
        command.env("DIARIST__STORAGE__MODELS_DIR", &own);
        command.args(args);
        command
    };
    let source = format!("{models}/tiny.en.bin");
    let (_, errors, status) =
        output(&mut command(&["models", "import", &source, "--name", "mine"]));
    assert_eq!(status, 0, "{errors}");
    let memo = data("memo.wav").display().to_string();
    let (text, errors, status) = output(&mut command(&["transcribe", "-m", "mine", &memo]));
    assert_eq!(status, 0, "{errors}");
    assert!(text.to_lowercase().contains("fellow americans"), "{text}");
    let half = dir.path().join("half.bin");
    let whole = std::fs::read(&source).unwrap();
    std::fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    let half = half.display().to_string();
    let (_, errors, status) = output(&mut command(&["models", "import", &half, "--name", "half"]));
    assert_eq!(status, 1, "{errors}");
    let (list, _, _) = output(&mut command(&["models", "list"]));
    assert!(!list.contains("half"), "{list}");
}

#[test]
fn an_empty_folder_is_told_and_a_pipe_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let (pipe, empty) = (dir.path().join("pipe.wav"), dir.path().join("empty"));
    std::fs::create_dir(&empty).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (from, to) = (data("memo.wav"), pipe.clone());
    let writer = std::thread::spawn(move || std::fs::copy(from, to).unwrap());
    let mut command = diarist(dir.path());
    let (text, errors, status) = output(command.arg("transcribe").arg(&empty).arg(&pipe));
    writer.join().unwrap();
    assert_eq!(status, 1, "{errors}");
    assert!(errors.contains("no recording in this folder"), "{errors}");
    assert!(text.to_lowercase().contains("fellow americans"), "{text}{errors}");
}

#[test]
fn two_recordings_of_one_name_become_two_files_even_by_force() {
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("memo.wav");
    std::fs::copy(data("speech/jfk.wav"), &other).unwrap();
    let out = dir.path().join("out");
    let mut command = diarist(dir.path());
    command.args(["transcribe", "--force", "-o"]).arg(&out).arg(data("memo.wav")).arg(other);
    let (_, errors, status) = output(&mut command);
    assert_eq!(status, 0, "{errors}");
    let read = |name| std::fs::read_to_string(out.join(name)).unwrap();
    assert!(!read("memo.txt").contains("country") && read("memo 2.txt").contains("country"));
}

#[test]
fn a_name_with_a_day_makes_a_note_of_that_day() {
    let dir = tempfile::tempdir().unwrap();
    for day in ["2020-01-01", "2021-06-06"] {
        let named = dir.path().join(format!("{day}.wav"));
        std::fs::copy(data("memo.wav"), &named).unwrap();
        let (note, errors, status) = output(diarist(dir.path()).arg("note").arg(named));
        assert_eq!(status, 0, "{errors}");
        assert!(note.contains(&format!("date: {day}")), "{note}");
    }
}

#[tokio::test]
async fn whoever_looks_at_the_jobs_does_not_start_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = sound::speech(dir.path(), 240);
    let server = Server::start(dir.path());
    let options = diarist::domain::options::JobOptions::default();
    let (job, _) = server.client.submit_file(&file, &options, None).await.unwrap();
    let mut follow = server.client.follow(job.id, 0);
    while follow.next().await.unwrap().is_some_and(|event| event.kind != "segment") {}
    server.kill();
    let show = || output(diarist(dir.path()).args(["jobs", "show", &job.id.to_string()]));
    let (first, errors, status) = show();
    assert_eq!(status, 0, "{errors}");
    assert!(first.contains("status       queued") && first.contains("transcribe"), "{first}");
    assert_eq!(show().0, first, "looking has changed the job");
}

#[tokio::test]
async fn what_was_heard_once_is_not_heard_again_for_a_note() {
    let dir = tempfile::tempdir().unwrap();
    let file = sound::speech(dir.path(), 60);
    for command in ["transcribe", "note"] {
        let (_, errors, status) = output(diarist(dir.path()).arg(command).arg(&file));
        assert_eq!(status, 0, "{errors}");
    }
    let server = Server::start(dir.path());
    let jobs = server.json("/v1/jobs").await["items"].clone();
    assert_eq!(jobs[0]["cost"]["cpu_ms"], 0, "Whisper has heard it again");
    assert!(jobs[1]["cost"]["cpu_ms"].as_u64().unwrap() > 0);
    let text = async |n: usize| {
        let id = jobs[n]["id"].as_str().unwrap().parse().unwrap();
        server.client.transcript(id).await.unwrap()
    };
    assert_eq!(text(0).await, text(1).await);
}
