//! `diarist models`: list, pull, import, rm, bench; and getting a missing model before the work begins.

mod bench;
mod rm;

pub use bench::BenchArgs;

use super::args::{Global, ModelsCommand, QuantizeArg};
use super::failure::{Failure, Outcome};
use super::output::{megabytes, print, say};
use super::progress::Progress;
use crate::config::Config;
use crate::providers::models::{
    Catalog, Installed, Library, ModelError, PullEvent, Quantize, import, pull,
};
use std::fmt::Write;
use std::path::PathBuf;

pub async fn run(
    command: ModelsCommand,
    global: &Global,
    config: &Config,
) -> Result<Outcome, Failure> {
    let library = Library::new(config.storage.models_dir.clone());
    match command {
        ModelsCommand::List => print(&list(&library)?)?,
        ModelsCommand::Pull { names } => {
            for name in &names {
                let installed = get(&library, name, global).await?;
                say(&format!(
                    "{name} is installed: {} ({})",
                    installed.path.display(),
                    megabytes(installed.bytes)
                ));
            }
        }
        ModelsCommand::Rm { names, force } => {
            for name in &names {
                rm::remove(&library, name, force, global, config).await?;
            }
        }
        ModelsCommand::Bench(args) => return bench::run(args, &library, config).await,
        ModelsCommand::Import { source, name, quantize } => {
            let name = name.unwrap_or_else(|| name_of(&source));
            let quantize = match quantize {
                QuantizeArg::None => Quantize::None,
                QuantizeArg::Q8_0 => Quantize::Q8_0,
            };
            say(&format!("importing {} as {name}", source.display()));
            let work = move || import(&library, &source, &name, quantize);
            let done = tokio::task::spawn_blocking(work).await.map_err(Failure::work)?;
            let model = done.map_err(Failure::work)?;
            let (name, size) = (&model.name, megabytes(model.bytes));
            say(&format!("{name} is installed: {} ({size})", model.path.display()));
        }
    }
    Ok(Outcome::Done)
}

/// Gets a model unless it is installed.
pub async fn ensure(name: &str, global: &Global, config: &Config) -> Result<(), Failure> {
    let library = Library::new(config.storage.models_dir.clone());
    if library.installed(name).map_err(Failure::usage)?.is_some() {
        return Ok(());
    }
    Catalog::builtin().map_err(Failure::work)?.find(name).map_err(unknown)?;
    say(&format!("the model {name} is not here yet, getting it once"));
    get(&library, name, global).await.map(drop)
}

async fn get(library: &Library, name: &str, global: &Global) -> Result<Installed, Failure> {
    if let Some(model) = library.installed(name).map_err(Failure::usage)? {
        return Ok(model);
    }
    let catalog = Catalog::builtin().map_err(Failure::work)?;
    let entry = catalog.find(name).map_err(unknown)?;
    let progress = Progress::of_bytes(global.quiet, name);
    let show = |event: PullEvent| match event {
        PullEvent::Waiting => progress.doing("another process is getting models"),
        PullEvent::Trying { source } => progress.say(&format!("getting {name} from {source}")),
        PullEvent::PassedOver { source, reason } => {
            progress.say(&format!("passed over {source}: {reason}"));
        }
        PullEvent::Progress { done_bytes, total_bytes } => progress.bytes(done_bytes, total_bytes),
        PullEvent::Verified => progress.doing("verified"),
        PullEvent::Converting => progress.doing("converting"),
        PullEvent::Done(_) => progress.doing(""),
    };
    pull(library, entry, &show).await.map_err(|error| {
        let hint = format!("try again (a download goes on where it broke off), or bring a file: diarist models import FILE --name {name}");
        Failure::work(error).hint(hint)
    })
}

fn unknown(error: ModelError) -> Failure {
    Failure::usage(error).hint("a file of your own comes in with `diarist models import`")
}

fn list(library: &Library) -> Result<String, Failure> {
    let catalog = Catalog::builtin().map_err(Failure::work)?;
    let installed = library.list().map_err(Failure::work)?;
    let mut text = format!(
        "{:<16} {:<10} {:>10} {:>10}  WHAT IT IS\n",
        "MODEL", "INSTALLED", "DISK", "MEMORY"
    );
    for entry in &catalog.models {
        let here = installed.iter().any(|model| model.name == entry.name);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:<16} {:<10} {:>10} {:>10}  {}",
            entry.name,
            if here { "yes" } else { "-" },
            megabytes(entry.bytes),
            megabytes(entry.ram_bytes),
            entry.family
        );
    }
    for model in installed.iter().filter(|m| !catalog.models.iter().any(|e| e.name == m.name)) {
        let size = megabytes(model.bytes);
        let _ = writeln!(
            text,
            "{:<16} {:<10} {size:>10} {:>10}  imported from {}",
            model.name, "yes", "", model.source
        );
    }
    Ok(text)
}

/// `ggml-base.en.bin` is called `base.en`.
fn name_of(source: &std::path::Path) -> String {
    let name = PathBuf::from(source.file_name().unwrap_or_default());
    let name = name.to_string_lossy();
    let bare = [".bin", ".whl", ".zip"].iter().find_map(|end| name.strip_suffix(end));
    let bare = bare.unwrap_or(&name);
    bare.strip_prefix("ggml-").unwrap_or(bare).to_owned()
}
