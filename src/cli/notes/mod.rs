//! `diarist notes`: the diary on the command line, to list, show, search and export.
//! It never changes a note, and reads it through the same API as everyone else.
//! Start reading at [`run`].

mod args;
mod export;
mod read;

pub use args::NotesCommand;

use super::args::Global;
use super::door::with_node;
use super::failure::{Failure, Outcome};
use super::jobs::idle;
use super::output::{print, say};
use crate::client::{Client, ClientError, NoteItem, Page};
use crate::config::Config;

pub async fn run(
    command: NotesCommand,
    global: &Global,
    config: &Config,
) -> Result<Outcome, Failure> {
    let idle = &idle(config);
    match command {
        NotesCommand::List { which, limit, json } => {
            let query = which.query();
            let list = async |client: &Client| all(client, &query, limit as usize).await;
            let notes = with_node(global, idle, list).await?;
            print(&read::list(&notes, json)?)?;
        }
        NotesCommand::Show { what, json } => {
            let show = async |client: &Client| read::show(client, &what, json).await;
            print(&with_node(global, idle, show).await??)?;
        }
        NotesCommand::Search { words, which, limit, json } => {
            let mut query = which.query();
            query.push(("q", words.join(" ")));
            let search = async |client: &Client| all(client, &query, limit as usize).await;
            let notes = with_node(global, idle, search).await?;
            print(&read::found(&notes, json)?)?;
            if notes.is_empty() {
                if !global.quiet {
                    say("nothing found; `walk*` finds walked as well");
                }
                return Ok(Outcome::SomeFailed);
            }
        }
        NotesCommand::Export { which, output_dir, format, name_template, force } => {
            let order = export::Order::new(&output_dir, format, &name_template, force)?;
            let query = which.query();
            let write = async |client: &Client| {
                let notes = all(client, &query, usize::MAX).await?;
                export::export(client, notes, &order).await
            };
            return with_node(global, idle, write).await?;
        }
    }
    Ok(Outcome::Done)
}

/// The notes that fit, at most `limit`.
async fn all(
    client: &Client,
    query: &[(&'static str, String)],
    limit: usize,
) -> Result<Vec<NoteItem>, ClientError> {
    Ok(Page::gather(limit, query, async |query| client.notes(&query).await).await?.items)
}
