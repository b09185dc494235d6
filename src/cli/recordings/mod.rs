//! What `note` and `transcribe` do with each recording: send it, watch it, and put its results in their place.
//! It never reads sound, and knows nothing of what a command makes of a finished job.
//! Start reading at [`process`].

mod delivery;
mod inputs;
mod names;
mod request;
mod telling;

pub use delivery::{Place, Product, stem};
pub use names::Template;
pub use request::options;
pub use telling::Teller;

use super::args::{Global, Recordings};
use super::door::with_node;
use super::failure::{Failure, Outcome};
use super::jobs::idle;
use super::models;
use super::when;
use crate::client::{Client, ClientError, JobView};
use crate::clock;
use crate::config::Config;
use crate::domain::ids::JobId;
use crate::domain::options::JobOptions;
use inputs::Input;
use std::path::Path;

/// Runs every recording through a node, and puts what `make` makes of each into its place.
/// A bad one is reported, the others go on.
pub async fn process(
    recordings: &Recordings,
    options: &JobOptions,
    place: &Place,
    global: &Global,
    config: &Config,
    make: impl AsyncFn(&Client, &JobView) -> Result<Product, Failure>,
) -> Result<Outcome, Failure> {
    let key = || recordings.force.then(|| uuid::Uuid::new_v4().to_string());
    let open = inputs::find(&recordings.files).into_iter();
    let mut open: Vec<Open> = open.map(|input| Open { input, key: key(), sent: None }).collect();
    if recordings.output_file.is_some() && open.len() > 1 {
        let error =
            anyhow::anyhow!("--output-file names one result, and there are several recordings");
        return Err(Failure::usage(error).hint("give a folder with -o DIR, and a --name-template"));
    }
    ensure_model(options, global, config).await?;
    open.reverse();
    let mut failed = false;
    let mut config = request::configured(recordings, config);
    let later = recordings.is_for_later();
    if later {
        // A node of our own only takes it down.
        config = idle(&config);
    }
    with_node(global, &config, async |client: &Client| {
        while let Some(next) = open.last_mut() {
            let mut teller = Teller::new(next.input.path(), recordings.json, global.quiet);
            let done = match next.input.clone() {
                Input::Nothing(_, why) => {
                    Err(Failure::work(anyhow::anyhow!("{why}")).named("no_recording"))
                }
                Input::Recording(file) => {
                    match run_one(client, next, options, &mut teller, later).await {
                        // What is wrong for one file is wrong for all, or the node has to be found again.
                        Err(error) if error.is_unreachable() || error.is_wrong_use() => {
                            return Err(error);
                        }
                        Err(error) => Err(Failure::from(error)),
                        Ok(view) if is_for_another_time(&view, options) => {
                            Err(for_another_time(&view))
                        }
                        Ok(view) if !view.is_over() => teller.scheduled(&view),
                        Ok(view) => finish(client, &view, &file, place, &teller, &make).await,
                    }
                }
            };
            if let Err(failure) = done {
                failed = true;
                // Nobody reads standard output any more: there is nobody left to tell.
                let _ = teller.failed(next.sent, &failure);
            }
            open.pop();
        }
        Ok(())
    })
    .await?;
    Ok(if failed { Outcome::SomeFailed } else { Outcome::Done })
}

/// A node of our own has the models of this machine: what is missing is got first.
pub async fn ensure_model(
    options: &JobOptions,
    global: &Global,
    config: &Config,
) -> Result<(), Failure> {
    if global.server.is_some() || crate::config::server_url().is_some() {
        return Ok(());
    }
    let name = options.model.as_deref().unwrap_or(&config.whisper.model);
    models::ensure(name, global, config).await
}

