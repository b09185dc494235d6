//! `GET /v1/hardware`: what this machine has to offer a model.

use crate::api::router::Api;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// Figures are 0, and the processor is `unknown`, where the system does not say.
#[derive(Debug, Serialize, ToSchema)]
pub struct HardwareView {
    pub processors: usize,
    pub cpu: String,
    pub memory_bytes: u64,
    pub free_memory_bytes: u64,
    /// On the disk of the data folder.
    pub free_disk_bytes: u64,
    /// Chunks that are transcribed at once.
    pub slots: usize,
    pub gpu: Option<String>,
}

/// Show the machine.
#[utoipa::path(get, path = "/v1/hardware", tag = "node",
    responses((status = 200, body = HardwareView)))]
pub async fn show_hardware(State(api): State<Api>) -> Json<HardwareView> {
    let (machine, free_disk_bytes) = api.engine.machine();
    Json(HardwareView {
        processors: machine.processors,
        cpu: machine.cpu,
        memory_bytes: machine.memory_bytes,
        free_memory_bytes: machine.free_memory_bytes,
        free_disk_bytes,
        slots: api.engine.pool().slots,
        gpu: machine.gpu,
    })
}
