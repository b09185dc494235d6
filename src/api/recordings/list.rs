//! `GET /v1/recordings`: the open recordings, newest first.

use super::view::RecordingView;
use crate::api::caller::Caller;
use crate::api::problem::Problem;
use crate::api::router::Api;
use crate::store::recordings;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
pub struct RecordingList {
    /// All of them: there are never more than `recording.open_max`.
    pub items: Vec<RecordingView>,
}

/// List open recordings.
///
/// Newest first. One that is finished is a job, and listed there.
#[utoipa::path(get, path = "/v1/recordings", tag = "recordings",
    responses((status = 200, body = RecordingList)))]
pub async fn list_recordings(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<RecordingList>, Problem> {
    let open = recordings::list_open(api.engine.store(), &caller.tenant).await?;
    Ok(Json(RecordingList { items: open.into_iter().map(RecordingView::from).collect() }))
}