/// Hands a recording in, once, and waits for its job unless that is for later.
async fn run_one(
    client: &Client,
    open: &mut Open,
    options: &JobOptions,
    teller: &mut Teller,
    is_for_later: bool,
) -> Result<JobView, ClientError> {
    let job = match open.sent {
        Some(id) => client.job(id).await?,
        None => {
            let (job, existed) = open.send(client, options).await?;
            open.sent = Some(job.id);
            // Whoever does not read what is told loses nothing of the work.
            let _ = teller.queued(&job, existed);
            job
        }
    };
    if is_for_later || is_for_another_time(&job, options) {
        Ok(job)
    } else {
        follow_to_end(client, job, teller).await
    }
}

/// It was handed in before, for a time that is not the one that is asked for now.
fn is_for_another_time(job: &JobView, options: &JobOptions) -> bool {
    job.scheduled(clock::now()).is_some_and(|at| Some(at) != options.run_at)
}

fn for_another_time(job: &JobView) -> Failure {
    let (id, at) = (job.id, job.scheduled(clock::now()).map(when::shown).unwrap_or_default());
    let error = anyhow::anyhow!("was handed in for {at} already, as job {id}, and stays so");
    let hint = format!("`diarist jobs cancel {id}`, then the same command again");
    Failure::work(error).hint(hint).named("scheduled")
}

/// A recording that is not done yet.
struct Open {
    input: Input,
    /// Of one that is heard again in any case: sent twice over a line that breaks, it is one job all the same.
    /// Without `--force` the server knows a recording by its content.
    key: Option<String>,
    /// Its job; a node that was away knows it when it is back.
    sent: Option<JobId>,
}

impl Open {
    async fn send(
        &self,
        client: &Client,
        options: &JobOptions,
    ) -> Result<(JobView, bool), ClientError> {
        let file = self.input.path();
        let client = self.key.as_ref().map_or_else(|| client.clone(), |key| client.keyed(key));
        if file == Path::new("-") {
            return client.submit_stdin(options).await;
        }
        let modified = file.metadata().and_then(|meta| meta.modified()).ok();
        client.submit_file(file, options, modified.map(clock::to_local)).await
    }
}

/// Watches a job until it is over.
pub async fn follow_to_end(
    client: &Client,
    mut job: JobView,
    teller: &mut Teller,
) -> Result<JobView, ClientError> {
    let mut told = 0;
    teller.waits(client, &job).await;
    // A node that ends closes its streams before it is gone: then the next look finds nobody.
    while !job.is_over() {
        told = watch(client, job.id, told, teller).await?;
        job = client.job(job.id).await?;
    }
    Ok(job)
}

async fn watch(
    client: &Client,
    id: JobId,
    after: i64,
    teller: &mut Teller,
) -> Result<i64, ClientError> {
    let (mut follow, mut told) = (client.follow(id, after), after);
    while let Some(event) = follow.next().await? {
        if event.kind != "state" && !teller.pace.knows_length() {
            teller.pace.is_of(&client.job(id).await?);
        }
        let _ = teller.happened(id, &event);
        if event.kind == "state" && event.data["status"] == "queued" {
            teller.waits(client, &client.job(id).await?).await;
        }
        told = event.id;
    }
    Ok(told)
}

async fn finish(
    client: &Client,
    job: &JobView,
    file: &Path,
    place: &Place,
    teller: &Teller,
    make: &impl AsyncFn(&Client, &JobView) -> Result<Product, Failure>,
) -> Result<(), Failure> {
    ended_well(job)?;
    let product = make(client, job).await?;
    let files = place.put(&product, job, file)?;
    teller.done(job, &product, &files)
}

/// A job that is over and not done has failed, in its own words.
pub fn ended_well(job: &JobView) -> Result<(), Failure> {
    match (job.status.as_str(), &job.error) {
        ("done", _) => Ok(()),
        (_, Some(error)) => {
            let failure = Failure::work(anyhow::anyhow!("{}", error.message)).named(&error.code);
            Err(if error.hint.is_empty() { failure } else { failure.hint(&error.hint) })
        }
        (status, None) => {
            Err(Failure::work(anyhow::anyhow!("job {} is {status}", job.id)).named(status))
        }
    }
}
