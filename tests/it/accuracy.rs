//! Whether the text is what was said, by the command line and by HTTP.

use super::kit::server::Server;
use super::kit::sound;
use super::kit::words::wrong_words;
use super::kit::{data, diarist, output};
use diarist::domain::options::JobOptions;

const CLIPS: [&str; 2] = ["jfk", "lj050-0131"];

fn said(clip: &str) -> String {
    std::fs::read_to_string(data(&format!("speech/{clip}.txt"))).unwrap()
}

#[test]
fn transcribe_hears_at_most_one_word_wrong() {
    let dir = tempfile::tempdir().unwrap();
    for clip in CLIPS {
        let mut command = diarist(dir.path());
        let file = data(&format!("speech/{clip}.wav"));
        let (text, errors, status) = output(command.arg("transcribe").arg(file));
        assert_eq!(status, 0, "{errors}");
        assert!(wrong_words(&text, &said(clip)) <= 1, "{clip}: {text}");
    }
}

#[tokio::test]
async fn http_hears_at_most_one_word_wrong() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    for clip in CLIPS {
        let options = JobOptions { note: false, ..JobOptions::default() };
        let job = server.run(&data(&format!("speech/{clip}.wav")), &options).await;
        assert_eq!(job.status, "done");
        let text = server.get(&format!("/v1/jobs/{}/transcript?format=text", job.id)).await;
        let text = text.text().await.unwrap();
        assert!(wrong_words(&text, &said(clip)) <= 1, "{clip}: {text}");
    }
}

#[tokio::test]
async fn silence_is_an_empty_transcript_and_an_honest_note() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let job = server.run(&sound::silence(dir.path(), 5), &JobOptions::default()).await;
    assert_eq!(job.status, "done");
    let transcript = server.client.transcript(job.id).await.unwrap();
    assert_eq!((transcript.text.as_str(), transcript.segments.len()), ("", 0));
    let note = server.client.note(job.id).await.unwrap();
    assert!(note.todos.is_empty() && note.people.is_empty() && note.quotes.is_empty());
}

#[tokio::test]
async fn the_same_sound_gives_the_same_text_whatever_ran_before() {
    let dir = tempfile::tempdir().unwrap();
    let file = sound::speech(dir.path(), 60);
    let again = JobOptions { note: false, force: true, ..JobOptions::default() };
    let server = Server::start(dir.path());
    let first = server.run(&file, &again).await;
    server.run(&data("speech/jfk.wav"), &again).await;
    let second = server.run(&file, &again).await;
    let (a, b) = (server.client.transcript(first.id), server.client.transcript(second.id));
    assert_eq!(a.await.unwrap(), b.await.unwrap());
}
