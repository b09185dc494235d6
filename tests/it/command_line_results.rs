//! Results as the commands write them: formats, names, folders, events for programs, and the flags of other programs.

use super::kit::server::Server;
use super::kit::sound;
use super::kit::{data, diarist, output};
use diarist::domain::options::JobOptions;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The words of captions, without numbers, times and line breaks.
fn spoken(captions: &str) -> String {
    let is_text =
        |line: &&str| !line.contains("-->") && line.parse::<u32>().is_err() && *line != "WEBVTT";
    let words = captions.lines().filter(is_text).flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_format_tells_the_same_words() {
    let dir = tempfile::tempdir().unwrap();
    let (out, memo) = (dir.path().join("out"), data("speech/jfk.wav"));
    // Without captions no word is timed: the text must not depend on it.
    let (plain, errors, status) = output(diarist(dir.path()).arg("transcribe").arg(&memo));
    assert_eq!(status, 0, "{errors}");
    let mut command = diarist(dir.path());
    let (text, errors, status) =
        output(command.args(["transcribe", "-f", "all", "-o"]).arg(&out).arg(&memo));
    assert_eq!((text.as_str(), status), ("", 0), "{errors}");
    let of = |end: &str| read(&out.join(format!("jfk.{end}")));
    assert_eq!(of("txt"), plain);
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(spoken(&of("srt")), words);
    assert_eq!(spoken(&of("vtt")), words);
    assert!(of("srt").lines().all(|line| line.chars().count() <= 42), "{}", of("srt"));
    let rows = of("tsv");
    let mut rows = rows.lines().map(|row| row.split('\t').collect::<Vec<_>>());
    assert_eq!(rows.next().unwrap(), ["start", "end", "text"]);
    let (times, texts): (Vec<_>, Vec<_>) =
        rows.map(|row| (row[0].to_owned(), row[2].to_owned())).unzip();
    assert!(times.iter().all(|ms| ms.parse::<u64>().is_ok()), "{times:?}");
    assert_eq!(texts.join(" "), words);
    assert!(of("md").contains("**0:00** "), "{}", of("md"));
    let json: Value = serde_json::from_str(&of("json")).unwrap();
    assert_eq!(json["text"], words);
    assert_eq!(json["segments"][0]["words"], Value::Array(Vec::new()), "nobody asked for them");
}

#[test]
fn captions_take_the_shape_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let run = |extra: &[&str]| {
        let mut command = diarist(dir.path());
        let (text, errors, status) = output(
            command.args(["transcribe", "-f", "srt"]).args(extra).arg(data("speech/jfk.wav")),
        );
        assert_eq!(status, 0, "{errors}");
        text
    };
    let narrow = run(&["--max-line-width", "20", "--max-line-count", "1"]);
    assert!(
        narrow.lines().filter(|l| !l.contains("-->")).all(|l| l.chars().count() <= 20),
        "{narrow}"
    );
    let single = run(&["-ml", "1"]);
    assert_eq!(single.matches("-->").count(), spoken(&single).split(' ').count(), "{single}");
    assert!(run(&["--highlight_words", "True"]).contains("<u>country</u>"));
}

#[test]
fn a_folder_is_read_to_its_depth_and_no_name_hides_another() {
    let dir = tempfile::tempdir().unwrap();
    let (memos, out) = (dir.path().join("memos"), dir.path().join("out"));
    std::fs::create_dir_all(memos.join("2026")).unwrap();
    std::fs::copy(data("memo.wav"), memos.join("a.wav")).unwrap();
    std::fs::copy(data("speech/jfk.wav"), memos.join("2026/a.wav")).unwrap();
    std::fs::copy(data("memo.flac"), memos.join("no-ending")).unwrap();
    std::fs::write(memos.join("readme.md"), "no sound").unwrap();
    let run = || {
        let mut command = diarist(dir.path());
        output(command.arg("transcribe").arg("-o").arg(&out).arg(&memos))
    };
    let (_, errors, status) = run();
    assert_eq!(status, 0, "{errors}");
    // In the order of names: the folder `2026` comes before `a.wav`.
    assert!(read(&out.join("a.txt")).contains("country"));
    assert!(!read(&out.join("a 2.txt")).contains("country"));
    assert!(out.join("no-ending.txt").is_file());
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 3);
    let (_, errors, status) = run();
    assert_eq!(status, 0, "the same again is done already: {errors}");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 3);
}

