//! What the program tells about itself: the demo, the API, completions, manual pages, the configuration.

use super::kit::{diarist, output};
use serde_json::Value;

#[test]
fn the_demo_needs_no_file_and_makes_a_note() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = diarist(&dir.path().join("data"));
    let (note, errors, status) =
        output(command.current_dir(dir.path()).args(["demo", "-m", "tiny.en"]));
    assert_eq!(status, 0, "{errors}");
    assert!(note.starts_with("---\n") && note.contains("date: 2026-05-03"), "{note}");
}

#[test]
fn the_api_describes_itself_without_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let (text, errors, status) = output(diarist(dir.path()).arg("openapi"));
    assert_eq!(status, 0, "{errors}");
    let document: Value = serde_json::from_str(&text).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    assert!(document["paths"]["/v1/jobs"]["post"].is_object());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "it left something behind");
}

#[test]
fn shells_get_their_completions() {
    let dir = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let (text, errors, status) = output(diarist(dir.path()).args(["completions", shell]));
        assert_eq!(status, 0, "{errors}");
        assert!(text.contains("transcribe") && text.contains("diarist"), "{shell}");
    }
    let (_, _, status) = output(diarist(dir.path()).args(["completions", "cmd"]));
    assert_eq!(status, 2);
}

#[test]
fn every_command_has_a_manual_page() {
    let dir = tempfile::tempdir().unwrap();
    let pages = dir.path().join("man1");
    let (_, errors, status) = output(diarist(dir.path()).arg("man").arg(&pages));
    assert_eq!(status, 0, "{errors}");
    for name in ["diarist.1", "diarist-note.1", "diarist-jobs-list.1", "diarist-config-schema.1"] {
        let page = std::fs::read_to_string(pages.join(name)).unwrap();
        assert!(page.contains(".TH"), "{name}");
    }
    let (page, _, status) = output(diarist(dir.path()).arg("man"));
    assert_eq!(status, 0);
    assert!(page.contains(".SH SUBCOMMANDS"), "{page}");
}

#[test]
fn the_configuration_is_described_and_shown_to_programs() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = diarist(dir.path());
    // The description is there even where the configuration is broken.
    command.env("DIARIST__WHISPER__NICE", "99");
    let (text, errors, status) = output(command.args(["config", "schema"]));
    assert_eq!(status, 0, "{errors}");
    let schema: Value = serde_json::from_str(&text).unwrap();
    let nice = &schema["properties"]["whisper"]["properties"]["nice"];
    assert_eq!((&nice["type"], &nice["default"]), (&"integer".into(), &5.into()));
    assert!(nice["description"].as_str().unwrap().contains("Priority"), "{nice}");
    let (text, errors, status) = output(diarist(dir.path()).args(["config", "show", "--json"]));
    assert_eq!(status, 0, "{errors}");
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(shown["whisper.model"]["value"], "tiny.en");
    assert!(shown["whisper.model"]["source"].as_str().unwrap().contains("DIARIST__WHISPER__MODEL"));
}
