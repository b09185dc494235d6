//! Pausing a stage and letting it go on. What stands in the store counts; the dispatcher is only told to look.

use super::audit::audit;
use super::error::EngineError;
use super::shared::Shared;
use crate::clock;
use crate::domain::ids::TenantId;
use crate::domain::job_state::Stage;
use crate::store::stages::{self, Standing};

pub async fn set_paused(
    shared: &Shared,
    tenant: &TenantId,
    stage: Stage,
    is_paused: bool,
) -> Result<Vec<Standing>, EngineError> {
    let action = if is_paused { "pause_stage" } else { "resume_stage" };
    audit(shared, tenant, action, stage.as_str(), write(shared, stage, is_paused)).await
}

async fn write(
    shared: &Shared,
    stage: Stage,
    is_paused: bool,
) -> Result<Vec<Standing>, EngineError> {
    let mut tx = shared.store.write().await?;
    match is_paused {
        true => stages::pause(&mut tx, stage, clock::now()).await?,
        false => stages::resume(&mut tx, stage).await?,
    }
    tx.commit().await?;
    // A supervisor that is being restarted looks at the database when it is back.
    shared.look_for_jobs();
    Ok(stages::standing(&shared.store).await?)
}