#[test]
fn a_template_makes_names_and_folders_of_a_vault() {
    let dir = tempfile::tempdir().unwrap();
    let vault = dir.path().join("vault");
    let memo = dir.path().join("2026-05-03.wav");
    std::fs::copy(data("memo.wav"), &memo).unwrap();
    let mut command = diarist(dir.path());
    command.args(["note", "--name-template", "{year}/{month}/{date} {stem} {model}", "-o"]);
    let (_, errors, status) = output(command.arg(&vault).arg(&memo));
    assert_eq!(status, 0, "{errors}");
    let note = vault.join("2026/05/2026-05-03 2026-05-03 tiny.en.md");
    assert!(read(&note).contains("date: 2026-05-03"), "{errors}");
    let mut command = diarist(dir.path());
    command.args(["transcribe", "--name-template", "{title}", "-o"]).arg(&vault);
    let (_, errors, status) = output(command.arg(data("memo.wav")));
    assert_eq!(status, 0, "{errors}");
    let named = std::fs::read_dir(&vault).unwrap().flatten().any(|entry| {
        entry.file_name().to_string_lossy().to_lowercase().contains("fellow americans")
    });
    assert!(named, "{errors}");
}

#[test]
fn programs_are_told_each_event_in_a_line_of_json() {
    let dir = tempfile::tempdir().unwrap();
    let bad = dir.path().join("bad.m4a");
    std::fs::write(&bad, "these are words").unwrap();
    let mut command = diarist(dir.path());
    command.args(["transcribe", "--json", "-f", "txt,srt"]).arg(&bad).arg(data("memo.wav"));
    let (text, errors, status) = output(&mut command);
    assert_eq!((errors.as_str(), status), ("", 1));
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of =
        |kind: &str| events.iter().filter(move |event| event["event"] == kind).collect::<Vec<_>>();
    let failed = of("failed")[0];
    assert!(failed["file"].as_str().unwrap().ends_with("bad.m4a"));
    assert_eq!(failed["error"]["code"], "not_audio", "{failed}");
    assert!(failed["error"]["message"].is_string() && failed["error"]["hint"].is_string());
    assert!(of("queued")[0]["job"].is_string());
    let fractions: Vec<f64> =
        of("progress").iter().map(|event| event["fraction"].as_f64().unwrap()).collect();
    assert!(fractions.is_sorted() && fractions.last() > Some(&0.0), "{fractions:?}");
    assert!(of("segment")[0]["segment"].is_object(), "{text}");
    let results = &of("done")[0]["results"];
    assert!(results["txt"].as_str().unwrap().to_lowercase().contains("fellow americans"));
    assert!(results["srt"].as_str().unwrap().contains("-->"));
    let out = dir.path().join("out");
    let mut command = diarist(dir.path());
    command.args(["note", "--json", "-o"]).arg(&out).arg(data("memo.wav"));
    let (text, errors, status) = output(&mut command);
    assert_eq!(status, 0, "{errors}");
    let done: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let file = done["outputs"][0].as_str().unwrap();
    assert!(Path::new(file).is_file(), "{done}");
}

#[test]
fn the_flags_of_other_programs_work() {
    let dir = tempfile::tempdir().unwrap();
    let talk = dir.path().join("made/talk");
    std::fs::create_dir(dir.path().join("made")).unwrap();
    let mut command = diarist(dir.path());
    command.args([
        "transcribe",
        "-m",
        "models/ggml-tiny.en.bin",
        "-t",
        "1",
        "-osrt",
        "-ovtt",
        "-pp",
        "-of",
    ]);
    let (text, errors, status) = output(command.arg(&talk).arg("-f").arg(data("memo.wav")));
    assert_eq!((text.as_str(), status), ("", 0), "{errors}");
    assert!(errors.contains("tiny.en for models/ggml-tiny.en.bin"), "{errors}");
    assert!(errors.contains("-pp has no effect"), "{errors}");
    assert!(read(&talk.with_extension("srt")).contains("-->"));
    assert!(read(&talk.with_extension("vtt")).starts_with("WEBVTT"));
    let out = dir.path().join("out");
    let mut command = diarist(dir.path());
    command.arg("transcribe").arg(data("memo.wav")).arg("--output_dir").arg(&out);
    command.args(["--output_format", "json", "--language", "English", "--model", "tiny.en"]);
    command.args(["--word_timestamps", "True", "--fp16", "False", "-q"]);
    let (_, errors, status) = output(&mut command);
    assert_eq!((errors.as_str(), status), ("", 0));
    let json: Value = serde_json::from_str(&read(&out.join("memo.json"))).unwrap();
    assert_eq!(json["language"], "en");
    assert!(json["segments"][0]["words"][0]["start_ms"].is_u64(), "{json}");
}

