//! A file that no module declares is never compiled: its tests never run and its rules never hold.

use crate::Fault;
use crate::source::Source;

/// Checks every file below `folder`, whose crate roots are `roots`.
pub fn check(sources: &[Source], folder: &str, roots: &[&str]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in sources {
        let Some(inside) = file.path.strip_prefix(folder).and_then(|p| p.strip_prefix('/')) else {
            continue;
        };
        if roots.contains(&inside) {
            continue;
        }
        let (name, parents) = place(folder, inside, roots);
        let declares = |source: &&Source| {
            parents.contains(&source.path) && source.find(&format!("mod {name};")).next().is_some()
        };
        if !sources.iter().any(|source| declares(&source)) {
            let parents = parents.join(" or ");
            let what = format!("no module declares this file; write `mod {name};` in {parents}");
            faults.push(Fault::new(file, 1, what));
        }
    }
    faults
}

/// The name of the module that a file holds, and the files that may declare it.
fn place<'a>(folder: &str, inside: &'a str, roots: &[&str]) -> (&'a str, Vec<String>) {
    let module = inside.strip_suffix("/mod.rs").or(inside.strip_suffix(".rs")).unwrap_or(inside);
    match module.rsplit_once('/') {
        Some((parent, name)) => {
            (name, vec![format!("{folder}/{parent}/mod.rs"), format!("{folder}/{parent}.rs")])
        }
        None => (module, roots.iter().map(|root| format!("{folder}/{root}")).collect()),
    }
}
