//! What counts as installed, and what never does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::*;
use crate::providers::models::synthetic::scratch;

fn put(library: &Library, name: &str, bytes: &[u8]) -> Result<Installed, ModelError> {
    let lock = library.lock().unwrap();
    library.install(&lock, name, "a test", |out| {
        out.put(|out| out.write_all(bytes))?;
        Ok(Converted { quantization: Quantization::Q8_0, multilingual: true })
    })
}

#[test]
fn what_is_installed_is_found_listed_verified_and_removed() {
    let dir = scratch();
    let library = Library::new(dir.path().join("models"));
    assert_eq!(library.list().unwrap(), []);
    let model = put(&library, "b", b"abc").unwrap();
    let other = put(&library, "a", b"d").unwrap();
    assert_eq!(library.installed("b").unwrap(), Some(model.clone()));
    assert_eq!(library.list().unwrap(), [other.clone(), model.clone()]);
    library.verify(&model).unwrap();
    fs::write(&model.path, b"abd").unwrap();
    assert!(matches!(library.verify(&model), Err(ModelError::WrongHash { .. })));
    assert!(library.remove("b").unwrap());
    assert!(!library.remove("b").unwrap());
    assert_eq!(library.list().unwrap(), [other]);
}

#[test]
fn a_half_file_is_never_installed() {
    let dir = scratch();
    let library = Library::new(dir.path().to_path_buf());
    fs::write(dir.path().join("x.bin.part"), b"ab").unwrap();
    fs::write(dir.path().join("x.bin"), b"abc").unwrap();
    assert_eq!(library.installed("x").unwrap(), None);
    let model = put(&library, "x", b"abc").unwrap();
    fs::write(&model.path, b"ab").unwrap();
    assert_eq!(library.installed("x").unwrap(), None);
    assert_eq!(library.list().unwrap(), []);
    fs::remove_file(&model.path).unwrap();
    assert_eq!(library.installed("x").unwrap(), None);
}

#[test]
fn a_failed_reinstall_leaves_the_old_model() {
    let dir = scratch();
    let library = Library::new(dir.path().to_path_buf());
    let old = put(&library, "x", b"old").unwrap();
    let lock = library.lock().unwrap();
    let failed = library.install(&lock, "x", "a test", |out| {
        out.put(|out| out.write_all(b"n"))?;
        Err(ModelError::BadName { name: "planned".into() })
    });
    assert!(failed.is_err());
    assert_eq!(library.installed("x").unwrap(), Some(old.clone()));
    library.verify(&old).unwrap();
    assert!(!dir.path().join("x.bin.part").exists());
}

#[test]
fn a_broken_manifest_hides_only_its_own_model() {
    let dir = scratch();
    let library = Library::new(dir.path().to_path_buf());
    let good = put(&library, "good", b"abc").unwrap();
    fs::write(dir.path().join("bad.json"), b"{").unwrap();
    assert!(matches!(library.installed("bad"), Err(ModelError::ReadManifest { .. })));
    assert_eq!(library.list().unwrap(), [good]);
}

#[test]
fn names_cannot_leave_the_folder() {
    let library = Library::new(PathBuf::from("nowhere"));
    for name in ["", "../x", "a/b", ".hidden", "a b", "ä", &"x".repeat(65)] {
        assert!(matches!(library.installed(name), Err(ModelError::BadName { .. })), "{name}");
    }
    for name in ["tiny.en", "large-v3-turbo", "my_model"] {
        assert!(check_name(name).is_ok());
    }
}

#[test]
fn one_at_a_time_may_change_it() {
    let dir = scratch();
    let library = Library::new(dir.path().to_path_buf());
    let first = library.lock().unwrap();
    assert!(library.try_lock().unwrap().is_none());
    drop(first);
    assert!(library.try_lock().unwrap().is_some());
}
