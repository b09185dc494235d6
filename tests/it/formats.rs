//! The same speech in every container: the text does not depend on how the phone wrote it.

use super::kit::words::wrong_words;
use super::kit::{data, diarist, output};

fn heard(dir: &std::path::Path, name: &str) -> String {
    let (text, errors, status) = output(diarist(dir).arg("transcribe").arg(data(name)));
    assert_eq!(status, 0, "{name}: {errors}");
    text
}

#[test]
fn lossless_formats_give_the_same_text() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(heard(dir.path(), "memo.wav"), heard(dir.path(), "memo.flac"));
}

#[test]
fn lossy_formats_are_at_most_one_word_apart() {
    let dir = tempfile::tempdir().unwrap();
    let wav = heard(dir.path(), "memo.wav");
    for name in ["memo.mp3", "memo.m4a", "memo.ogg", "memo.opus"] {
        let text = heard(dir.path(), name);
        assert!(wrong_words(&text, &wav) <= 1, "{name}: {text} and not {wav}");
    }
}

#[test]
fn a_lying_name_does_not_matter() {
    let dir = tempfile::tempdir().unwrap();
    let lie = dir.path().join("memo.wav");
    std::fs::copy(data("memo.mp3"), &lie).unwrap();
    let (text, errors, status) = output(diarist(dir.path()).arg("transcribe").arg(lie));
    assert_eq!(status, 0, "{errors}");
    assert_eq!(text, heard(dir.path(), "memo.mp3"));
}
