//! From the command line to an exit status.

use super::args::{Args, Command, ConfigCommand, Global};
use super::failure::{Failure, Outcome};
use super::{
    admin, config, db, demo, doctor, habits, jobs, manual, models, note, notes, output, serve,
    transcribe, watch, workers,
};
use crate::config::{Loaded, LogFormat, Overrides, load};
use crate::telemetry;
use clap::FromArgMatches;
use std::ffi::OsString;
use std::process::ExitCode;

/// What a command is quiet about unless it is told otherwise: the person wants the result.
const COMMAND_LOG: &str = "error";

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let outcome = match read(std::env::args_os().collect()) {
        Ok(Args { command: Command::DecodeWorker, .. }) => return workers::decode(),
        Ok(Args { command: Command::WhisperWorker, .. }) => return workers::whisper(),
        Ok(args) => start(args),
        Err(failure) => Err(failure),
    };
    if let Err(failure) = &outcome {
        failure.tell();
    }
    outcome.map_or_else(|failure| failure.exit_code(), Outcome::exit_code)
}

/// What was typed, with the habits of other programs put into our words. Wrong use, and `--help`, end here.
fn read(typed: Vec<OsString>) -> Result<Args, Failure> {
    let manual = manual::command();
    let habits::Translated { args, notices } = habits::translate(typed, &manual)?;
    let matches = manual.get_matches_from(args);
    let args = Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    if !args.global.quiet {
        notices.iter().for_each(|notice| output::say(notice));
    }
    Ok(args)
}

fn start(args: Args) -> Result<Outcome, Failure> {
    let Args { global, command } = args;
    match &command {
        Command::Openapi => return manual::openapi(),
        Command::Completions { shell } => return manual::completions(*shell),
        Command::Man { dir } => return manual::pages(dir.as_deref()),
        Command::Config(ConfigCommand::Schema) => return config::schema(),
        _ => {}
    }
    let mut overrides = overrides(&global);
    if let Command::Serve(serve) = &command {
        let bind = serve.bind.map(|bind| ("server.bind", bind.to_string().into()));
        let tls = serve.tls.map(|tls| ("server.tls", tls.as_str().into()));
        overrides.values.extend(bind.into_iter().chain(tls));
    }
    let loaded = load(&overrides).map_err(Failure::usage)?;
    let log = match command {
        Command::Serve(_) => &loaded.config.telemetry.log,
        _ if loaded.is_set("telemetry.log") => &loaded.config.telemetry.log,
        _ => COMMAND_LOG,
    };
    let json = loaded.config.telemetry.format == LogFormat::Json;
    telemetry::init(log, json).map_err(Failure::usage)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::work(anyhow::Error::new(error).context("cannot start")))?;
    let ends_itself = matches!(command, Command::Serve(_) | Command::Watch(_));
    let left = match command {
        Command::Note(_) | Command::Transcribe(_) | Command::Demo { .. } | Command::Models(_) => {
            "interrupted: what was finished is kept; a running server goes on with the rest, or else the next command"
        }
        _ => "interrupted",
    };
    let work = dispatch(command, &global, &loaded);
    if ends_itself { runtime.block_on(work) } else { runtime.block_on(interruptible(work, left)) }
}

async fn dispatch(command: Command, global: &Global, loaded: &Loaded) -> Result<Outcome, Failure> {
    match command {
        Command::Note(args) => note::run(args, global, &loaded.config).await,
        Command::Transcribe(args) => transcribe::run(args, global, &loaded.config).await,
        Command::Serve(_) => serve::run(&loaded.config).await,
        Command::Watch(args) => watch::run(args, global, &loaded.config).await,
        Command::Notes(command) => notes::run(command, global, &loaded.config).await,
        Command::Jobs(command) => jobs::run(command, global, &loaded.config).await,
        Command::Admin(command) => admin::run(command, global, &loaded.config).await,
        Command::Models(command) => models::run(command, global, &loaded.config).await,
        Command::Config(command) => config::run(&command, loaded),
        Command::Db(command) => db::run(command, &loaded.config).await,
        Command::Doctor => doctor::run(&loaded.config).await,
        Command::Demo { model } => demo::run(model, global, &loaded.config).await,
        // These have ended before a runtime was needed.
        Command::Openapi
        | Command::Completions { .. }
        | Command::Man { .. }
        | Command::DecodeWorker
        | Command::WhisperWorker => Ok(Outcome::Done),
    }
}

/// Ctrl-C ends a command at once; `serve` and `watch` hear the signal themselves and end in good order.
async fn interruptible(
    work: impl Future<Output = Result<Outcome, Failure>>,
    left: &str,
) -> Result<Outcome, Failure> {
    let interrupted = async {
        // A process that cannot hear the signal is ended by it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        biased;
        outcome = work => outcome,
        () = interrupted => {
            output::say(left);
            Ok(Outcome::Interrupted)
        }
    }
}

fn overrides(global: &Global) -> Overrides {
    let mut overrides = Overrides { file: global.config.clone(), values: Vec::new() };
    if let Some(dir) = &global.data_dir {
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.clone());
        overrides.values.push(("storage.data_dir", dir.display().to_string().into()));
    }
    overrides
}
