//! Every row of `docs/habits.md` is typed, and has to do what the page says; every habit has a row.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::table::TABLE;
use super::*;
use crate::cli::manual;

const PAGE: &str = include_str!("../../../docs/habits.md");

fn typed(line: &[&str]) -> Result<Translated, Failure> {
    translate(line.iter().map(OsString::from).collect(), &manual::command())
}

fn ours(line: &[&str]) -> Vec<String> {
    let args = typed(line).unwrap().args;
    args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect()
}

/// The cells of each row that begins with a flag.
fn rows() -> impl Iterator<Item = Vec<&'static str>> {
    let cells = |line: &'static str| line.trim_matches('|').split(" | ").map(str::trim).collect();
    PAGE.lines().filter(|line| line.starts_with("| `-")).map(cells)
}

/// What stands between backticks, each as the words of a command line.
fn quoted(cell: &str) -> Vec<Vec<&str>> {
    let parts = cell.split('`').skip(1).step_by(2);
    parts.map(|part| part.split_whitespace().collect()).collect()
}

#[test]
fn every_row_of_the_page_does_what_it_says() {
    assert!(rows().count() > 60);
    for row in rows() {
        let [flags, result, words] = row[..] else { unreachable!("{row:?}") };
        for flag in quoted(flags) {
            let line: Vec<&str> = ["diarist", "transcribe"]
                .into_iter()
                .chain(flag.iter().copied())
                .chain(["memo.wav"])
                .collect();
            let done = typed(&line);
            match result {
                "works" => {
                    let meant = quoted(words).concat();
                    let done = done.unwrap();
                    assert!(done.notices.is_empty(), "{flag:?}: {:?}", done.notices);
                    let expected: Vec<&str> = ["diarist", "transcribe"]
                        .into_iter()
                        .chain(meant)
                        .chain(["memo.wav"])
                        .collect();
                    assert_eq!(done.args, expected, "{flag:?}");
                    let parsed = manual::command().try_get_matches_from(&done.args);
                    assert!(parsed.is_ok(), "{flag:?}: {}", parsed.unwrap_err());
                }
                "no effect" => {
                    let done = done.unwrap();
                    assert_eq!(done.args, ["diarist", "transcribe", "memo.wav"], "{flag:?}");
                    let said = done.notices.concat();
                    assert!(said.ends_with(words), "{flag:?} says: {said}");
                }
                "refused" => {
                    let said = done.unwrap_err().to_string();
                    assert!(said.ends_with(words), "{flag:?} says: {said}");
                }
                other => unreachable!("`{other}` is no result"),
            }
        }
    }
}

#[test]
fn every_habit_has_a_row() {
    let shown: Vec<&str> = rows().flat_map(|row| quoted(row[0])).map(|flag| flag[0]).collect();
    for flag in TABLE.iter().flat_map(|(flags, _)| *flags) {
        assert!(shown.contains(flag), "{flag} is not on the page");
    }
}

#[test]
fn a_file_and_a_format_are_told_apart_by_how_they_are_written() {
    assert_eq!(
        ours(&["diarist", "transcribe", "-f", "srt,vtt", "a.wav"])[2..],
        ["--format", "srt,vtt", "a.wav"]
    );
    assert_eq!(ours(&["diarist", "transcribe", "-f", "a.wav"])[2..], ["a.wav"]);
    assert_eq!(ours(&["diarist", "transcribe", "-f", "./srt"])[2..], ["./srt"]);
    assert_eq!(ours(&["diarist", "transcribe", "-f", "-"])[2..], ["-"]);
    assert_eq!(ours(&["diarist", "transcribe", "-f", "docx"])[2..], ["--format", "docx"]);
    assert_eq!(ours(&["diarist", "note", "-f", "memo"])[2..], ["memo"]);
}

#[test]
fn values_are_never_taken_for_flags_and_other_commands_stay_as_they_are() {
    let line =
        ["diarist", "-q", "--server", "note", "transcribe", "--initial-prompt", "-osrt", "a.wav"];
    assert_eq!(ours(&line), line);
    let line = ["diarist", "jobs", "list", "-otxt"];
    assert_eq!(ours(&line), line);
    let line = ["diarist", "transcribe", "--", "-osrt"];
    assert_eq!(ours(&line), line);
    assert_eq!(
        ours(&["diarist", "transcribe", "--output_dir=out", "a.wav"])[2..],
        ["--output-dir", "out", "a.wav"]
    );
}

#[test]
fn a_wrong_value_is_refused() {
    for line in [["--word_timestamps", "maybe"], ["--temperature", "0.7"], ["-d", "5000"]] {
        assert!(typed(&["diarist", "transcribe", line[0], line[1], "a.wav"]).is_err(), "{line:?}");
    }
    assert!(typed(&["diarist", "transcribe", "a.wav", "-of"]).is_err());
}