#[test]
fn what_cannot_be_done_is_refused_in_words() {
    let dir = tempfile::tempdir().unwrap();
    let long = dir.path().join("long.txt");
    std::fs::write(&long, "x".repeat(101)).unwrap();
    let many = dir.path().join("many.txt");
    std::fs::write(&many, "term\n".repeat(201)).unwrap();
    let (long, many) = (long.display().to_string(), many.display().to_string());
    for (args, words) in [
        (&["--diarize"][..], "not told apart"),
        (&["--device", "cuda:0"], "processor only"),
        (&["--device", "tpu"], "take cpu"),
        (&["-l", "klingon"], "no language"),
        (&["--name-template", "{date} {mood}"], "{mood} is not known"),
        (&["--vocabulary", "/nowhere"], "cannot read /nowhere"),
        (&["--vocabulary", &long], "no term"),
        (&["--vocabulary", &many], "201 terms are too many"),
        (&["--max-line-width", "15"], "16..=250"),
        (&["-t", "0"], "1..=256"),
        (&["-ocsv"], "srt, vtt, json or tsv"),
        (&["--temperature", "0.7"], "only 0"),
        (&["-m", "my/ggml-own.bin"], "diarist models import my/ggml-own.bin --name own"),
        (&["-f", "all"], "standard output"),
        (&["-of", "one", "other.wav"], "several recordings"),
    ] {
        let mut command = diarist(dir.path());
        let (_, errors, status) = output(command.arg("transcribe").args(args).arg("memo.wav"));
        assert_eq!(status, 2, "{args:?}: {errors}");
        assert!(errors.contains(words), "{args:?}: {errors}");
    }
}

#[test]
fn terms_and_a_prompt_reach_whisper() {
    let dir = tempfile::tempdir().unwrap();
    let terms = dir.path().join("terms.txt");
    std::fs::write(&terms, "# how we write it\nKountry\n").unwrap();
    let memo = data("speech/jfk.wav");
    let plain = output(diarist(dir.path()).arg("transcribe").arg(&memo)).0;
    let mut command = diarist(dir.path());
    command.args([
        "transcribe",
        "--initial-prompt",
        "ask not what your kountry can do. my kountry, your kountry",
    ]);
    let (told, errors, status) = output(command.arg("--vocabulary").arg(&terms).arg(&memo));
    assert_eq!(status, 0, "{errors}");
    assert_ne!(plain, told, "the prompt has changed nothing");
}

#[test]
fn a_pipe_sees_no_bar_and_no_colour() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = diarist(dir.path());
    let (_, errors, status) =
        output(command.arg("transcribe").arg(data("memo.wav")).arg("none.wav"));
    assert_eq!(status, 1);
    assert!(!errors.contains('\u{1b}') && !errors.contains('%'), "{errors}");
    assert!(errors.starts_with("error: none.wav"), "{errors}");
}

#[test]
fn what_was_finished_before_an_interruption_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let mut command = diarist(dir.path());
    command.args(["transcribe", "-t", "1", "-o"]).arg(&out).arg(data("memo.wav"));
    command.arg(sound::speech(dir.path(), 900)).stderr(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut told = std::io::BufReader::new(process.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("memo.txt") {
        line.clear();
        assert!(
            std::io::BufRead::read_line(&mut told, &mut line).unwrap() > 0,
            "it ended too early"
        );
    }
    let pid = Pid::from_raw(i32::try_from(process.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(130));
    assert!(read(&out.join("memo.txt")).to_lowercase().contains("fellow americans"));
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1);
}

#[tokio::test]
async fn a_server_gives_the_same_formats() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let options = JobOptions { note: false, ..JobOptions::default() };
    let job = server.run(&data("memo.wav"), &options).await;
    for (format, kind, begins) in [
        ("tsv", "text/tab-separated-values; charset=utf-8", "start\tend\ttext\n"),
        ("md", "text/markdown; charset=utf-8", "*0:0"),
    ] {
        let answer = server.get(&format!("/v1/jobs/{}/transcript?format={format}", job.id)).await;
        assert_eq!(answer.headers()["content-type"], kind);
        let text = answer.text().await.unwrap();
        assert!(
            text.starts_with(begins) && text.to_lowercase().contains("fellow americans"),
            "{text}"
        );
    }
}
