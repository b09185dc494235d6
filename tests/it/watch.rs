//! `diarist watch`: whatever is dropped, however it comes and whoever dies, becomes one note each.

use super::kit::server::{Server, kill_9};
use super::kit::{data, diarist, output, sound};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

const GOOD: usize = 200;
const TWINS: usize = 12;
const BAD: usize = 6;

/// A folder that is watched, one for its notes, and the data folder.
struct Place {
    _dir: tempfile::TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("in/phone")).unwrap();
        Self { _dir: dir, root }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn watch(&self, more: &[&str]) -> Command {
        let mut command = diarist(&self.at("data"));
        command.args(["watch", "--settle", "0.4", "--name-template", "{stem}", "-o"]);
        command.arg(self.at("out")).arg(self.at("in")).args(more);
        command
    }

    fn start(&self) -> Child {
        let errors = fs::File::options().create(true).append(true).open(self.at("errors")).unwrap();
        self.watch(&[]).stdout(Stdio::null()).stderr(errors).spawn().unwrap()
    }

    fn notes(&self) -> usize {
        let entries = fs::read_dir(self.at("out")).map(Iterator::collect::<Vec<_>>);
        let is_note = |path: PathBuf| path.extension().is_some_and(|ending| ending == "md");
        let entries = entries.unwrap_or_default().into_iter().flatten();
        entries.filter(|entry| is_note(entry.path())).count()
    }

    fn wait_for_notes(&self, watch: &mut Child, count: usize) {
        let begun = Instant::now();
        let said = || fs::read_to_string(self.at("errors")).unwrap();
        while self.notes() < count {
            let ended = watch.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?} at {} of {count}: {}", self.notes(), said());
            let waited = begun.elapsed();
            assert!(waited < Duration::from_secs(900), "{} of {count}: {}", self.notes(), said());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// The bytes and the time of each file below a folder.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, meta) = (entry.path(), entry.metadata().unwrap());
        if meta.is_dir() {
            files.extend(snapshot(&path));
        } else {
            files.insert(path.clone(), (fs::read(&path).unwrap(), meta.modified().unwrap()));
        }
    }
    files
}

/// One content each: the same words, and a tail of silence of its own length.
fn clip(number: usize) -> Vec<i16> {
    let mut samples = sound::read(&data("memo.wav"));
    samples.resize(samples.len() + number, 0);
    samples
}

/// Drops a good file: every fifth renamed into place, every tenth slowly, the others at once; half of them in a folder.
fn drop_good(place: &Place, number: usize) {
    let folder = if number.is_multiple_of(2) { "in" } else { "in/phone" };
    let path = place.at(&format!("{folder}/clip-{number:03}.wav"));
    if number % 10 == 3 {
        let whole = sound::write(&place.at("whole.wav"), &clip(number));
        let bytes = fs::read(whole).unwrap();
        let mut file = fs::File::create(&path).unwrap();
        for piece in bytes.chunks(bytes.len() / 4) {
            file.write_all(piece).unwrap();
            file.flush().unwrap();
            std::thread::sleep(Duration::from_millis(60));
        }
    } else if number.is_multiple_of(5) {
        let draft = place.at(&format!("{folder}/clip-{number:03}.wav.part"));
        sound::write(&draft, &clip(number));
        fs::rename(draft, path).unwrap();
    } else {
        sound::write(&path, &clip(number));
    }
}

