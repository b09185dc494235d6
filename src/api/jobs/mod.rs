//! The endpoints of jobs: hand one in, look at it, stop it, follow it, take what it has made.
//! It never decides what a job does next; it asks the engine, and shows what the store says.
//! Start reading at [`JobView`], the job as everyone sees it; then at `create`.

mod amend;
mod audio;
mod cancel;
mod correct;
mod create;
mod demo;
mod failures;
mod feed;
mod follow;
mod journal;
mod list;
mod note;
mod partial;
mod remove;
mod rerun;
mod restore;
mod retry;
mod retry_failed;
mod show;
mod transcript;
mod trash;
mod versions;
mod view;

pub use amend::*;
pub use audio::*;
pub use cancel::*;
pub use correct::*;
pub use create::{
    LINGER, accepted, broken_off, check_length, create_route, discard, file_name, read_options,
    receive, text,
};
pub use demo::*;
pub use failures::*;
pub use feed::*;
pub use follow::*;
pub use journal::{Journal, Page, Told, changed};
pub use list::*;
pub use note::*;
pub use remove::*;
pub use rerun::*;
pub use restore::*;
pub use retry::*;
pub use retry_failed::*;
pub use show::*;
pub use transcript::*;
pub use trash::*;
pub use versions::*;
pub use view::{JobStatus, JobView, Progress};

use super::problem::Problem;
use super::router::Api;
use crate::actors::engine::EngineError;
use crate::api::caller::Caller;
use crate::domain::ids::JobId;
use crate::domain::job::Job;
use crate::store::jobs;

/// The caller's job, or the refusal that there is none.
async fn find(api: &Api, caller: &Caller, id: JobId) -> Result<Job, Problem> {
    let found = jobs::get(api.engine.store(), &caller.tenant, id).await?;
    found.ok_or_else(|| EngineError::UnknownJob { job: id }.into())
}
