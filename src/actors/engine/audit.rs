//! What people make a node do is written down with how it ended, what was refused as well.

use super::error::EngineError;
use super::shared::Shared;
use crate::clock;
use crate::domain::ids::TenantId;
use crate::store::{StoreError, audit as rows};
use crate::telemetry::chain;

/// A longer name is none of ours.
const TARGET_CHARS_MAX: usize = 200;

/// Does what is asked, and writes down who asked for what, and how it ended. An act that is done and cannot be written
/// down is done nevertheless, and the log says so.
pub async fn audit<T>(
    shared: &Shared,
    tenant: &TenantId,
    action: &str,
    target: &str,
    act: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    let outcome = act.await;
    let told = outcome.as_ref().err().map_or_else(|| "done".to_owned(), ToString::to_string);
    let target: String = target.chars().take(TARGET_CHARS_MAX).collect();
    tracing::info!(tenant = tenant.as_str(), action, target, outcome = told, "an order was given");
    let is_away = |error: &EngineError| matches!(error, EngineError::Store { source } if source.is_transient());
    if outcome.as_ref().is_err_and(is_away) {
        // Whoever has waited for a database that is away does not wait once more.
        tracing::error!(
            action,
            target,
            "an order that the database did not take is not in the audit"
        );
        return outcome;
    }
    if let Err(error) = write(shared, tenant, action, &target, &told).await {
        tracing::error!(action, target, error = chain(&error), "an order is not in the audit");
    }
    outcome
}

async fn write(
    shared: &Shared,
    tenant: &TenantId,
    action: &str,
    target: &str,
    outcome: &str,
) -> Result<(), StoreError> {
    let mut tx = shared.store.write().await?;
    rows::write(&mut tx, tenant, clock::now(), action, target, outcome).await?;
    tx.commit().await
}