#[tokio::test]
async fn two_hundred_files_and_two_kills_make_one_note_each_and_touch_no_original() {
    let place = Place::new();
    let begun = Instant::now();
    let mut watch = place.start();
    for (to, kill_at) in [(80, Some(25)), (150, Some(90)), (GOOD, None)] {
        let from = if to == 80 {
            0
        } else if to == 150 {
            80
        } else {
            150
        };
        for number in from..to {
            drop_good(&place, number);
        }
        if to == 80 {
            for number in 0..TWINS {
                let twin = place.at(&format!("in/twin-{number}.wav"));
                sound::write(&twin, &clip(number * 11));
            }
            for number in 0..BAD {
                let text = format!("no sound at all, file {number}").repeat(40);
                fs::write(place.at(&format!("in/bad-{number}.wav")), text).unwrap();
            }
        }
        if let Some(notes) = kill_at {
            place.wait_for_notes(&mut watch, notes);
            kill_9(watch.id());
            watch.wait().unwrap();
            watch = place.start();
        }
    }
    let originals = snapshot(&place.at("in"));
    assert_eq!(originals.len(), GOOD + TWINS + BAD);
    place.wait_for_notes(&mut watch, GOOD);
    let took = begun.elapsed();
    let term = rustix::process::Pid::from_raw(i32::try_from(watch.id()).unwrap()).unwrap();
    rustix::process::kill_process(term, rustix::process::Signal::TERM).unwrap();
    assert_eq!(watch.wait().unwrap().code(), Some(0));
    // What is left, such as a twin or a bad file that had not settled, is looked at; nothing of it is new.
    let (_, _, _) = output(&mut place.watch(&["--once"]));
    let (said, errors, status) = output(&mut place.watch(&["--once", "-q"]));
    assert_eq!((said.as_str(), errors.as_str(), status), ("", "", 0), "a bad file is tried again");
    assert_eq!(place.notes(), GOOD, "each content has one note, and each note one content");
    assert!(snapshot(&place.at("in")) == originals, "an original was touched");
    let server = Server::start(&place.at("data"));
    let jobs = all_jobs(&server).await;
    let mut by_content: BTreeMap<&str, usize> = BTreeMap::new();
    for job in &jobs {
        assert_eq!(job["status"], "done", "{job}");
        *by_content.entry(job["audio"]["sha256"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(by_content.len(), GOOD);
    assert!(by_content.values().all(|count| *count == 1), "a content was transcribed twice");
    println!("{GOOD} contents, {TWINS} twins, {BAD} bad files, 2 kills: {took:.0?}");
}

async fn all_jobs(server: &Server) -> Vec<Value> {
    let (mut jobs, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.json(&format!("/v1/jobs?limit=200{cursor}")).await;
        jobs.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return jobs,
        }
    }
}

#[test]
fn a_file_beside_gives_the_date_a_card_is_written_and_a_renamed_file_is_known() {
    let place = Place::new();
    let memo = place.at("in/memo.wav");
    fs::copy(data("memo.wav"), &memo).unwrap();
    fs::write(place.at("in/memo.wav.json"), r#"{"recorded_at":"2019-08-07T06:05:04+02:00"}"#)
        .unwrap();
    fs::write(place.at("in/.hidden.wav"), "x").unwrap();
    fs::copy(data("speech/jfk.wav"), place.at("in/half.wav.part")).unwrap();
    let (said, errors, status) = output(&mut place.watch(&["--once", "--sidecar", "--json", "-q"]));
    assert_eq!(status, 0, "{errors}");
    let line: Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!((&line["status"], &line["day"]), (&"done".into(), &"2019-08-07".into()));
    let note = fs::read_to_string(place.at("out/memo.md")).unwrap();
    assert!(note.contains("date: 2019-08-07"), "{note}");
    let card: Value =
        serde_json::from_str(&fs::read_to_string(place.at("out/memo.json")).unwrap()).unwrap();
    assert_eq!(card["recorded_at"], "2019-08-07T06:05:04+02:00");
    assert_eq!(card["source"], memo.display().to_string());
    assert_eq!((&card["job"], &card["sha256"]), (&line["job"], &line["sha256"]));
    fs::rename(&memo, place.at("in/phone/other name.wav")).unwrap();
    fs::copy(data("memo.wav"), place.at("in/copy.wav")).unwrap();
    let (said, errors, status) = output(&mut place.watch(&["--once", "-q"]));
    assert_eq!((said.as_str(), errors.as_str(), status), ("", "", 0));
    // A person's note under the name that another recording wants stays as it is.
    fs::write(place.at("out/jfk.md"), "mine").unwrap();
    fs::copy(data("speech/jfk.wav"), place.at("in/jfk.wav")).unwrap();
    let (said, errors, status) = output(&mut place.watch(&["--once", "-q"]));
    assert_eq!(status, 0, "{errors}");
    assert!(said.ends_with("jfk 2.md\n"), "{said}");
    assert_eq!(fs::read_to_string(place.at("out/jfk.md")).unwrap(), "mine");
}

#[test]
fn what_cannot_be_used_is_told_once_and_tried_again_when_it_changes() {
    let place = Place::new();
    let memo = place.at("in/memo.wav");
    fs::write(&memo, "no sound").unwrap();
    let (_, errors, status) = output(&mut place.watch(&["--once", "-q"]));
    assert_eq!(status, 1);
    assert!(errors.contains("memo.wav") && errors.contains("not"), "{errors}");
    assert_eq!(output(&mut place.watch(&["--once", "-q"])).2, 0);
    fs::copy(data("memo.wav"), &memo).unwrap();
    let (said, errors, status) = output(&mut place.watch(&["--once", "-q"]));
    assert_eq!(status, 0, "{errors}");
    assert!(said.ends_with("memo.md\n"), "{said}");
}

#[test]
fn wrong_use_of_watch_is_told_at_once_and_a_second_watch_is_refused() {
    let place = Place::new();
    for args in [
        vec!["watch", "/nowhere/at/all"],
        vec!["watch", "--include", "[", "/tmp"],
        vec!["watch", "--settle", "0", "/tmp"],
        vec!["watch", "--sidecar", "/tmp"],
        vec!["watch", "--new-only", "--once", "/tmp"],
        vec!["watch", "-l", "klingon", "/tmp"],
    ] {
        let (_, errors, status) = output(diarist(&place.at("data")).args(&args));
        assert_eq!(status, 2, "{args:?}: {errors}");
    }
    fs::copy(data("memo.wav"), place.at("in/memo.wav")).unwrap();
    let mut first = place.start();
    place.wait_for_notes(&mut first, 1);
    let (_, errors, status) = output(&mut place.watch(&["--once"]));
    assert_eq!(status, 1);
    assert!(errors.contains("another `diarist watch`"), "{errors}");
    let interrupt = rustix::process::Pid::from_raw(i32::try_from(first.id()).unwrap()).unwrap();
    rustix::process::kill_process(interrupt, rustix::process::Signal::INT).unwrap();
    assert_eq!(first.wait().unwrap().code(), Some(130));
}
