//! `GET /v1/jobs/{id}`: one job as it stands, with its place in line and what is uncertain of it.

use super::find;
use super::view::{JobView, UncertainView, waiting_eta_ms};
use crate::api::caller::Caller;
use crate::api::input::Path;
use crate::api::problem::{Problem, ProblemView};
use crate::api::router::Api;
use crate::clock;
use crate::domain::ids::JobId;
use crate::domain::job_state::JobState;
use crate::store::{claims, llm_calls, pace, stages};
use axum::Json;
use axum::extract::State;

/// Show a job.
#[utoipa::path(get, path = "/v1/jobs/{id}", tag = "jobs",
    params(("id" = JobId, Path, description = "The job to show")),
    responses((status = 200, body = JobView),
        (status = 404, body = ProblemView, content_type = "application/problem+json", description = "No such job")))]
pub async fn show_job(
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<JobId>,
) -> Result<Json<JobView>, Problem> {
    let job = find(&api, &caller, id).await?;
    let store = api.engine.store();
    let mut view = JobView::new(job.clone(), clock::now());
    view.uncertain = UncertainView::of(llm_calls::list(store, &job).await?);
    if let (JobState::Queued(_), Some(stage)) = (&job.state, view.stage) {
        view.stage_paused = stages::paused(store).await?.contains_key(&stage);
    }
    if let Some(ahead) = claims::ahead(store, &job).await? {
        let measured = pace::by_model(store).await?;
        let pace = measured.iter().find(|pace| pace.model == job.model.name);
        let own_ms = job.audio.duration_ms.unwrap_or(0);
        let slots = api.engine.pool().slots;
        view.progress.eta_ms = pace.map(|pace| waiting_eta_ms(ahead, own_ms, pace, slots));
        view.progress.ahead = Some(ahead.jobs);
    }
    Ok(Json(view))
}
