//! `diarist demo`: a memo that comes with the program, through the whole path, on any machine.

use super::args::Global;
use super::door::with_node;
use super::failure::{Failure, Outcome};
use super::output::{print, say};
use super::recordings::{Teller, ended_well, ensure_model, follow_to_end};
use crate::client::Client;
use crate::config::Config;
use crate::domain::note::markdown;
use crate::domain::options::JobOptions;
use crate::providers::sample::{MEMO, NAME};
use std::path::Path;

pub async fn run(
    model: Option<String>,
    global: &Global,
    config: &Config,
) -> Result<Outcome, Failure> {
    let options = JobOptions { model, ..JobOptions::default() };
    ensure_model(&options, global, config).await?;
    let (job, note) = with_node(global, config, async |client: &Client| {
        let mut teller = Teller::new(Path::new(NAME), false, global.quiet);
        let (job, _) = client.submit_bytes(NAME, MEMO, &options).await?;
        let job = follow_to_end(client, job, &mut teller).await?;
        let note = if job.status == "done" { Some(client.note(job.id).await?) } else { None };
        Ok((job, note))
    })
    .await?;
    ended_well(&job)?;
    if let Some(note) = note {
        print(&markdown::render(&note))?;
    }
    if !global.quiet {
        say("\nthat was a memo of ours; now one of yours: diarist note YOUR-MEMO.m4a");
    }
    Ok(Outcome::Done)
}
