//! What people have made the node do: written once, never changed.

use super::database::{Store, Tx};
use super::error::StoreError;
use super::row::to_time;
use super::values::values;
use crate::domain::Timestamp;
use crate::domain::ids::TenantId;

/// One order that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: i64,
    pub at: Timestamp,
    pub action: String,
    pub target: String,
    pub outcome: String,
}

pub async fn write(
    tx: &mut Tx,
    tenant: &TenantId,
    at: Timestamp,
    action: &str,
    target: &str,
    outcome: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "write the audit",
        "insert into audit (at, tenant, action, target, outcome) values ($1, $2, $3, $4, $5)",
        values![at, tenant, action, target, outcome],
    )
    .await?;
    Ok(())
}

/// The newest entries, or those before one.
pub async fn list(
    store: &Store,
    tenant: &TenantId,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>, StoreError> {
    let rows = store
        .reader()
        .fetch_all(
            "read the audit",
            "select id, at, action, target, outcome from audit where tenant = $1 and id < $2 \
             order by id desc limit $3",
            values![tenant, before.unwrap_or(i64::MAX), limit],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Entry {
                id: row.get("id")?,
                at: to_time(row.get("at")?)?,
                action: row.get("action")?,
                target: row.get("target")?,
                outcome: row.get("outcome")?,
            })
        })
        .collect()
}
