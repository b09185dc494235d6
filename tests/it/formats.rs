//! The same speech in every container: the text does not depend on how the phone wrote it, or what it called it.

use super::kit::server::{Server, follow};
use super::kit::words::wrong_words;
use super::kit::{data, diarist, output};
use diarist::domain::options::JobOptions;
use std::path::Path;

fn heard(dir: &Path, name: &str) -> String {
    let (text, errors, status) = output(diarist(dir).arg("transcribe").arg(data(name)));
    assert_eq!(status, 0, "{name}: {errors}");
    text
}

/// Transcribes files of `tests/data/formats`, whose names all lie, and gives the text of each.
async fn texts(server: &Server, names: &[&str]) -> Vec<String> {
    let options = JobOptions { note: false, ..JobOptions::default() };
    let mut texts = Vec::new();
    for name in names {
        let job = server.run(&data(name), &options).await;
        assert_eq!(job.status, "done", "{name}: {:?}", job.error);
        let transcript = server.client.transcript(job.id).await.unwrap();
        assert!(transcript.gaps.is_empty(), "{name}: {:?}", transcript.gaps);
        texts.push(transcript.text);
    }
    texts
}

#[tokio::test]
async fn lossless_formats_give_the_same_text() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let names = [
        "memo.wav",
        "memo.flac",
        "formats/wav-s24.mp3",
        "formats/wav-f32.flac",
        "formats/rf64-s16.ogg",
        "formats/aiff-s16.wav",
        "formats/caf-alac.mp3",
        "formats/m4a-alac.wav",
        "formats/mov-s16.webm",
        "formats/ogg-flac.aac",
        "formats/mkv-flac.mp4",
        "formats/mp4-flac.mkv",
    ];
    let texts = texts(&server, &names).await;
    for (name, text) in names.iter().zip(&texts) {
        assert_eq!(text, &texts[0], "{name}");
    }
}

#[tokio::test]
async fn lossy_formats_are_at_most_one_word_apart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let names = [
        "memo.wav",
        "memo.mp3",
        "memo.m4a",
        "memo.ogg",
        "memo.opus",
        "formats/wav-u8.mp3",
        "formats/wav-alaw.aiff",
        "formats/wav-mulaw.caf",
        "formats/wav-adpcm_ms.m4a",
        "formats/wav-adpcm_ima.opus",
        "formats/mp2-mp2.wav",
        "formats/mp4-mp3.ogg",
        "formats/aac-aac.mp3",
        "formats/mp4-video-aac.mp3",
        "formats/mov-video-aac.pdf",
        "formats/mkv-aac.mp3",
        "formats/webm-video-opus.wav",
        "formats/webm-live-opus.ogg",
        "formats/webm-vorbis.flac",
        "formats/mkv-opus.m4a",
        "formats/mp4-opus.aac",
    ];
    let texts = texts(&server, &names).await;
    for (name, text) in names.iter().zip(&texts) {
        let apart = wrong_words(text, &texts[0]);
        assert!(apart <= 1, "{name}: {text} and not {}", texts[0]);
    }
}

#[tokio::test]
async fn what_is_missing_of_a_cut_recording_is_told_by_event_by_text_and_by_command() {
    let dir = tempfile::tempdir().unwrap();
    let whole = std::fs::read(data("speech/jfk.wav")).unwrap();
    let cut = dir.path().join("cut.wav");
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let server = Server::start(dir.path());
    let options = JobOptions { note: false, ..JobOptions::default() };
    let first = server.run(&cut, &options).await;
    // Another job of the same sound takes over what the first has heard, and what it has not.
    let tagged = JobOptions { tags: vec!["again".to_owned()], ..options };
    let second = server.run(&cut, &tagged).await;
    assert_ne!(first.id, second.id);
    for job in [first, second] {
        let transcript = server.client.transcript(job.id).await.unwrap();
        let [gap] = transcript.gaps.as_slice() else { panic!("{:?}", transcript.gaps) };
        assert_eq!((gap.start_ms, gap.reason.as_str()), (transcript.duration_ms, "cut_off"));
        assert!(gap.start_ms.abs_diff(5_500) < 50 && gap.end_ms.abs_diff(11_000) < 50, "{gap:?}");
        assert!(wrong_words(&transcript.text, "And so my fellow Americans, ask not") <= 1);
        let events = follow(&server.client, job.id, 0).await.unwrap();
        let told: Vec<_> = events.iter().filter(|event| event.kind == "gap").collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].data["end_ms"].as_u64(), Some(gap.end_ms));
        let ids: Vec<i64> = events.iter().map(|event| event.id).collect();
        assert_eq!(ids, (1..=events.len() as i64).collect::<Vec<_>>());
    }
    assert_eq!(server.terminate(), 0);
    let (_, errors, status) = output(diarist(dir.path()).arg("transcribe").arg(&cut));
    assert_eq!(status, 0, "{errors}");
    let said = "cut.wav: 0:05 to 0:10 could not be heard: the recording is cut off there";
    assert!(errors.contains(said), "{errors}");
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

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_its_name_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_with(dir.path(), &[("DIARIST__AUDIO__FFMPEG", "off")]);
    for (name, status, code, named) in [
        ("formats/foreign/asf-wma.mp3", 415, "unsupported_container", "wma"),
        ("formats/foreign/mkv-ac3.wav", 415, "unsupported_codec", "ac3"),
        ("formats/foreign/webm-silent-film.mp3", 400, "no_audio_track", "no audio track"),
        ("README.md", 400, "not_audio", "not audio"),
    ] {
        let part = reqwest::multipart::Part::bytes(std::fs::read(data(name)).unwrap());
        let form = reqwest::multipart::Form::new().part("file", part.file_name("memo.wav"));
        let url = format!("{}/v1/jobs", server.url);
        let answer = reqwest::Client::new().post(url).multipart(form).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{name}");
        let problem: serde_json::Value =
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(problem["code"], code, "{name}");
        assert!(problem["detail"].as_str().unwrap().contains(named), "{name}: {problem}");
        let hint = problem["hint"].as_str().unwrap_or_default();
        assert!(status != 415 || hint.contains("install ffmpeg"), "{name}: {problem}");
    }
}
