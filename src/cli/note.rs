//! `diarist note`: recordings in, diary notes out.

use super::args::{Global, NoteArgs};
use super::failure::{Failure, Outcome};
use super::recordings::{self, Place, Product, process};
use crate::client::{Client, JobView};
use crate::config::Config;
use crate::domain::note::markdown;
use crate::domain::options::JobOptions;

pub async fn run(args: NoteArgs, global: &Global, config: &Config) -> Result<Outcome, Failure> {
    let place = Place::of(&args.recordings, &args.name_template)?;
    let options = JobOptions {
        tags: args.tag.clone(),
        ..recordings::options(&args.recordings, global.quiet)?
    };
    process(&args.recordings, &options, &place, global, config, make).await
}

async fn make(client: &Client, job: &JobView) -> Result<Product, Failure> {
    let note = client.note(job.id).await?;
    let texts = vec![("md", markdown::render(&note))];
    Ok(Product { title: note.title, texts })
}
